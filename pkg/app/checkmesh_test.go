// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// TestMeshMistakes says what is wrong, where and what to type instead.
func TestMeshMistakes(t *testing.T) {
	for _, c := range meshMistakes {
		s := api.System{
			Metadata: api.SystemMeta{Name: "sys"}, Platform: api.Platform{Mesh: "sidecar"},
			Services: map[string]api.SystemService{
				"web":   {Image: "a:1", Kind: "worker", DependsOn: []api.Dependency{{Service: "users"}}},
				"users": {Image: "a:1", Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}},
			},
		}
		change(s, "users", func(users *api.SystemService) { c.make(&s, users) })
		_, err := app.Generate(s, app.Options{})
		if diff := cmp.Diff(strings.TrimSpace(c.want), joined(messages(err))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

var onlyGET = []api.Allow{{From: "web", Methods: []string{"GET"}}}

var meshMistakes = []struct {
	name string
	make func(*api.System, *api.SystemService)
	want string
}{
	{"nothing is wrong", func(_ *api.System, s *api.SystemService) {
		s.Allow, s.Traffic = onlyGET, api.Traffic{Timeout: "3s", Retries: &api.Retries{Attempts: 2, PerTry: "1s"}}
	}, ``},
	{"no mesh narrows", func(y *api.System, s *api.SystemService) { y.Platform.Mesh, s.Allow = "", onlyGET },
		`expected a mesh for allow, which nothing else carries out, found none | platform: {mesh: sidecar}, or ambient`},
	{"no mesh waits", func(y *api.System, s *api.SystemService) { y.Platform.Mesh, s.Traffic.Timeout = "none", "3s" },
		`expected a mesh for traffic, which nothing else carries out, found none | platform: {mesh: sidecar}, or ambient`},
	{"who does not depend", func(_ *api.System, s *api.SystemService) {
		s.Allow = []api.Allow{{From: "users", Paths: []string{"/a"}}, {From: "wbe", Paths: []string{"/a"}}}
	}, `
expected a service that depends on users, found "users" | services: {users: {dependsOn: [users]}}
expected a service that depends on users, found "wbe" | these do: web`},
	{"nothing is narrowed", func(_ *api.System, s *api.SystemService) { s.Allow = []api.Allow{{From: "web"}} },
		`expected methods or paths that web may ask for, found none | methods: [GET], paths: [/users], or leave the entry out`},
	{"methods and paths", func(_ *api.System, s *api.SystemService) {
		s.Allow = []api.Allow{{From: "web", Methods: []string{"get"}, Paths: []string{"users", "/users*", "/a/*/b", "/u?x", "/users/*", "*.css", "*", "/u/{*}/x"}}}
	}, `
expected a method of HTTP in upper case, found "get" | GET
expected a path as AuthorizationPolicies write it (/users, /users/*), found "users" | /users
expected a path as AuthorizationPolicies write it (/users, /users/*), found "/users*" | /users and /users/*: this is also for /usersx
expected a path as AuthorizationPolicies write it (/users, /users/*), found "/a/*/b" | a * at the end or at the beginning, or {*} for one part of the path
expected a path as AuthorizationPolicies write it (/users, /users/*), found "/u?x" | /users`},
	{"connections show no requests", func(_ *api.System, s *api.SystemService) {
		s.Ports, s.Allow = map[string]api.SystemPort{"redis": {Port: 6379}}, onlyGET
	}, `expected calls of HTTP, of which a mesh sees methods and paths, found port redis of users | appProtocol: http, if that is what is spoken`},
	{"gRPC posts", func(_ *api.System, s *api.SystemService) {
		s.Ports, s.Allow = map[string]api.SystemPort{"grpc": {Port: 9000}}, onlyGET
	}, `expected the method POST of gRPC calls on port grpc, found GET | leave methods out; paths are /package.Service/Method`},
	{"open to everybody", func(_ *api.System, s *api.SystemService) { s.Open, s.Allow = true, onlyGET },
		`expected callers of users that are known, so that some may be narrowed, found open: true, which lets in everybody | leave out open: true`},
	{"open to the world", func(_ *api.System, s *api.SystemService) { s.ServiceType, s.Allow = "NodePort", onlyGET },
		`expected callers of users that are known, so that some may be narrowed, found serviceType: NodePort, which lets in everybody | leave out serviceType: NodePort`},
	{"callers choose a pod", func(y *api.System, s *api.SystemService) {
		y.Platform.Mesh, s.Headless, s.Allow = "ambient", true, onlyGET
	},
		`expected a Service with an address for allow, found a headless one, whose callers choose a pod themselves | leave headless out`},
	{"narrowed at its sidecar", func(_ *api.System, s *api.SystemService) { s.Headless, s.Allow = true, onlyGET }, ``},
	{"stateful is headless", func(_ *api.System, s *api.SystemService) { s.Kind, s.Traffic.MaxConnections = "stateful", 10 },
		`expected a Service with an address for traffic, found a headless one, whose callers choose a pod themselves | leave headless out`},
	{"durations", func(_ *api.System, s *api.SystemService) {
		s.Traffic = api.Traffic{Timeout: "15", Outlier: &api.Outlier{Interval: "-1s", Eject: "1us", Errors: -1, MaxPercent: 101}}
	}, `
expected a duration of whole milliseconds up to 24h, found "15" | 15s
expected a duration of whole milliseconds up to 24h, found "-1s" | 15s
expected a duration of whole milliseconds up to 24h, found "1us" | 15s
expected a number of errors from 1 on, found -1 | 5
expected from 1 to 100 percent of the pods, found 101 | 50`},
	{"tries do not fit", func(_ *api.System, s *api.SystemService) {
		s.Traffic = api.Traffic{Timeout: "3s", Retries: &api.Retries{Attempts: 2, PerTry: "2s"}, LoadBalancer: "LEAST_CONN", MaxConnections: -1}
	}, `
expected a way to choose a pod (LEAST_REQUEST, ROUND_ROBIN, RANDOM), found "LEAST_CONN"
expected a number of connections from 1 on, found -1 | 100
expected 3 tries of 2s to fit into the timeout of 3s: it spans them all | 1s`},
	{"no tries", func(_ *api.System, s *api.SystemService) { s.Traffic.Retries = &api.Retries{} },
		`expected from 1 to 10 tries more, found 0 | 2`},
	{"a waypoint tries by itself", func(y *api.System, s *api.SystemService) {
		y.Platform.Mesh, s.Traffic.Retries = "ambient", &api.Retries{Attempts: 1}
	}, `expected no retries in an ambient mesh, where HTTPRoutes have none on all clusters | leave them out: a waypoint tries twice again by itself when it gets no connection`},
	{"connections have no timeout", func(_ *api.System, s *api.SystemService) {
		s.Ports, s.Traffic.Timeout = map[string]api.SystemPort{"redis": {Port: 6379}}, "3s"
	}, `expected a port on which HTTP is spoken, for timeouts and retries, found none | ports: {http: 8080}, or appProtocol: http`},
	{"weights behind an Ingress", func(y *api.System, s *api.SystemService) {
		y.Platform.Ingress.API, s.Expose = "ingress", &api.Expose{Host: "a.example.com"}
		s.Versions = map[string]api.ServiceVersion{"v1": {Weight: 100}}
	}, `expected a Gateway in front of versions, as an Ingress knows no weights, found api: ingress | platform: {ingress: {api: gateway}}`},
	{"weights of connections", func(y *api.System, s *api.SystemService) {
		y.Platform.Mesh = "ambient"
		s.Ports = map[string]api.SystemPort{"redis": {Port: 6379}, "dns": {Port: 53, Protocol: "UDP"}}
		s.Versions = map[string]api.ServiceVersion{"v1": {Weight: 100}}
	}, `
expected TCP ports of a service with versions, found dns, which is UDP | version: v2
expected ports on which HTTP is spoken, to divide requests between versions, found redis | appProtocol: http, if that is what is spoken; mesh: sidecar divides connections`},
	{"the name of the waypoint", func(y *api.System, _ *api.SystemService) {
		y.Platform.Mesh, y.Services["waypoint"] = "ambient", api.SystemService{Image: "a:1", Kind: "worker"}
	}, `expected another name than that of the proxy that istiod makes, found "waypoint" | waypoint-api`},
	{"names of derived objects", func(y *api.System, s *api.SystemService) {
		y.Platform.Mesh, s.Allow = "ambient", onlyGET
		ports := map[string]api.SystemPort{"http": {Port: 80}}
		y.Services["users-waypoint"] = api.SystemService{Image: "a:1", Ports: ports}
		y.Services["users-http"] = api.SystemService{Image: "a:1", Ports: ports, Expose: &api.Expose{Host: "a.example.com"}}
	}, `
expected no service of the name of an HTTPRoute of users, found users-http | give one of them another name
expected no service of the name of a policy of users, found users-waypoint | give one of them another name`},
	{"one path for two", func(y *api.System, s *api.SystemService) {
		y.Platform.Ingress = api.Ingress{API: "istio", Host: "a.example.com"}
		s.Expose = &api.Expose{Paths: []string{"/a", "/b/"}, TLSSecret: "one"}
		y.Services["posts"] = api.SystemService{Image: "a:1", Ports: s.Ports, Expose: &api.Expose{Host: "a.example.com", Paths: []string{"/b"}, TLSSecret: "two"}}
	}, `
expected each path of a host once, found a.example.com/b for posts and for users | give one of them another path
expected one certificate of host a.example.com, found two of posts and one of users | two`},
}
