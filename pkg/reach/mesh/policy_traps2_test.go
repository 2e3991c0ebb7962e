// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
)

// meshConfig is the ConfigMap istio.
func meshConfig(config string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: '" + config + "'}\n---\n"
}

// tokens makes api look for tokens of two issuers.
const tokens = `apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: prod}
spec: {selector: {matchLabels: {app: api}}, jwtRules: [{issuer: "https://id.example/", spaceDelimitedClaims: [roles]}, {issuer: b, audiences: [shop]}]}
---
`

func claims(c map[string]any) func(world, *mesh.Request) {
	return with(func(r *mesh.Request) { r.Claims = c })
}

// TestPolicyTrapsOfChains holds the traps about where a policy is enforced.
func TestPolicyTrapsOfChains(t *testing.T) {
	for name, trap := range map[string]func(*testing.T){
		"rewritten paths":              trapRewritten,
		"HTTP fields on TCP":           trapHTTPOnTCP,
		"CUSTOM":                       trapCustom,
		"dry run":                      trapDryRun,
		"claims":                       trapClaims,
		"request principals":           trapRequestPrincipals,
		"what the API server drops":    trapDropped,
		"policies of the caller":       trapOfCaller,
		"ports that pass the proxy by": trapPastProxy,
		"open connections":             trapConnections,
	} {
		t.Run(name, trap)
	}
}

func trapRewritten(t *testing.T) {
	// Routing is at the client: the path to ask for is the rewritten one.
	check(t, base+policy("p", `{rules: [{to: [{operation: {paths: ["/v2/*"]}}]}]}`),
		one{"as rewritten", call("GET", "/v2/x"), allow, ""}, one{"as sent", call("GET", "/v1/x"), deny, ""})
}

func trapHTTPOnTCP(t *testing.T) {
	check(t, base+policy("p", `{rules: [{to: [{operation: {methods: [GET], ports: ["8080"]}}]}]}`),
		one{"ALLOW with HTTP is void", tcp, deny, "KM9011"}, one{"on HTTP", nil, allow, ""})
	for _, field := range []string{"to: [{operation: {hosts: [a]}}]", "to: [{operation: {notPaths: [/a]}}]", "from: [{source: {requestPrincipals: [a]}}]",
		"when: [{key: 'request.headers[x]', values: [a]}]", "when: [{key: 'request.auth.claims[x]', notValues: [a]}]", "when: [{key: request.auth.audiences, values: [a]}]"} {
		check(t, base+policy("p", "{action: DENY, rules: [{"+field+"}]}"), one{field, tcp, deny, "denies more"})
		check(t, base+policy("p", "{rules: [{"+field+"}]}"), one{field, tcp, deny, "KM9011"})
	}
	check(t, base+policy("p", `{rules: [{from: [{source: {requestPrincipals: ["*"]}}]}, {to: [{operation: {ports: ["8080"]}}]}]}`), one{"another rule of it stays", tcp, allow, "rule 2"})
	check(t, base+policy("p", `{action: DENY, rules: [{to: [{operation: {methods: [DELETE]}}]}]}`),
		one{"DENY loses it", tcp, deny, "denies more"}, one{"on HTTP", nil, allow, ""})
	check(t, base+policy("p", `{action: DENY, rules: [{to: [{operation: {methods: [DELETE], ports: ["9090"]}}]}]}`),
		one{"DENY keeps the port", tcp, allow, ""})
	check(t, base+policy("p", `{action: AUDIT, rules: [{to: [{operation: {methods: [DELETE]}}]}]}`), one{"AUDIT loses it", tcp, allow, "audits it"})
}

func trapCustom(t *testing.T) {
	ask := func(name, provider, path string) string {
		return policy(name, `{action: CUSTOM, provider: {name: `+provider+`}, rules: [{to: [{operation: {paths: ["`+path+`"]}}]}]}`)
	}
	known := base + meshConfig("{extensionProviders: [{name: opa}, {name: two}]}")
	check(t, known+ask("p", "opa", "/a"), one{"asked", call("GET", "/a"), unknown, `provider "opa" of prod/p decides`}, one{"not asked", nil, allow, ""})
	check(t, known+ask("p", "nobody", "/a"), one{"provider is not there", call("GET", "/a"), deny, "KM9028"}, one{"not asked", nil, allow, ""})
	check(t, known+ask("p", "opa", "/a")+ask("q", "two", "/b"), one{"two providers", call("GET", "/a"), deny, "more than one provider"})
	check(t, base+ask("p", "nobody", "/a"), one{"no mesh configuration in view", call("GET", "/a"), unknown, "nobody"})
	check(t, known+ask("p", "opa", "/a")+policy("d", `{action: DENY, rules: [{}]}`), one{"DENY needs no provider", call("GET", "/a"), deny, "DENY"})
	check(t, known+ask("p", "opa", "/a")+policy("d", "{}"), one{"nor does the default", call("GET", "/a"), deny, "has no rule"})
}

func trapDryRun(t *testing.T) {
	dry := func(value, spec string) string {
		return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: dry, namespace: prod, annotations: {istio.io/dry-run: '" + value + "'}}\nspec: " + spec + "\n---\n"
	}
	check(t, base+dry("true", "{}"), one{"not enforced", nil, allow, "prod/dry is on dry run and not enforced"})
	check(t, base+dry("true", "{rules: [{}]}")+policy("p", "{}"), one{"does not join the enforced ones", nil, deny, "prod/p"})
	check(t, base+dry("false", "{}"), one{"false", nil, deny, ""})
}

func trapClaims(t *testing.T) {
	claim := func(key, value string) string {
		return base + tokens + policy("p", `{rules: [{when: [{key: "request.auth.claims`+key+`", values: ["`+value+`"]}]}]}`)
	}
	of := func(m map[string]any) func(world, *mesh.Request) {
		m["iss"] = "https://id.example/"
		return claims(m)
	}
	check(t, claim("[groups]", "admin"), one{"a text", of(map[string]any{"groups": "admin"}), allow, ""},
		one{"an element", of(map[string]any{"groups": []any{"x", "admin"}}), allow, ""}, one{"no element", of(map[string]any{"groups": []any{"x"}}), deny, "claim groups is x"},
		one{"not split", of(map[string]any{"groups": "x admin"}), deny, ""}, one{"a number", of(map[string]any{"groups": 7}), deny, "not in the token"},
		one{"no token", claims(map[string]any{}), deny, "no token"}, one{"open", nil, unknown, "depends on token"}, one{"TCP", tcp, deny, "KM9011"})
	check(t, claim("[a][b]", "c*"), one{"nested", of(map[string]any{"a": map[string]any{"b": "cd"}}), allow, ""}, one{"flat", of(map[string]any{"a": "cd"}), deny, ""})
	check(t, claim("[scope]", "read"), one{"scope is split", of(map[string]any{"scope": "write read"}), allow, ""})
	check(t, claim("[roles]", "read"), one{"so is what the rule names", of(map[string]any{"roles": "write read"}), allow, ""})
}

func trapRequestPrincipals(t *testing.T) {
	for value, want := range map[string]bool{
		"https://id.example//u1": true, "https://id.example//*": true, "*": true, "*/u1": true, "https://*": false, "u1": false, "https://id.example/u1": false, "*1": true,
	} {
		verdict := deny
		if want {
			verdict = allow
		}
		check(t, base+tokens+policy("p", `{rules: [{from: [{source: {requestPrincipals: ["`+value+`"]}}]}]}`),
			one{value, claims(map[string]any{"iss": "https://id.example/", "sub": "u1"}), verdict, ""})
	}
	check(t, base+policy("p", `{rules: [{when: [{key: "request.headers[X-User]", values: ["Ann"]}]}]}`),
		one{"name of a header", with(func(r *mesh.Request) { r.Headers = map[string]string{"x-user": "Ann"} }), allow, ""},
		one{"value of a header", with(func(r *mesh.Request) { r.Headers = map[string]string{"x-user": "ann"} }), deny, "header X-User is ann"})
	check(t, base+policy("p", `{rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}`),
		one{"nobody looks for tokens", claims(map[string]any{"iss": "a", "sub": "b"}), deny, "no RequestAuthentication"})
}

func trapDropped(t *testing.T) {
	check(t, base+policy("p", `{rules: [{from: [{source: {principal: ["x"]}}]}]}`), one{"a misspelt field", nil, allow, "the API server does not know the field"})
	check(t, base+policy("p", `{rules: [{from: [{source: {}}]}]}`), one{"an empty source", nil, allow, "everything"})
	check(t, base+policy("p", `{rules: [{when: [{key: "request.header[x]", values: [a]}]}]}`), one{"an unknown key", nil, unknown, "is not one that Istio documents"})
	check(t, base+policy("p", `{action: DENY, rules: [{when: [{key: "experimental.envoy.filters.x[y]", values: [a]}]}]}`), one{"an undocumented key", nil, unknown, ""})
}

func trapOfCaller(t *testing.T) {
	check(t, base+policy("p", "{selector: {matchLabels: {app: web}}}"), one{"deny-all of the caller", nil, none, "no policy selects deploy/api"})
}

func trapPastProxy(t *testing.T) {
	port := func(n int32) func(world, *mesh.Request) { return with(func(r *mesh.Request) { r.Port = n }) }
	check(t, base+policy("p", "{}"), one{"15020", port(15020), none, "does not pass the proxy"}, one{"15021", port(15021), none, ""},
		one{"15090", port(15090), none, "prod/p: selected, without effect"}, one{"8080", nil, deny, ""})
	out := `apiVersion: apps/v1
kind: Deployment
metadata: {name: out, namespace: prod}
spec: {template: {metadata: {annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "9000, 9001"}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: host, namespace: prod}
spec: {template: {spec: {hostNetwork: true}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: bare, namespace: prod}
spec: {template: {metadata: {labels: {sidecar.istio.io/inject: "false"}}}}
---
`
	to := func(name string, n int32) func(world, *mesh.Request) {
		return func(w world, r *mesh.Request) { r.To, r.Port = w.peer(name), n }
	}
	check(t, base+out+policy("p", "{}"), one{"excluded", to("prod/out", 9001), none, ""}, one{"not excluded", to("prod/out", 9002), deny, ""},
		one{"hostNetwork", to("prod/host", 80), none, "network of its node"}, one{"no sidecar", to("prod/bare", 80), none, "no proxy, no policy"})
}

func trapConnections(t *testing.T) {
	// The answer is about new connections; it is the same on TCP.
	check(t, base+policy("p", `{action: DENY, rules: [{to: [{operation: {ports: ["8080"]}}]}]}`), one{"new connection", tcp, deny, "port 8080"})
}

// TestOrder holds CUSTOM, DENY, ALLOW, and the root namespace.
func TestOrder(t *testing.T) {
	root := "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: root, namespace: istio-system}\nspec: {action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}\n---\n"
	check(t, base+root+policy("p", "{rules: [{}]}"), one{"root DENY beats ALLOW", call("GET", "/admin"), deny, "DENY: /admin"}, one{"elsewhere", nil, allow, "rule 1"})
	check(t, base+policy("a", `{rules: [{to: [{operation: {methods: [GET]}}]}]}`)+policy("b", `{rules: [{to: [{operation: {methods: [PUT]}}]}]}`),
		one{"a union", call("PUT", "/"), allow, ""}, one{"neither", call("POST", "/"), deny, "no rule of prod/a and prod/b matches"})
	check(t, base+policy("t", `{targetRefs: [{kind: Service, name: api}]}`), one{"targetRefs are not for sidecars", nil, none, ""})
}

// TestOpenRequests holds what is said of requests that leave things open.
func TestOpenRequests(t *testing.T) {
	open := with(func(r *mesh.Request) { r.Method, r.Path = "", "" })
	check(t, base+policy("p", `{rules: [{to: [{operation: {methods: [GET], paths: ["/public/*"]}}]}]}`),
		one{"some", open, unknown, "depends on method and path: GET /public/* is allowed (rule 1)"},
		one{"method given", call("GET", ""), unknown, "depends on path: /public/* is allowed (rule 1)"},
		one{"none", call("POST", ""), deny, "method is POST"},
		one{"none, whatever the method", call("", "/private"), deny, "path is /private"})
	check(t, base+policy("p", `{rules: [{to: [{operation: {methods: [GET]}}]}, {from: [{source: {namespaces: [prod]}}]}]}`), one{"all", open, allow, "rule 2"})
	check(t, base+policy("p", `{action: DENY, rules: [{to: [{operation: {methods: [DELETE]}}]}]}`), one{"all but", open, unknown, "depends on method: DELETE is denied (rule 1 of prod/p)"})
	check(t, base+policy("p", `{rules: [{to: [{operation: {ports: ["8080"]}}]}]}`), one{"port", with(func(r *mesh.Request) { r.Port = 0 }), unknown, "depends on port: port 8080 is allowed"})
}

// TestOnly holds that the only rule that admits is told.
func TestOnly(t *testing.T) {
	w := newWorld(t, base+policy("p", `{rules: [{to: [{operation: {methods: [GET]}}]}]}`))
	if h := w.authorize(w.request()); !h.Only {
		t.Errorf("expected the only one, found %+v", h)
	}
	w = newWorld(t, base+policy("p", `{rules: [{to: [{operation: {methods: [GET]}}]}, {}]}`))
	if h := w.authorize(w.request()); h.Only {
		t.Errorf("expected one of two, found %+v", h)
	}
}

// TestUnknownConfig holds what rests on a mesh configuration that is not in view.
func TestUnknownConfig(t *testing.T) {
	by := policy("p", `{rules: [{from: [{source: {principals: ["td/ns/prod/sa/web"]}}]}]}`)
	check(t, base+by, one{"the trust domain", nil, unknown, "the trust domain of the mesh is not known"}, one{"another account", from("other/web"), deny, ""})
	check(t, base+meshConfig("{}")+by, one{"is known", nil, deny, ""})
	path := policy("p", `{rules: [{to: [{operation: {paths: [/a]}}]}]}`)
	check(t, base+path, one{"normalization", call("GET", "//a"), unknown, "pathNormalization is not known"}, one{"that changes nothing", call("GET", "/a"), allow, ""})
}
