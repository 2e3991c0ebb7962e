// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// TestShop compares a system of services that call each other.
func TestShop(t *testing.T) {
	golden(t, "shop.yaml", app.YAML(generate(t, shop(), app.Options{}).Objects...))
}

// mentions are the objects of a service that name another one.
func mentions(set app.Set, of, other string) []string {
	var out []string
	for _, o := range set.Objects {
		name := o["metadata"].(map[string]any)["name"].(string)
		if name == of && strings.Contains(string(app.YAML(o)), other) {
			out = append(out, o["kind"].(string))
		}
	}
	return out
}

// TestEdge says a call once, finds it wherever it matters, and finds nothing of
// it when it is not said any longer.
func TestEdge(t *testing.T) {
	for mesh, want := range map[string][]string{
		"none": {"NetworkPolicy"}, "sidecar": {"AuthorizationPolicy", "NetworkPolicy"}, "ambient": {"AuthorizationPolicy", "NetworkPolicy"},
	} {
		s := shop()
		s.Platform.Mesh = mesh
		set := generate(t, s, app.Options{})
		if diff := cmp.Diff(want, mentions(set, "users", "orders")); diff != "" {
			t.Errorf("%s: the callee (-want +got):\n%s", mesh, diff)
		}
		want := []string{"ConfigMap", "NetworkPolicy", "Deployment"}
		if mesh == "sidecar" {
			want = slices.Insert(want, 2, "Sidecar")
		}
		if diff := cmp.Diff(want, mentions(set, "orders", "users")); diff != "" {
			t.Errorf("%s: the caller (-want +got):\n%s", mesh, diff)
		}
		orders := s.Services["orders"]
		orders.DependsOn = nil
		s.Services["orders"] = orders
		set = generate(t, s, app.Options{})
		if left := slices.Concat(mentions(set, "users", "orders"), mentions(set, "orders", "users")); len(left) > 0 {
			t.Errorf("%s: without the call, it is still in %v", mesh, left)
		}
	}
}

// TestCycle warns of each circle once, and generates.
func TestCycle(t *testing.T) {
	ports := map[string]api.SystemPort{"http": {Port: 80}}
	service := func(calls ...string) api.SystemService {
		out := api.SystemService{Image: "a:1", Ports: ports, Health: api.Health{Live: "/a", Ready: "/b"}, Open: true}
		for _, name := range calls {
			out.DependsOn = append(out.DependsOn, api.Dependency{Service: name})
		}
		return out
	}
	set := generate(t, api.System{Metadata: api.SystemMeta{Name: "s"}, Services: map[string]api.SystemService{
		"a": service("b"), "b": service("c", "d"), "c": service("a"), "d": service("e"), "e": service("d"), "f": service("a"),
	}}, app.Options{})
	var got []string
	for _, w := range set.Warnings {
		got = append(got, w.Text)
	}
	want := []string{"a, b, c call each other in a circle: a -> b -> c -> a", "d, e call each other in a circle: d -> e -> d"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAddress tells the caller in the form that it asks for.
func TestAddress(t *testing.T) {
	for format, want := range map[string][2]string{
		"": {"USERS_URL", "http://users.s.svc.cluster.local:80"}, "url": {"USERS_URL", "http://users.s.svc.cluster.local:80"},
		"host": {"USERS_HOST", "users.s.svc.cluster.local"}, "hostport": {"USERS_ADDR", "users.s.svc.cluster.local:80"}, "port": {"USERS_PORT", "'80'"},
	} {
		set := generate(t, api.System{Metadata: api.SystemMeta{Name: "s"}, Services: map[string]api.SystemService{
			"web":   {Image: "a:1", Kind: "worker", DependsOn: []api.Dependency{{Service: "users", Format: format}}},
			"users": {Image: "a:1", Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}},
		}}, app.Options{})
		text := string(app.YAML(set.Objects...))
		key := strings.ToLower(strings.ReplaceAll(want[0], "_", "-"))
		if !strings.Contains(text, "  "+key+": "+want[1]+"\n") || !strings.Contains(text, "- name: "+want[0]+"\n") {
			t.Errorf("%q: no %s of %s in\n%s", format, want[0], want[1], text)
		}
	}
}
