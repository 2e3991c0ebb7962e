// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
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

// Between two looks pods go and others come: the ones asked are those of each look.
func TestSidecarsAnew(t *testing.T) {
	server := apitest.New(t, pod("old", false, true))
	config := filepath.Join(t.TempDir(), "config")
	write(t, config, "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"+
		"clusters: [{name: c, cluster: {server: '"+server.Config().Host+"'}}]\nusers: [{name: u, user: {}}]\n")
	f, _ := factory(t)
	t.Setenv("KUBECONFIG", config)
	x, err := open(t, f, "--source", "envoy", "--scrape-interval", "1s")
	if err != nil {
		t.Fatal(said(err))
	}
	if longer, err := x.Over(t.Context(), time.Hour); err != nil || longer != x {
		t.Errorf("the window is the time between two scrapes: %+v, %v", longer, err)
	}
	from := 0
	asked := func(kind fault.Kind, want ...string) {
		t.Helper()
		// Nobody answers here: that it was tried is enough.
		if _, err := x.Ask(t.Context(), signals.Query{Profile: x.Profiles[0]}); fault.KindOf(err) != kind {
			t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
		}
		var got []string
		all := server.Requests()
		for _, r := range all[from:] {
			if _, path, found := strings.Cut(r, "/namespaces/shop/pods/"); found && !slices.Contains(got, path) {
				got = append(got, path)
			}
		}
		from = len(all)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
	}
	asked(fault.Failed, "old/portforward")
	server.Remove(ref.Ref{Kind: "Pod", Namespace: "shop", Name: "old"})
	server.Put(pod("new.1", false, true))
	server.Put(pod("new.2", false, true))
	asked(fault.Failed, "new.1/portforward", "new.2/portforward")
	server.Remove(ref.Ref{Kind: "Pod", Namespace: "shop", Name: "new.1"})
	server.Remove(ref.Ref{Kind: "Pod", Namespace: "shop", Name: "new.2"})
	asked(fault.Undecided)
	server.Put(pod("back", false, true))
	asked(fault.Failed, "back/portforward")
}
