// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"net/netip"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

const (
	none    = verdict.None
	allow   = verdict.Allow
	unknown = verdict.Unknown
	deny    = verdict.Deny
)

// tcp makes the port TCP.
func tcp(_ world, r *mesh.Request) { r.Protocol, r.Method, r.Path = mesh.TCP, "", "" }

func with(change func(r *mesh.Request)) func(world, *mesh.Request) {
	return func(_ world, r *mesh.Request) { change(r) }
}

// TestPolicyTraps holds the traps of AuthorizationPolicy one by one.
func TestPolicyTraps(t *testing.T) {
	for name, trap := range map[string]func(*testing.T){
		"no rules":                   trapNoRules,
		"what is not named":          trapNotNamed,
		"audit":                      trapAudit,
		"and, or, not":               trapAndOrNot,
		"spiffe":                     trapSpiffe,
		"plaintext has no identity":  trapPlaintext,
		"stars":                      trapStars,
		"service accounts":           trapServiceAccounts,
		"trust domains":              trapTrustDomains,
		"addresses of callers":       trapAddresses,
		"ports of Services":          trapServicePorts,
		"methods":                    trapMethods,
		"hosts":                      trapHosts,
		"paths as they are compared": trapPaths,
		"path templates":             trapTemplates,
	} {
		t.Run(name, trap)
	}
}

func trapNoRules(t *testing.T) {
	check(t, base, one{"no policy allows", nil, none, "no policy selects deploy/api"})
	check(t, base+policy("p", "{}"), one{"spec {} denies", nil, deny, "has no rule, which denies everything"})
	check(t, base+policy("p", "{rules: []}"), one{"rules [] denies", nil, deny, "KM9010"})
	check(t, base+policy("p", "{rules: [{}]}"), one{"rules [{}] allows", nil, allow, "everything"})
	check(t, base+policy("p", "{action: DENY}"), one{"DENY without rules denies nothing", nil, allow, ""})
}

func trapNotNamed(t *testing.T) {
	check(t, base+policy("p", `{selector: {matchLabels: {app: api}}, rules: [{to: [{operation: {ports: ["8080"], paths: ["/a"]}}]}]}`),
		one{"the named path", call("GET", "/a"), allow, "rule 1"},
		one{"another path", call("GET", "/b"), deny, "path is /b"},
		one{"another port", with(func(r *mesh.Request) { r.Port, r.Path = 9090, "/a" }), deny, "port is 9090"},
		one{"another workload", func(w world, r *mesh.Request) { r.To = w.peer("other/web") }, none, ""})
}

func trapAudit(t *testing.T) {
	check(t, base+policy("d", `{action: DENY, rules: [{to: [{operation: {methods: [DELETE]}}]}]}`)+policy("a", `{action: AUDIT, rules: [{}]}`),
		one{"what is not denied", nil, allow, "rule 1 of prod/a audits it"},
		one{"what is denied", call("DELETE", "/"), deny, "DENY: DELETE"})
}

func trapAndOrNot(t *testing.T) {
	check(t, base+policy("p", `{rules: [{from: [{source: {namespaces: [prod], principals: ["*/sa/web"]}}, {source: {namespaces: [other]}}],
  to: [{operation: {methods: [GET, HEAD], notPaths: ["/admin*"]}}], when: [{key: "request.headers[x]", values: [a, b]}, {key: "request.headers[y]", notValues: [c]}]}]}`),
		one{"all hold", with(func(r *mesh.Request) { r.Headers = map[string]string{"X": "b"} }), allow, "rule 1"},
		one{"second source", func(w world, r *mesh.Request) { r.From, r.Headers = w.peer("other/web"), map[string]string{"x": "a"} }, allow, ""},
		one{"one condition fails", with(func(r *mesh.Request) { r.Headers = map[string]string{"x": "a", "y": "c"} }), deny, "header y not c"},
		one{"a value that is excepted", with(func(r *mesh.Request) { r.Headers, r.Path = map[string]string{"x": "a"}, "/admin/x" }), deny, "path not /admin*"},
		one{"neither source", func(w world, r *mesh.Request) { r.From, r.Headers = w.peer("prod/api"), map[string]string{"x": "a"} }, deny, "principal */sa/web"})
}

func trapSpiffe(t *testing.T) {
	check(t, base+policy("p", `{rules: [{from: [{source: {principals: ["spiffe://cluster.local/ns/prod/sa/web"]}}]}]}`), one{"with the prefix", nil, deny, "KM9020"})
	check(t, base+policy("p", `{rules: [{from: [{source: {principals: ["cluster.local/ns/prod/sa/web"]}}]}]}`), one{"without", nil, allow, ""})
}

func trapPlaintext(t *testing.T) {
	check(t, base+policy("p", `{action: DENY, rules: [{from: [{source: {namespaces: [prod]}}]}]}`),
		one{"DENY by identity", nil, deny, "namespace prod"},
		one{"plaintext bypasses it", with(func(r *mesh.Request) { r.Plaintext = true }), allow, ""})
	check(t, base+policy("p", `{rules: [{from: [{source: {notNamespaces: [other]}}]}]}`), one{"ALLOW with notNamespaces admits plaintext", from("plain/naked"), allow, ""})
	check(t, base+policy("p", `{rules: [{from: [{source: {principals: ["*"]}}]}]}`), one{"ALLOW by identity", from("plain/naked"), deny, "caller has no identity"})
}

func trapStars(t *testing.T) {
	for value, want := range map[string]verdict.Verdict{"/a/b": allow, "/a*": allow, "*b": allow, "*": allow, "/a*b": deny, "/*/b": deny, "b": deny} {
		check(t, base+policy("p", `{rules: [{to: [{operation: {paths: ["`+value+`"]}}]}]}`), one{value, call("GET", "/a/b"), want, ""})
	}
	for value, want := range map[string]verdict.Verdict{"p*d": allow, "*r*": allow, "*x*": deny, "prod": allow, "pro": deny, "p*o*o*d": deny} {
		check(t, base+policy("p", `{rules: [{from: [{source: {namespaces: ["`+value+`"]}}]}]}`), one{value, nil, want, ""})
	}
}

func trapServiceAccounts(t *testing.T) {
	for value, want := range map[string]verdict.Verdict{"web": allow, "prod/web": allow, "other/web": deny, "we*": deny, "prod/*": deny} {
		check(t, base+policy("p", `{rules: [{from: [{source: {serviceAccounts: ["`+value+`"]}}]}]}`), one{value, nil, want, ""})
	}
}

func trapTrustDomains(t *testing.T) {
	mesh := func(config string) string {
		return base + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: '" + config + "'}\n---\n"
	}
	by := func(value string) string {
		return policy("p", `{rules: [{from: [{source: {principals: ["`+value+`"]}}]}]}`)
	}
	aliases := mesh("{trustDomain: new, trustDomainAliases: [old]}")
	check(t, aliases+by("old/ns/prod/sa/web"), one{"alias", nil, allow, ""})
	check(t, aliases+by("new/ns/prod/sa/web"), one{"own", nil, allow, ""})
	check(t, aliases+by("cluster.local/ns/prod/sa/web"), one{"cluster.local is the mesh's own", nil, allow, ""})
	check(t, aliases+by("third/ns/prod/sa/web"), one{"another", nil, deny, "caller is new/ns/prod/sa/web"})
	check(t, aliases+policy("p", `{rules: [{from: [{source: {namespaces: [prod]}}]}]}`), one{"namespaces ignore it", nil, allow, ""})
	check(t, aliases+policy("p", `{rules: [{from: [{source: {trustDomains: [old]}}]}]}`), one{"trustDomains know aliases", nil, allow, ""})
}

func trapAddresses(t *testing.T) {
	direct := base + policy("p", `{rules: [{from: [{source: {ipBlocks: ["10.0.0.0/8"]}}]}]}`)
	check(t, direct,
		one{"inside", from("10.1.0.0/16"), allow, ""}, one{"outside", from("192.0.2.0/24"), deny, "caller comes from 192.0.2.0/24"},
		one{"partly", from("0.0.0.0/0"), unknown, "depends on source address"},
		one{"a pod of no known address", nil, unknown, "the address of deploy/web is not known"},
		one{"the client's address does not count", func(w world, r *mesh.Request) {
			r.From, r.FromIP = w.peer("192.0.2.0/24"), netip.MustParseAddr("10.1.1.1")
		}, deny, ""})
	check(t, base+policy("p", `{rules: [{from: [{source: {remoteIpBlocks: ["203.0.113.7"]}}]}]}`),
		one{"given", with(func(r *mesh.Request) { r.FromIP = netip.MustParseAddr("203.0.113.7") }), allow, ""},
		one{"another", with(func(r *mesh.Request) { r.FromIP = netip.MustParseAddr("203.0.113.8") }), deny, "client address is 203.0.113.8"},
		one{"not given", nil, unknown, "depends on client address"})
	check(t, base+policy("p", `{rules: [{from: [{source: {ipBlocks: ["10.0.0.0/99"]}}]}, {to: [{operation: {methods: [PUT]}}]}]}`),
		one{"an invalid block", from("10.1.0.0/16"), unknown, `"10.0.0.0/99" is no block of addresses`},
		one{"does not touch the other rule", func(w world, r *mesh.Request) { r.From, r.Method = w.peer("10.1.0.0/16"), "PUT" }, allow, "rule 2"})
}

func trapServicePorts(t *testing.T) {
	for value, want := range map[string]verdict.Verdict{"8080": allow, "80": deny, "http": unknown} {
		check(t, base+policy("p", `{rules: [{to: [{operation: {ports: ["`+value+`"]}}]}]}`), one{value, with(func(r *mesh.Request) { r.ServicePort = 80 }), want, ""})
	}
}

func trapMethods(t *testing.T) {
	check(t, base+policy("p", `{rules: [{to: [{operation: {methods: [GET]}}]}, {to: [{operation: {methods: [POST], paths: ["/shop.Cart/Add"]}}]}]}`),
		one{"GET", nil, allow, ""}, one{"get", call("get", "/"), deny, ""}, one{"HEAD", call("HEAD", "/"), deny, "method is HEAD"},
		one{"gRPC", call("POST", "/shop.Cart/Add"), allow, "rule 2"}, one{"another gRPC method", call("POST", "/shop.Cart/Drop"), deny, ""})
}

func trapHosts(t *testing.T) {
	host := func(h string) func(world, *mesh.Request) { return with(func(r *mesh.Request) { r.Authority = h }) }
	check(t, base+policy("p", `{rules: [{to: [{operation: {hosts: ["API.prod.svc.cluster.local"]}}]}]}`),
		one{"case", host("api.Prod.svc.cluster.local"), allow, ""}, one{"with a port", host("api.prod.svc.cluster.local:80"), deny, "host is"},
		one{"short", host("api"), deny, ""}, one{"svc", host("api.prod.svc"), deny, ""}, one{"open", host(""), unknown, "depends on host"})
}

func trapPaths(t *testing.T) {
	path := func(value string) string {
		return base + meshConfig("{}") + policy("p", `{rules: [{to: [{operation: {paths: ["`+value+`"]}}]}]}`)
	}
	check(t, path("/public/*"), one{"below", call("GET", "/public/x?y=/z#f"), allow, ""}, one{"itself", call("GET", "/public"), deny, "path is /public"},
		one{"dots", call("GET", "/a/../public/x"), allow, ""}, one{"dots out", call("GET", "/public/../admin"), deny, "path is /admin (/public/../admin as the policy sees it)"},
		one{"backslash", call("GET", `/public\x`), allow, ""}, one{"unreserved", call("GET", "/%70ublic/x"), allow, ""},
		one{"slashes", call("GET", "//public/x"), deny, ""}, one{"encoded slash", call("GET", "/public%2Fx"), deny, ""})
	check(t, path("/public*"), one{"a wider one", call("GET", "/publicity"), allow, ""})
}

func trapTemplates(t *testing.T) {
	for _, c := range []struct {
		value, path string
		want        verdict.Verdict
	}{
		{"/a/{*}/b", "/a/x/b", allow}, {"/a/{*}/b", "/a//b", deny}, {"/a/{*}/b", "/a/x/y/b", deny}, {"/a/{**}", "/a/x/y", allow},
		{"/a/{**}", "/a/", allow}, {"/a/{**}", "/a", deny}, {"/a/{**}/b", "/a/x/y/b", allow}, {"/a/{**}/b", "/a/b", deny},
		{"/{*}", "/x", allow}, {"/{*}", "/", deny}, {"/a/{**}/{*}", "/a/x/y", unknown}, {"/a/x{*}", "/a/xy", unknown}, {"/{**}/a/{**}", "/a", unknown},
	} {
		check(t, base+policy("p", `{rules: [{to: [{operation: {paths: ["`+c.value+`"]}}]}]}`), one{c.value + " " + c.path, call("GET", c.path), c.want, ""})
	}
}
