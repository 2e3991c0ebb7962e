// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// pod is one with a sidecar, as a container or as a native one.
func pod(name string, native, ready bool) map[string]any {
	app, proxy := map[string]any{"name": "app", "image": "a"}, map[string]any{"name": "istio-proxy", "image": "p"}
	spec := map[string]any{"containers": []any{app, proxy}}
	if native {
		spec = map[string]any{"containers": []any{app}, "initContainers": []any{proxy}}
	}
	status := map[bool]string{true: "True", false: "False"}[ready]
	return map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"namespace": "shop", "name": name}, "spec": spec,
		"status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": status}}},
	}
}

func TestSidecars(t *testing.T) {
	server := apitest.New(t, pod("late", false, false))
	config := filepath.Join(t.TempDir(), "config")
	write(t, config, "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"+
		"clusters: [{name: c, cluster: {server: '"+server.Config().Host+"'}}]\nusers: [{name: u, user: {}}]\n")
	f, stderr := factory(t)
	t.Setenv("KUBECONFIG", config)
	if _, err := open(t, f, "--source", "envoy"); fault.KindOf(err) != fault.Undecided || !strings.Contains(said(err), "expected ready pods with the container istio-proxy") {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
	if _, err := open(t, f, "--source", "envoy", "--profile", "spring"); fault.KindOf(err) != fault.Usage || !strings.Contains(said(err), "--profile istio alone") {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
	for i := range 51 {
		server.Put(pod(fmt.Sprintf("cart-%02d", i), i%2 == 0, true))
	}
	x, err := open(t, f, "--source", "envoy", "--scrape-interval", "3s")
	if err != nil {
		t.Fatal(said(err))
	}
	if x.Name != "envoy" || x.Profiles[0].Name != "istio" || x.Window != 3*time.Second || x.Prometheus != nil {
		t.Errorf("%+v", x)
	}
	if !strings.Contains(stderr.String(), "warning: 50 of 51 pods are asked") {
		t.Error(stderr)
	}
}
