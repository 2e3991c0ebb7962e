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

// shopCommand writes examples/shop-by-hand to shop/, made for the namespace $NS, with
// its Prometheus in $NS-monitoring and a proxy in each pod, and applies it.
func shopCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: shop")
	}
	ns := ts.Getenv("NS")
	rename := strings.NewReplacer(
		"namespace: shop\n", "namespace: "+ns+"\n", "kind: Namespace\nmetadata:\n  name: shop\n", "kind: Namespace\nmetadata:\n  name: "+ns+"\n",
		"/ns/shop/", "/ns/"+ns+"/", ".shop.svc", "."+ns+".svc", "metadata.name: monitoring\n", "metadata.name: "+ns+"-monitoring\n",
	)
	files, err := filepath.Glob(filepath.Join(root, "examples", "shop-by-hand", "*.yaml"))
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs("shop"), 0o755))
	for _, file := range files {
		data, err := os.ReadFile(file)
		ts.Check(err)
		text := rename.Replace(string(data))
		if !strings.Contains(text, "name: istio-proxy\n") { // the gateway is a proxy
			text = strings.ReplaceAll(text, "\n      containers:\n", injected)
		}
		ts.Check(os.WriteFile(filepath.Join(ts.MkAbs("shop"), filepath.Base(file)), []byte(text), 0o644))
	}
	ts.Check(ts.Exec("kubectl", "apply", "-f", "shop"))
	readyCommand(ts, false, nil)
}
