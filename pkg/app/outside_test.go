// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"slices"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// pharmacy is a service that calls what this system does not run.
func pharmacy() api.System {
	return api.System{
		Metadata: api.SystemMeta{Name: "pharmacy"},
		External: map[string]api.External{
			"payments": {Host: "api.example.com", Port: 443},
			"fax":      {Host: "fax.example.com", Port: 8080, Protocol: "tcp", Addresses: []string{"203.0.113.7", "198.51.100.0/24", "2001:db8::7"}},
			"legacy":   {Host: "192.0.2.1", Port: 80, Protocol: "http"},
		},
		Backing: map[string]api.Backing{
			"orders-db": {Host: "pg.data.svc", Port: 5432, Target: 6432, Protocol: "postgres", Labels: map[string]string{"cluster": "pg"}},
			"cache":     {Host: "redis.data.svc.cluster.local", Port: 6379, Protocol: "redis"},
		},
		Services: map[string]api.SystemService{"web": {
			Image: "registry.example.com/web:1" + digest, Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Open: true,
			DependsOn: []api.Dependency{
				{Service: "payments"}, {Service: "payments", Format: "host"}, {Service: "fax", Format: "hostport"}, {Service: "legacy"},
				{Service: "orders-db", Env: "dbUrl"}, {Service: "cache", Format: "port"},
			},
		}},
	}
}

// TestOutside lets a caller out to what is outside and tells it where that is.
func TestOutside(t *testing.T) {
	golden(t, "outside.yaml", kinds(generate(t, pharmacy(), app.Options{}), "ConfigMap", "NetworkPolicy", "Deployment"))
}

// kinds writes the objects of some kinds.
func kinds(set app.Set, names ...string) []byte {
	return app.YAML(slices.DeleteFunc(slices.Clone(set.Objects), func(o map[string]any) bool {
		return !slices.Contains(names, o["kind"].(string))
	})...)
}

// TestOutsideErrors gives what is wrong with it a place.
func TestOutsideErrors(t *testing.T) {
	const web = "services:\n  web: {image: 'web:1', ports: {http: 80}, dependsOn: [pay]}\n"
	errorTable(t, []errorCase{
		{"near", web + "external: {pays: {host: a.example.com, port: 443}}\n", `m.yaml:5:56: expected a service, an external or a backing that web calls, found "pay" | did you mean pays?`},
		{"far", web + "backing: {cache: {host: a.b.svc, port: 443}}\n", `m.yaml:5:56: expected a service, an external or a backing that web calls, found "pay" | there are cache`},
		{"none", web, `m.yaml:5:56: expected a service, an external or a backing that web calls, found "pay" | have it under services, external or backing`},
		{"of a service", "external: {web: {host: a.example.com, port: 443}, pay: {host: b.example.com, port: 1}}\n" + web, `m.yaml:4:12: expected another name than that of a service, found "web" | web-api`},
		{"both", "external: {pay: {host: a.example.com, port: 443}}\nbacking: {pay: {host: a.b.svc, port: 443}}\n" + web, `m.yaml:5:11: expected another name than that of an external, found "pay" | pay-store`},
		{"name", "external: {Pay: {host: a.example.com, port: 443}, pay: {host: b.example.com, port: 1}}\n" + web, `m.yaml:4:12: expected a name (at most 63 lower-case letters, digits and -), found "Pay" | pay`},
		{"host", "external: {pay: {host: localhost, port: 443}}\n" + web, `m.yaml:4:18: expected a full host name, found "localhost" | api.example.com`},
		{"URL", "external: {pay: {host: 'https://a.b', port: 443}}\n" + web, `m.yaml:4:18: expected a full host name, found "https://a.b" | api.example.com`},
		{"no host", "external: {pay: {port: 443}}\n" + web, `m.yaml:4:12: expected a full host name, found "" | api.example.com`},
		{"in the cluster", "external: {pay: {host: a.b.svc.cluster.local, port: 443}}\n" + web, `m.yaml:4:18: expected a host outside of the cluster, found "a.b.svc.cluster.local" | have it under backing`},
		{"address in a mesh", "platform: {mesh: ambient}\nexternal: {pay: {host: 192.0.2.1, port: 443}}\n" + web, `m.yaml:5:18: expected a host name, as a mesh knows what is outside by name, found the address "192.0.2.1" | host: NAME.example.com, addresses: [192.0.2.1]`},
		{"port", "external: {pay: {host: a.b, port: 0}}\n" + web, "m.yaml:4:29: expected a port from 1 to 65535, found 0 | 443"},
		{"protocol", "external: {pay: {host: a.b, port: 1, protocol: htps}}\n" + web, `m.yaml:4:38: expected what is spoken (https, http, grpc, tls, tcp), found "htps" | did you mean https?`},
		{"address", "external: {pay: {host: a.b, port: 1, addresses: [a.b]}}\n" + web, `m.yaml:4:50: expected an address or a network, found "a.b" | 203.0.113.7 or 203.0.113.0/24`},
		{"network", "external: {pay: {host: a.b, port: 1, addresses: [10.1.2.3/8]}}\n" + web, `m.yaml:4:50: expected a network without bits of a host, found "10.1.2.3/8" | 10.0.0.0/8`},
		{"its port", "external: {pay: {host: a.b, port: 1}}\n" + "services:\n  web: {image: 'web:1', ports: {http: 80}, dependsOn: [{service: pay, port: https}]}\n", `m.yaml:6:71: expected no name of a port of pay, which has one port, found "https" | leave it out`},
		{"store", "backing: {pay: {host: pg.data, port: 1}}\n" + web, `m.yaml:4:17: expected a Service as NAME.NAMESPACE.svc, found "pg.data" | pg.data.svc; what is not in the cluster goes under external`},
		{"its target", "backing: {pay: {host: pg.data.svc, port: 1, target: -1}}\n" + web, "m.yaml:4:45: expected a port from 1 to 65535, found -1 | 5432"},
		{"its protocol", "backing: {pay: {host: pg.data.svc, port: 1, protocol: 'a b'}}\n" + web, `m.yaml:4:45: expected what is spoken, as URLs begin with it, found "a b" | postgres`},
		{"its labels", "backing: {pay: {host: pg.data.svc, port: 1, labels: {'a b': '-'}}}\n" + web, `m.yaml:4:54: expected a key of a label, found "a b" | app.kubernetes.io/name` + "\n" + `m.yaml:4:54: expected a value that can be the value of a label, found "-"`},
	})
}

// TestTwice asks for two forms of one address, and gets one rule for the calls.
func TestTwice(t *testing.T) {
	set := generate(t, api.System{Metadata: api.SystemMeta{Name: "s"}, Services: map[string]api.SystemService{
		"web":   {Kind: "worker", Image: "a:1", DependsOn: []api.Dependency{{Service: "users"}, {Service: "users", Format: "host"}}},
		"users": {Image: "a:1", Ports: map[string]api.SystemPort{"http": {Port: 80}}},
	}}, app.Options{})
	for _, o := range set.Objects {
		want := map[string][2]int{"web-isolated": {2, 0}, "users": {1, 1}}[at(o, "/metadata/name").(string)]
		if o["kind"] != "NetworkPolicy" {
			continue
		}
		egress, _ := at(o, "/spec/egress").([]any)
		ingress, _ := at(o, "/spec/ingress").([]any)
		if got := [2]int{len(egress), len(ingress)}; got != want {
			t.Errorf("%v has %v rules, want %v", at(o, "/metadata/name"), got, want)
		}
	}
}
