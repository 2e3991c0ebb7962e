// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// dice makes parts of random worlds.
type dice struct{ *rand.Rand }

func (d dice) pick(list ...string) string { return list[d.IntN(len(list))] }

// in moves an object of namespace prod.
func in(namespace, text string) string {
	return strings.ReplaceAll(text, "namespace: prod", "namespace: "+namespace)
}

// world is three namespaces, in the mesh or not, with policies of all sorts.
func (d dice) world() string {
	out := ""
	for _, ns := range []string{"prod", "shop", "edge"} {
		out += fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {%s}}\n---\n", ns,
			d.pick("istio-injection: enabled", "istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp", "team: a"))
		out += strings.ReplaceAll(point, "namespace: prod", "namespace: "+ns)
	}
	out += planned3
	for i := range 4 {
		out += in(d.pick("prod", "shop"), policy("NetworkPolicy", fmt.Sprint("p", i), d.networkPolicy()))
	}
	for i := range 3 {
		out += in(d.pick("prod", "shop", "edge", "istio-system"), policy("AuthorizationPolicy", fmt.Sprint("a", i), d.authorization()))
	}
	selected := fmt.Sprintf("{selector: {matchLabels: {app: %s}}, mtls: {mode: %s}, portLevelMtls: {8080: {mode: %s}}}",
		d.pick("web", "db"), d.pick("UNSET", "STRICT", "PERMISSIVE"), d.pick("STRICT", "PERMISSIVE", "UNSET"))
	out += in(d.pick("prod", "shop"), policy("PeerAuthentication", "one", selected))
	return out + in(d.pick("prod", "shop", "istio-system"), policy("PeerAuthentication", "all", "{mtls: {mode: "+d.pick("STRICT", "PERMISSIVE", "UNSET")+"}}"))
}

// point is a waypoint without pods in view.
const point = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: wp, namespace: prod, labels: {istio.io/waypoint-for: service}}\n" +
	"spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n---\n"

var planned3 = app("prod", "web", "") + app("prod", "cart", "") + app("shop", "db", "") + app("shop", "api", ", tier: back") + app("edge", "far", "")

func (d dice) networkPolicy() string {
	peer := func() string {
		return d.pick("{podSelector: {matchLabels: {app: web}}}", "{namespaceSelector: {}}", "{podSelector: {}}",
			"{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}", "{ipBlock: {cidr: 0.0.0.0/0}}",
			"{namespaceSelector: {}, podSelector: {matchLabels: {gateway.networking.k8s.io/gateway-name: wp}}}")
	}
	return fmt.Sprintf("{podSelector: {matchLabels: {app: %s}}, policyTypes: [%s], ingress: [{from: [%s], ports: [{port: %s}]}], egress: [{to: [%s]}]}",
		d.pick("web", "cart", "db", "api"), d.pick("Ingress", "Egress", "Ingress, Egress"), peer(), d.pick("8080", "http", "9090", "15008"), peer())
}

func (d dice) authorization() string {
	source := d.pick("namespaces: [prod]", "notNamespaces: [prod]", "principals: [cluster.local/ns/prod/sa/web]", "principals: [cluster.local/ns/shop/sa/wp]",
		"notPrincipals: ['*/sa/db']", "serviceAccounts: [shop/db]")
	to := d.pick("", ", to: [{operation: {methods: [GET]}}]", ", to: [{operation: {ports: ['8080']}}]", ", to: [{operation: {ports: ['80']}}]")
	return fmt.Sprintf("{selector: {matchLabels: {app: %s}}, action: %s, rules: [{from: [{source: {%s}}]%s}]}", d.pick("db", "api", "web", "cart"), d.pick("ALLOW", "DENY"), source, to)
}

// The map agrees with the answers of single checks, on random worlds: with and
// without a mesh, with sidecars, in ambient mode and with waypoints.
func TestMapAgrees(t *testing.T) {
	counts := map[verdict.Verdict]int{}
	for seed := range uint64(60) {
		e := planned(t, dice{rand.New(rand.NewPCG(seed, 7))}.world())
		m := e.Map(reach.MapOptions{})
		ends := []string{"prod/deploy/web", "prod/deploy/cart", "shop/deploy/db", "shop/deploy/api", "edge/deploy/far"}
		for _, from := range ends {
			for _, to := range ends {
				if from == to {
					continue
				}
				a := check(t, e, from+" -> "+to, reach.Request{})
				want := verdict.Of(slices.DeleteFunc(slices.Clone(a.Hops), func(h verdict.Hop) bool { return h.Number < verdict.NetworkPolicy }))
				counts[want]++
				if got := mapped(m, end(t, e, from), end(t, e, to), 8080); got != want {
					t.Fatalf("seed %d: the map says %s, found:\n%s\n%s", seed, got, show(a), strings.Join(rows(m), "\n"))
				}
			}
		}
	}
	if counts[verdict.Allow] < 100 || counts[verdict.Deny] < 100 || counts[verdict.Unknown] < 10 {
		t.Errorf("expected all verdicts many times, found %v", counts)
	}
}
