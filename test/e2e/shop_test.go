// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// injected is the native sidecar that Istio would inject: the control plane of the
// tests has no istiod.
const injected = `
      initContainers:
        - name: istio-proxy
          image: registry.example.com/proxyv2:1.31
          restartPolicy: Always
          securityContext:
            runAsNonRoot: true
            runAsUser: 1337
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
      containers:
`

// shopFiles is examples/shop-by-hand by file name, made for a namespace, with its
// Prometheus in NAMESPACE-monitoring and a proxy in each pod.
func shopFiles(ns string) (map[string]string, error) {
	rename := strings.NewReplacer(
		"namespace: shop\n", "namespace: "+ns+"\n", "kind: Namespace\nmetadata:\n  name: shop\n", "kind: Namespace\nmetadata:\n  name: "+ns+"\n",
		"/ns/shop/", "/ns/"+ns+"/", ".shop.svc", "."+ns+".svc", "metadata.name: monitoring\n", "metadata.name: "+ns+"-monitoring\n",
	)
	files, err := filepath.Glob(filepath.Join(root, "examples", "shop-by-hand", "*.yaml"))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		text := rename.Replace(string(data))
		if !strings.Contains(text, "name: istio-proxy\n") { // the gateway is a proxy
			text = strings.ReplaceAll(text, "\n      containers:\n", injected)
		}
		out[filepath.Base(file)] = text
	}
	return out, nil
}

// shopCommand writes examples/shop-by-hand to shop/, made for the namespace $NS, and
// applies it.
func shopCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: shop")
	}
	files, err := shopFiles(ts.Getenv("NS"))
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs("shop"), 0o755))
	for name, text := range files {
		ts.Check(os.WriteFile(filepath.Join(ts.MkAbs("shop"), name), []byte(text), 0o644))
	}
	ts.Check(ts.Exec("kubectl", "apply", "-f", "shop"))
	readyCommand(ts, false, nil)
}
