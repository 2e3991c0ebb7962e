// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
)

// prometheusCommand starts one where the API server's proxy may go: that refuses
// loopback addresses. What it has to tell was made up.
func prometheusCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: prometheus FIXTURE")
	}
	h, err := promtest.Named(args[0])
	ts.Check(err)
	host, err := hostAddress()
	ts.Check(err)
	server, err := promtest.Run(h.In(ts.Getenv("NS")), "--web.listen-address="+net.JoinHostPort(host, "0"))
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Setenv("PROM", server.URL)
}

// hostAddress returns an IPv4 address of this machine that is not loopback.
func hostAddress() (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String(), nil
		}
	}
	return "", errors.New("expected a network interface with an IPv4 address besides loopback: the API server proxies to no loopback address")
}

// serviceCommand makes a Service with one pod behind it, both of which lead to a
// server of this machine: the API server proxies to addresses of pods only, so the
// pod is given this machine's, and the simulated kubelet forwards its ports there.
// The labels are the Service's alone: scripts that run at the same time ask who
// scrapes, and mean pods with the labels of Prometheus in all namespaces.
func serviceCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: service NAME URL [LABEL=VALUE...]")
	}
	target, err := url.Parse(args[1])
	ts.Check(err)
	labels := []string{"e2e: " + args[0]}
	for _, l := range args[2:] {
		name, value, found := strings.Cut(l, "=")
		if !found {
			ts.Fatalf("%q is no LABEL=VALUE", l)
		}
		labels = append(labels, fmt.Sprintf("%q: %q", name, value))
	}
	applyText(ts, fmt.Sprintf(`apiVersion: v1
kind: Service
metadata: {name: %[1]s, labels: {%[2]s}}
spec:
  selector: {e2e: %[1]s}
  ports: [{name: web, port: 9090, targetPort: web}]
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: PortForward
metadata: {name: %[1]s-0}
spec: {forwards: [{target: {address: "%[3]s", port: %[4]s}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: %[1]s-0, labels: {e2e: %[1]s}}
spec: {containers: [{name: app, image: registry.example.com/%[1]s, ports: [{name: web, containerPort: %[4]s}]}]}
`, args[0], strings.Join(labels, ", "), target.Hostname(), target.Port()))
	ns, pod := ts.Getenv("NS"), "pod/"+args[0]+"-0"
	if len(args) > 2 { // others would find it after its server is gone
		ts.Defer(func() { _ = theBox.kubectl("-n", ns, "delete", "service", args[0], "--ignore-not-found") })
	}
	ts.Check(theBox.kubectl("-n", ns, "wait", "--for=condition=Ready", pod, "--timeout="+patience.String()))
	ts.Check(theBox.kubectl("-n", ns, "patch", pod, "--subresource=status", "--type=merge", "-p",
		fmt.Sprintf(`{"status":{"podIP":%[1]q,"podIPs":[{"ip":%[1]q}]}}`, target.Hostname())))
}

// podlogsCommand tells it what containers of a pod have written.
func podlogsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: podlogs POD FILE [CONTAINER...] [, FILE [CONTAINER...]]...")
	}
	var written []string
	for _, group := range strings.Split(strings.Join(args[1:], "\n"), "\n,\n") {
		words := strings.Split(group, "\n")
		written = append(written, fmt.Sprintf("{containers: [%s], logsFile: %q, follow: true}", strings.Join(words[1:], ", "), ts.MkAbs(words[0])))
	}
	applyText(ts, fmt.Sprintf(`apiVersion: kwok.x-k8s.io/v1alpha1
kind: Logs
metadata: {name: %s}
spec: {logs: [%s]}
`, args[0], strings.Join(written, ", ")))
}

// applyText applies manifests to $NS, whoever the script is at the moment.
func applyText(ts *testscript.TestScript, text string) {
	ts.Check(theBox.apply(context.Background(), ts.Getenv("NS"), text))
}
