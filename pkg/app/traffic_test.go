// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// called is a service that a worker calls, in a mesh.
func called(mesh string, s api.SystemService) api.System {
	s.Image = "a:1"
	return api.System{
		Metadata: api.SystemMeta{Name: "sys"}, Platform: api.Platform{Mesh: mesh},
		Services: map[string]api.SystemService{"users": s, "web": {Image: "a:1", Kind: "worker", DependsOn: []api.Dependency{{Service: "users"}}}},
	}
}

// object is one of a set; nil where it is not.
func object(set app.Set, kind, name string) map[string]any {
	i := slices.IndexFunc(set.Objects, func(o map[string]any) bool { return o["kind"] == kind && at(o, "/metadata/name") == name })
	if i < 0 {
		return nil
	}
	return set.Objects[i]
}

// TestOnlyWhatIsAsked shapes nothing by default, and each thing by itself.
func TestOnlyWhatIsAsked(t *testing.T) {
	ports := map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}
	shaping := []string{"VirtualService", "DestinationRule", "HTTPRoute", "Gateway"}
	for _, c := range []struct {
		name, mesh string
		s          api.SystemService
		want       []string
	}{
		{"nothing", "sidecar", api.SystemService{}, nil},
		{"nothing", "ambient", api.SystemService{}, nil},
		{"timeout", "sidecar", api.SystemService{Traffic: api.Traffic{Timeout: "1s"}}, []string{"VirtualService/users"}},
		{"timeout", "ambient", api.SystemService{Traffic: api.Traffic{Timeout: "1s"}}, []string{"Gateway/waypoint", "HTTPRoute/users-http"}},
		{"pods", "sidecar", api.SystemService{Traffic: api.Traffic{LoadBalancer: "RANDOM"}}, []string{"DestinationRule/users"}},
		{"pods", "ambient", api.SystemService{Traffic: api.Traffic{Outlier: &api.Outlier{}}}, []string{"Gateway/waypoint", "DestinationRule/users"}},
		{"requests", "sidecar", api.SystemService{Allow: onlyGET}, nil},
		{"requests", "ambient", api.SystemService{Allow: onlyGET}, []string{"Gateway/waypoint"}},
		{"versions", "sidecar", api.SystemService{Versions: map[string]api.ServiceVersion{"v1": {Weight: 100}}}, []string{"DestinationRule/users", "VirtualService/users"}},
		{"versions", "ambient", api.SystemService{Versions: map[string]api.ServiceVersion{"v1": {Weight: 100}}}, []string{"Gateway/waypoint", "HTTPRoute/users-http"}},
	} {
		c.s.Ports = ports
		var got []string
		for _, o := range generate(t, called(c.mesh, c.s), app.Options{}).Objects {
			if kind := o["kind"].(string); slices.Contains(shaping, kind) {
				got = append(got, kind+"/"+at(o, "/metadata/name").(string))
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.name, c.mesh, diff)
		}
	}
}

// TestNobodyCalls has no waypoint for a service that only the gateway calls, which
// goes around it, and times out what comes from there all the same.
func TestNobodyCalls(t *testing.T) {
	s := called("ambient", api.SystemService{Ports: map[string]api.SystemPort{"http": {Port: 80}}, Expose: &api.Expose{Host: "a.example.com"}, Traffic: api.Traffic{Timeout: "1s"}})
	delete(s.Services, "web")
	set := generate(t, s, app.Options{})
	if object(set, "Gateway", "waypoint") != nil || at(object(set, "Service", "users"), "/metadata/labels/istio.io~1use-waypoint") != nil {
		t.Error("there is a waypoint")
	}
	if got := at(object(set, "HTTPRoute", "users"), "/spec/rules/0/timeouts/request"); got != "1s" {
		t.Errorf("the gateway waits for %v, want 1s", got)
	}
}

// TestDurations writes them as each API reads them.
func TestDurations(t *testing.T) {
	for text, want := range map[string][2]string{
		"15s": {"15s", "15s"}, "1500ms": {"1.500s", "1s500ms"}, "1m30s": {"90s", "1m30s"}, "90000ms": {"90s", "1m30s"}, "1.5h": {"5400s", "1h30m"}, "24h": {"86400s", "24h"}, "1ms": {"0.001s", "1ms"},
	} {
		s := api.SystemService{Ports: map[string]api.SystemPort{"http": {Port: 80}}, Traffic: api.Traffic{Timeout: text}}
		istio := at(object(generate(t, called("sidecar", s), app.Options{}), "VirtualService", "users"), "/spec/http/0/timeout")
		gateway := at(object(generate(t, called("ambient", s), app.Options{}), "HTTPRoute", "users-http"), "/spec/rules/0/timeouts/request")
		if istio != want[0] || gateway != want[1] {
			t.Errorf("%s: %v and %v, want %v", text, istio, gateway, want)
		}
	}
}

// TestNoWeight writes a weight of 0 too: a destination that has none beside others
// that have one looks forgotten.
func TestNoWeight(t *testing.T) {
	s := api.SystemService{
		Versions: map[string]api.ServiceVersion{"v1": {Weight: 100}, "v2": {Weight: 0}},
		Ports:    map[string]api.SystemPort{"http": {Port: 80}, "tcp": {Port: 90}},
	}
	set := generate(t, called("sidecar", s), app.Options{})
	for _, kind := range []string{"http", "tcp"} {
		for i, want := range []int64{100, 0} {
			where := fmt.Sprintf("/spec/%s/0/route/%d/weight", kind, i)
			if got := at(object(set, "VirtualService", "users"), where); got != want {
				t.Errorf("%s: expected %d, found %v", where, want, got)
			}
		}
	}
}

// TestTwoPorts keeps the ports of a service apart: in routes, and in rules of a
// waypoint, which is not documented to know either of their numbers.
func TestTwoPorts(t *testing.T) {
	two := api.SystemService{Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}, "grpc": {Port: 9000}}, Traffic: api.Traffic{Timeout: "1s"}}
	s := called("sidecar", two)
	routes := at(object(generate(t, s, app.Options{}), "VirtualService", "users"), "/spec/http").([]any)
	var got []any
	for _, r := range routes {
		got = append(got, at(r.(map[string]any), "/match/0/port"), at(r.(map[string]any), "/route/0/destination/port/number"))
	}
	if diff := cmp.Diff([]any{int64(9000), int64(9000), int64(80), int64(80)}, got); diff != "" {
		t.Errorf("matched and routed to (-want +got):\n%s", diff)
	}
	s = called("ambient", two)
	s.Services["bot"] = api.SystemService{Image: "a:1", Kind: "worker", DependsOn: []api.Dependency{{Service: "users", Port: "grpc"}}}
	rules := at(object(generate(t, s, app.Options{}), "AuthorizationPolicy", "users-waypoint"), "/spec/rules").([]any)
	got = nil
	for _, r := range rules {
		got = append(got, at(r.(map[string]any), "/to/0/operation/ports"))
	}
	if diff := cmp.Diff([]any{[]any{"9000"}, []any{"80", "8080"}}, got); diff != "" {
		t.Errorf("ports at the waypoint (-want +got):\n%s", diff)
	}
}

// TestConnections divides the connections of a protocol that is not HTTP.
func TestConnections(t *testing.T) {
	s := called("sidecar", api.SystemService{
		Ports:    map[string]api.SystemPort{"redis": {Port: 6379}},
		Versions: map[string]api.ServiceVersion{"v1": {Weight: 70}, "v2": {Weight: 30}},
	})
	vs := object(generate(t, s, app.Options{}), "VirtualService", "users")
	want := []any{
		map[string]any{"destination": map[string]any{"host": "users.sys.svc.cluster.local", "port": map[string]any{"number": int64(6379)}, "subset": "v1"}, "weight": int64(70)},
		map[string]any{"destination": map[string]any{"host": "users.sys.svc.cluster.local", "port": map[string]any{"number": int64(6379)}, "subset": "v2"}, "weight": int64(30)},
	}
	if diff := cmp.Diff(want, at(vs, "/spec/tcp/0/route")); diff != "" || at(vs, "/spec/http") != nil {
		t.Errorf("http is %v; tcp (-want +got):\n%s", at(vs, "/spec/http"), diff)
	}
}

// TestEntries has one ServiceEntry for a host, with all ports that are called, and
// addresses as Istio resolves them.
func TestEntries(t *testing.T) {
	s := called("sidecar", api.SystemService{Ports: map[string]api.SystemPort{"http": {Port: 80}}})
	s.External = map[string]api.External{
		"a": {Host: "api.example.com", Port: 443}, "b": {Host: "api.example.com", Port: 80, Protocol: "http"}, "c": {Host: "net.example.com", Port: 5000, Protocol: "tcp", Addresses: []string{"198.51.100.0/24"}},
		"d": {Host: "one.example.com", Port: 5000, Protocol: "tcp", Addresses: []string{"192.0.2.1"}}, "unused": {Host: "unused.example.com", Port: 443},
	}
	change(s, "web", func(s *api.SystemService) {
		for _, name := range []string{"a", "b", "c", "d"} {
			s.DependsOn = append(s.DependsOn, api.Dependency{Service: name})
		}
	})
	set := generate(t, s, app.Options{})
	for name, want := range map[string][]any{
		"a": {"DNS", nil, nil, int64(80), int64(443)}, "c": {"NONE", []any{"198.51.100.0/24"}, nil, int64(5000), nil}, "d": {"STATIC", []any{"192.0.2.1"}, "192.0.2.1", int64(5000), nil},
	} {
		e := object(set, "ServiceEntry", name)
		got := []any{at(e, "/spec/resolution"), at(e, "/spec/addresses"), at(e, "/spec/endpoints/0/address"), at(e, "/spec/ports/0/number"), at(e, "/spec/ports/1/number")}
		if diff := cmp.Diff(want, got); diff != "" || at(e, "/spec/location") != "MESH_EXTERNAL" {
			t.Errorf("%s is %v (-want +got):\n%s", name, at(e, "/spec/location"), diff)
		}
	}
	if object(set, "ServiceEntry", "b") != nil || object(set, "ServiceEntry", "unused") != nil {
		t.Error("there is an entry for a second port, or for what nobody calls")
	}
}
