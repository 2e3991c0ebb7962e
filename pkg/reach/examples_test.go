// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

const (
	article = "../../examples/article"
	shop    = "../../examples/shop-by-hand"
)

// readers are what somebody who follows the article adds to it: the namespace,
// and the two workloads that its policies speak of.
var readers = meshed("default") + strings.ReplaceAll(app("default", "frontend", "")+app("default", "backend", ""), "      serviceAccountName: frontend\n", "")

// Section 7.1: the policy wants the ServiceAccount frontend, and nobody runs as that.
func TestArticleNobodyRunsAsFrontend(t *testing.T) {
	e := engine(folder(t, "default", article, readers))
	a := check(t, e, "default/deploy/frontend -> default/svc/backend", reach.Request{Method: "POST", Path: "/orders"})
	h, found := a.Decides()
	if !found || a.Verdict != verdict.Deny || h.Number != verdict.Authorization || h.Object.Name != "service-to-service" {
		t.Fatalf("expected service-to-service to deny, found:\n%s", show(a))
	}
	if !strings.HasPrefix(h.Where, "07-1-service-auth.yaml:") {
		t.Errorf("expected the place of the policy, found %q", h.Where)
	}
	if len(a.Nearest) == 0 || !strings.Contains(strings.Join(a.Nearest[0].Wants, " "), "cluster.local/ns/default/sa/frontend") ||
		!strings.Contains(strings.Join(a.Nearest[0].Has, " "), "cluster.local/ns/default/sa/default") {
		t.Errorf("expected the principal that is wanted and the one there is, found %+v", a.Nearest)
	}
	if np := hop(a, verdict.NetworkPolicy); np.Verdict != verdict.None { // egress is open
		t.Errorf("expected the frontend not to be isolated, found:\n%s", show(a))
	}
}

// Section 7.2: GET /public/x is let in, GET /public is not, nor is HEAD.
func TestArticlePublic(t *testing.T) {
	e := engine(folder(t, "default", article, readers))
	for _, c := range []struct {
		method, path string
		want         verdict.Verdict
	}{{"GET", "/public/x", verdict.Allow}, {"GET", "/public", verdict.Deny}, {"HEAD", "/public/x", verdict.Deny}, {"GET", "/healthz", verdict.Deny}, {"POST", "/public/x", verdict.Deny}} {
		a := check(t, e, "default/deploy/user-service -> default/deploy/api-gateway", reach.Request{Method: c.method, Path: c.path})
		if a.Verdict != c.want {
			t.Errorf("%s %s: expected %s, found:\n%s", c.method, c.path, c.want, show(a))
		}
	}
}

// Section 9.2: the NetworkPolicy lets the frontend in and cuts all others.
func TestArticleBackendPolicy(t *testing.T) {
	e := engine(folder(t, "default", article, readers))
	for from, want := range map[string]verdict.Verdict{
		"default/deploy/frontend": verdict.Allow, "default/deploy/api-gateway": verdict.Deny, "prometheus": verdict.Deny, "internet": verdict.Deny,
	} {
		a := check(t, e, from+" -> default/deploy/backend:8080", reach.Request{})
		var ingress verdict.Hop
		for _, h := range a.Hops {
			if h.Name == "NetworkPolicy ingress" {
				ingress = h
			}
		}
		if ingress.Verdict != want || ingress.Object.Name != "backend-policy" {
			t.Errorf("%s: expected backend-policy to %s, found:\n%s", from, want, show(a))
		}
	}
}

// The shop: every edge of its graph is let through, every other pair is not.
func TestShop(t *testing.T) {
	e := engine(folder(t, "shop", shop, ""))
	edges := map[string]string{
		"api-gateway user-service": "/users/1", "api-gateway order-service": "/orders/1", "api-gateway catalog-service": "/catalog/1",
		"order-service user-service": "/users/1", "order-service catalog-service": "/catalog/1", "shop-ingress api-gateway": "/",
	}
	workloads := map[string][]string{
		"api-gateway": {"api-gateway"}, "user-service": {"user-service-v1", "user-service-v2"}, "order-service": {"order-service"},
		"catalog-service": {"catalog-service"}, "shop-ingress": {"shop-ingress"},
	}
	for from, pods := range workloads {
		for to := range workloads {
			if from == to || to == "shop-ingress" {
				continue
			}
			path, known := edges[from+" "+to]
			want := verdict.Deny
			if known {
				want = verdict.Allow
			} else {
				path = "/" + strings.TrimSuffix(to, "-service") + "s/1"
			}
			for _, pod := range pods {
				a := check(t, e, fmt.Sprintf("shop/deploy/%s -> shop/svc/%s:80", pod, to), reach.Request{Method: "GET", Path: path})
				if a.Verdict != want {
					t.Errorf("expected %s, found:\n%s", want, show(a))
				}
			}
		}
	}
	for _, q := range []string{"internet -> shop/deploy/shop-ingress:8080", "gateway/shop/shop -> shop/svc/api-gateway", "prometheus -> shop/deploy/order-service:9090"} {
		if a := check(t, e, q, reach.Request{Method: "GET", Path: "/metrics"}); a.Verdict != verdict.Allow {
			t.Errorf("expected allow, found:\n%s", show(a))
		}
	}
	if a := check(t, e, "internet -> shop/deploy/order-service:8080", reach.Request{}); a.Verdict != verdict.Deny {
		t.Errorf("expected deny, found:\n%s", show(a))
	}
}

func TestShopMap(t *testing.T) {
	e := engine(folder(t, "shop", shop, ""))
	var got []string
	for _, r := range e.Map(reach.MapOptions{}).Rows {
		for _, to := range []string{"order-service", "catalog-service"} {
			if strings.Contains(r.To.Text, to) {
				got = append(got, r.String())
			}
		}
	}
	if len(got) != 2 || !strings.HasPrefix(got[0], "shop/deploy/api-gateway, shop/deploy/order-service -> shop/deploy/catalog-service TCP 8080 if GET or HEAD /catalog") ||
		!strings.HasPrefix(got[1], "shop/deploy/api-gateway -> shop/deploy/order-service TCP 8080 if ") {
		t.Errorf("found %q", got)
	}
	exposed := e.Map(reach.MapOptions{Exposed: true, Routed: true}).Rows
	if len(exposed) != 2 || exposed[0].String() != "shop/gateway/shop -> shop/deploy/api-gateway TCP 8080" ||
		exposed[1].From.Text != "internet" || exposed[1].To.Text != "shop/deploy/shop-ingress" || len(exposed[1].Doors) != 1 {
		t.Errorf("expected the ingress, and what it passes on, to be exposed, found %v", exposed)
	}
}

func TestShopMTLS(t *testing.T) {
	table := engine(folder(t, "shop", shop, "")).MTLS(reach.MTLSOptions{})
	mutual := map[string]bool{}
	for _, x := range table.Edges {
		if len(x.Declared) > 0 {
			mutual[x.From+" "+x.To+fmt.Sprint(" ", x.Port)] = x.TLS.Result == "mutual"
		}
	}
	for edge, want := range map[string]bool{
		"shop/deploy/api-gateway shop/deploy/user-service-v1 8080":   true,
		"shop/deploy/order-service shop/deploy/catalog-service 8080": true,
		"shop/gateway/shop shop/deploy/api-gateway 8080":             true,
		"prometheus shop/deploy/order-service 9090":                  false,
	} {
		if got, found := mutual[edge]; !found || got != want {
			t.Errorf("%s: expected mutual %v, found %v, %v", edge, want, got, found)
		}
	}
	for _, w := range table.Workloads {
		if w.Mode != "STRICT" || w.Verdict != verdict.None {
			t.Errorf("expected %s to be STRICT already, found %+v", w.Text, w)
		}
	}
}
