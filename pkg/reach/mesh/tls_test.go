// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

func peerAuthn(name, namespace, created, spec string) string {
	return "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: " + name + ", namespace: " + namespace +
		", creationTimestamp: \"2024-01-0" + created + "T00:00:00Z\"}\nspec: " + spec + "\n---\n"
}

func destination(spec string) string {
	return "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: dr, namespace: prod}\nspec: " + spec + "\n---\n"
}

// TestTruthTable holds every cell of client mode and server mode.
func TestTruthTable(t *testing.T) {
	type cell struct {
		Result  mesh.Result
		Verdict verdict.Verdict
	}
	columns := []string{"STRICT", "PERMISSIVE", "DISABLE", "no proxy"}
	for client, row := range map[string][]cell{
		"auto":         {{mesh.Mutual, allow}, {mesh.Mutual, allow}, {mesh.Plain, allow}, {mesh.Plain, allow}},
		"ISTIO_MUTUAL": {{mesh.Mutual, allow}, {mesh.Mutual, allow}, {mesh.Fail, deny}, {mesh.Fail, deny}},
		"DISABLE":      {{mesh.Fail, deny}, {mesh.Plain, allow}, {mesh.Plain, allow}, {mesh.Plain, allow}},
		"SIMPLE":       {{mesh.Fail, deny}, {mesh.AppTLS, unknown}, {mesh.AppTLS, unknown}, {mesh.AppTLS, unknown}},
		"MUTUAL":       {{mesh.ResultUnknown, unknown}, {mesh.ResultUnknown, unknown}, {mesh.AppTLS, unknown}, {mesh.AppTLS, unknown}},
		"no proxy":     {{mesh.Fail, deny}, {mesh.Plain, allow}, {mesh.Plain, allow}, {mesh.Plain, allow}},
	} {
		for i, server := range columns {
			t.Run(client+" x "+server, func(t *testing.T) {
				yaml := base
				if client != "auto" && client != "no proxy" {
					yaml += destination("{host: api, trafficPolicy: {tls: {mode: " + client + "}}}")
				}
				if server == "no proxy" {
					yaml = strings.Replace(yaml, "labels: {app: api,", `labels: {sidecar.istio.io/inject: "false", app: api,`, 1)
				} else {
					yaml += peerAuthn("pa", "prod", "1", "{mtls: {mode: "+server+"}}")
				}
				w := newWorld(t, yaml)
				r := w.request()
				if client == "no proxy" {
					r.From = w.peer("plain/naked")
				}
				got, hop := w.TLS(r)
				if diff := cmp.Diff(row[i], cell{got.Result, hop.Verdict}); diff != "" || string(got.Client) != client || string(got.Server) != server {
					t.Errorf("found %s x %s: (-want +got)\n%s", got.Client, got.Server, diff)
				}
				inferred := client == "SIMPLE" || client == "MUTUAL" || client == "ISTIO_MUTUAL" && server == "DISABLE"
				if strings.Contains(text(hop), "inferred, not confirmed") != inferred {
					t.Errorf("expected inferred to be %v, found notes %q", inferred, hop.Notes)
				}
			})
		}
	}
}

// TestPeerAuthentication holds which policy decides.
func TestPeerAuthentication(t *testing.T) {
	mode := func(m string) string { return "{mtls: {mode: " + m + "}}" }
	api := "selector: {matchLabels: {app: api}}"
	for name, c := range map[string]struct {
		policies string
		want     mesh.ServerMode
		by       string
	}{
		"default":                 {"", mesh.ServerPermissive, ""},
		"mesh":                    {peerAuthn("m", "istio-system", "1", mode("STRICT")), mesh.ServerStrict, "m"},
		"namespace before mesh":   {peerAuthn("m", "istio-system", "1", mode("STRICT")) + peerAuthn("ns", "prod", "2", mode("DISABLE")), mesh.ServerDisable, "ns"},
		"workload before both":    {peerAuthn("ns", "prod", "1", mode("STRICT")) + peerAuthn("w", "prod", "2", "{"+api+", mtls: {mode: PERMISSIVE}}"), mesh.ServerPermissive, "w"},
		"UNSET inherits":          {peerAuthn("m", "istio-system", "1", mode("STRICT")) + peerAuthn("ns", "prod", "2", mode("UNSET")) + peerAuthn("w", "prod", "3", "{"+api+"}"), mesh.ServerStrict, "m"},
		"the oldest of a scope":   {peerAuthn("a", "prod", "3", mode("STRICT")) + peerAuthn("b", "prod", "2", mode("DISABLE")), mesh.ServerDisable, "b"},
		"the oldest workload's":   {peerAuthn("a", "prod", "3", "{"+api+", mtls: {mode: STRICT}}") + peerAuthn("b", "prod", "2", "{"+api+", mtls: {mode: DISABLE}}"), mesh.ServerDisable, "b"},
		"port":                    {peerAuthn("w", "prod", "1", "{"+api+", mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}"), mesh.ServerDisable, "w"},
		"another port":            {peerAuthn("w", "prod", "1", "{"+api+", mtls: {mode: STRICT}, portLevelMtls: {80: {mode: DISABLE}}}"), mesh.ServerStrict, "w"},
		"port UNSET":              {peerAuthn("w", "prod", "1", "{"+api+", mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: UNSET}}}"), mesh.ServerStrict, "w"},
		"port without a selector": {peerAuthn("ns", "prod", "1", "{mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}"), mesh.ServerStrict, "ns"},
		"selector of another":     {peerAuthn("w", "prod", "1", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}"), mesh.ServerPermissive, ""},
		"another namespace":       {peerAuthn("ns", "other", "1", mode("STRICT")), mesh.ServerPermissive, ""},
		"selector in root":        {peerAuthn("m", "istio-system", "1", "{"+api+", mtls: {mode: STRICT}}"), mesh.ServerPermissive, ""},
		"beside a mesh-wide":      {peerAuthn("x", "istio-system", "1", "{"+api+", mtls: {mode: STRICT}}") + peerAuthn("m", "istio-system", "2", mode("DISABLE")), mesh.ServerDisable, "m"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, base+c.policies)
			if mode, by := w.Server(w.peer("prod/api"), 8080); mode != c.want || by.Object.Name != c.by {
				t.Errorf("expected %s by %q, found %s by %q", c.want, c.by, mode, by.Object.Name)
			}
		})
	}
}

// TestPeerTraps holds what mutual TLS surprises with: headless Services, init containers, probes.
func TestPeerTraps(t *testing.T) {
	headless := strings.Replace(base, "spec: {selector: {app: api}, ports", "spec: {clusterIP: None, selector: {app: api}, ports", 1)
	naked := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api2, namespace: prod}\nspec: {template: {metadata: {labels: {app: api, sidecar.istio.io/inject: \"false\"}}}}\n---\n"
	strict := peerAuthn("pa", "prod", "1", "{mtls: {mode: STRICT}}")
	tls := func(yaml string, change func(world, *mesh.Request)) (mesh.TLS, verdict.Hop) {
		w := newWorld(t, yaml)
		r := w.request()
		r.Host = "api.prod.svc.cluster.local"
		if change != nil {
			change(w, &r)
		}
		return w.TLS(r)
	}
	t.Run("headless Services", func(t *testing.T) {
		if got, _ := tls(headless, nil); got.Result != mesh.Mutual {
			t.Errorf("headless, all with a sidecar: expected mutual, found %+v", got)
		}
		if got, hop := tls(headless+naked, nil); got.Result != mesh.Plain || !strings.Contains(got.ClientBy.Reason, "deploy/api2") || hop.Verdict != allow {
			t.Errorf("headless with a naked endpoint: expected plaintext, found %+v", got)
		}
		if got, hop := tls(headless+naked+strict, nil); got.Result != mesh.Fail || hop.Verdict != deny {
			t.Errorf("and STRICT: expected fail, found %+v", got)
		}
		if got, _ := tls(base+naked+strict, nil); got.Result != mesh.Mutual {
			t.Errorf("with an address of its own: expected mutual, found %+v", got)
		}
	})
	t.Run("init containers", func(t *testing.T) {
		_, hop := tls(base+strict, with(func(r *mesh.Request) { r.Plaintext = true }))
		if hop.Verdict != deny || hop.ID != "KM9035" || hop.Object.Name != "pa" || hop.Where == "" {
			t.Errorf("an init container under STRICT: expected deny by pa, found %+v", hop)
		}
	})
	t.Run("probes", func(t *testing.T) {
		if _, hop := tls(base+strict, from("kubelet")); hop.Verdict != allow || !strings.Contains(hop.Reason, "15020") {
			t.Errorf("rewritten probe: expected allow, found %+v", hop)
		}
		raw := strings.Replace(base, "metadata: {labels: {app: api,", `metadata: {annotations: {sidecar.istio.io/rewriteAppHTTPProbers: "false"}, labels: {app: api,`, 1)
		if _, hop := tls(raw+strict, from("kubelet")); hop.Verdict != deny {
			t.Errorf("probe as it is: expected deny, found %+v", hop)
		}
		check(t, base+policy("p", "{}"), one{"rewritten probes meet no policy", from("kubelet"), none, "15020"})
		check(t, raw+policy("p", "{}"), one{"others do", from("kubelet"), deny, ""})
	})
}

// TestClient holds what of DestinationRules decides.
func TestClient(t *testing.T) {
	for name, c := range map[string]struct {
		extra  string
		change func(world, *mesh.Request)
		client mesh.ClientMode
		result mesh.Result
	}{
		"a rule about something else keeps auto": {destination("{host: api, trafficPolicy: {loadBalancer: {simple: RANDOM}}}"), nil, mesh.ClientAuto, mesh.Mutual},
		"subset":                                 {destination("{host: api, subsets: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]}"), with(func(r *mesh.Request) { r.Subset = "v1" }), mesh.ClientDisable, mesh.Plain},
		"another subset":                         {destination("{host: api, subsets: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]}"), with(func(r *mesh.Request) { r.Subset = "v2" }), mesh.ClientAuto, mesh.Mutual},
		"port":                                   {destination("{host: api, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}}"), nil, mesh.ClientDisable, mesh.Plain},
		"another port":                           {destination("{host: api, trafficPolicy: {portLevelSettings: [{port: {number: 8080}, tls: {mode: DISABLE}}]}}"), nil, mesh.ClientAuto, mesh.Mutual},
		"an entry of the port drops tls":         {destination("{host: api, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 80}}]}}"), nil, mesh.ClientAuto, mesh.Mutual},
		"auto-mTLS is off":                       {meshConfig("{enableAutoMtls: false}"), nil, mesh.ClientAuto, mesh.Plain},
		"port that leaves the proxy": {"", func(w world, r *mesh.Request) {
			r.From.Annotations = map[string]string{"traffic.sidecar.istio.io/excludeOutboundPorts": "80"}
			r.ServicePort = 80
		}, mesh.ClientNoProxy, mesh.Plain},
		"an address":                        {"", from("10.0.0.1/32"), mesh.ClientNoProxy, mesh.Plain},
		"rule of a host that is not called": {destination("{host: other, trafficPolicy: {tls: {mode: DISABLE}}}"), nil, mesh.ClientAuto, mesh.Mutual},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, base+c.extra)
			r := w.request()
			if c.change != nil {
				c.change(w, &r)
			}
			if got, _ := w.TLS(r); got.Client != c.client || got.Result != c.result {
				t.Errorf("expected %s and %s, found %+v", c.client, c.result, got)
			}
		})
	}
}

// TestJWT holds what becomes of tokens.
func TestJWT(t *testing.T) {
	for name, c := range map[string]struct {
		claims map[string]any
		want   verdict.Verdict
		says   string
	}{
		"no token passes":         {map[string]any{}, allow, "a request without a token passes"},
		"nothing said":            {nil, allow, "a RequestAuthentication requires no token"},
		"first issuer":            {map[string]any{"iss": "https://id.example/"}, allow, "rule 1"},
		"second issuer":           {map[string]any{"iss": "b", "aud": []any{"x", "shop"}}, allow, "rule 2"},
		"another audience":        {map[string]any{"iss": "b", "aud": "x"}, deny, "403"},
		"an issuer nobody trusts": {map[string]any{"iss": "c"}, deny, "401: issuer c"},
		"no issuer":               {map[string]any{"sub": "u"}, unknown, "name no issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, base+tokens)
			r := w.request()
			r.Claims = c.claims
			if got := w.JWT(r); got.Verdict != c.want || !strings.Contains(text(got), c.says) {
				t.Errorf("expected %s with %q, found %s:\n%s", c.want, c.says, got.Verdict, text(got))
			}
		})
	}
	w := newWorld(t, base+tokens)
	r := w.request()
	r.Protocol = mesh.TCP
	if got := w.JWT(r); got.Verdict != none {
		t.Errorf("TCP: expected none, found %+v", got)
	}
	if got := newWorld(t, base).JWT(r); got.Verdict != none {
		t.Errorf("no RequestAuthentication: expected none, found %+v", got)
	}
	// The two ways to require a token.
	check(t, base+tokens+policy("p", `{rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}`),
		one{"ALLOW form", claims(map[string]any{}), deny, ""}, one{"with one", claims(map[string]any{"iss": "b", "sub": "u", "aud": "shop"}), allow, ""})
	check(t, base+tokens+policy("p", `{action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}`),
		one{"DENY form", claims(map[string]any{}), deny, ""}, one{"with one", claims(map[string]any{"iss": "b", "sub": "u"}), allow, ""}, one{"denies all TCP", tcp, deny, "KM9011"})
}
