// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// town is several services in two namespaces.
const town = `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: prod}
---
apiVersion: v1
kind: Service
metadata: {name: details, namespace: prod}
---
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: test}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: pay, namespace: prod}
spec: {hosts: [pay.example.com], ports: [{number: 443, name: tls, protocol: TLS}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews-route, namespace: prod}
spec:
  hosts: [reviews]
  http:
  - name: main
    route:
    - {destination: {host: reviews, subset: v1}, weight: 100}
    - {destination: {host: reviews, subset: v2}, weight: 0}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: pay, namespace: prod}
spec:
  hosts: [pay.example.com]
  tls:
  - match: [{sniHosts: [pay.example.com]}]
    route:
    - {destination: {host: pay.example.com, subset: old}, weight: 100}
    - {destination: {host: pay.example.com, subset: new}, weight: 0}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: test}
spec:
  hosts: [reviews]
  http:
  - route:
    - {destination: {host: reviews, subset: v1}, weight: 100}
    - {destination: {host: reviews, subset: v2}, weight: 0}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: api, namespace: prod}
spec:
  rules:
  - matches: [{path: {type: PathPrefix, value: /v1}}]
    backendRefs: [{name: api-v1, port: 80}]
  - matches: [{path: {type: PathPrefix, value: /v2}}]
    backendRefs: [{name: api-v2, port: 80}]
`

func TestFind(t *testing.T) {
	s := modeltest.Live(t, town)
	tests := []struct {
		query canary.Query
		want  string // the target and its routes, or the error's text
		hint  string
	}{
		{canary.Query{Name: "reviews", Namespace: "prod"}, "prod/reviews: reviews-route http[0] main", ""},
		{canary.Query{Name: "svc/reviews", Namespace: "prod"}, "prod/reviews: reviews-route http[0] main", ""},
		{canary.Query{Name: "Service/Reviews", Namespace: "prod"}, "prod/reviews: reviews-route http[0] main", ""},
		{canary.Query{Name: "vs/reviews-route", Namespace: "prod"}, "prod/reviews: reviews-route http[0] main", ""},
		{canary.Query{Name: "reviews.test.svc.cluster.local", Namespace: "prod"}, "test/reviews: reviews http[0]", ""},
		{canary.Query{Name: "reviews.test", Namespace: "prod"}, "test/reviews: reviews http[0]", ""},
		{canary.Query{Name: "PAY.example.com", Namespace: "prod"}, "prod/pay.example.com: pay tls[0]", ""},
		{canary.Query{Name: "pay.example.com"}, "prod/pay.example.com: pay tls[0]", ""},
		{canary.Query{Name: "vs/pay"}, "prod/pay.example.com: pay tls[0]", ""},
		{canary.Query{Name: "httproute/api", Namespace: "prod"}, "prod/api: api http[0], api http[1]", ""},
		{canary.Query{Name: "reviews", Namespace: "prod", Route: "main"}, "prod/reviews: reviews-route http[0] main", ""},
		{canary.Query{Name: "reviews", Namespace: "prod", Route: "http[0]"}, "prod/reviews: reviews-route http[0] main", ""},
		{canary.Query{Namespace: "test"}, "test/reviews: reviews http[0]", ""},

		{canary.Query{Name: "reviews"}, `"reviews" is in the namespaces prod, test: name one`, "-n prod\n-n test"},
		{canary.Query{Namespace: "prod"}, `2 services can be split in namespace "prod": name one`,
			"kubectl micro canary pay.example.com -n prod --weight N\nkubectl micro canary reviews -n prod --weight N"},
		{canary.Query{Namespace: "none"}, `no service whose traffic can be split was found in namespace "none"`, "expected a VirtualService"},
		{canary.Query{Name: "review", Namespace: "prod"}, `no service, virtualservice or route "review" in namespace "prod"`, "did you mean reviews, reviews-route?"},
		{canary.Query{Name: "vs/review-route", Namespace: "prod"}, `no service, virtualservice or route "vs/review-route" in namespace "prod"`, "did you mean reviews-route?"},
		{canary.Query{Name: "details", Namespace: "prod"}, "service prod/details has no VirtualService, HTTPRoute or GRPCRoute", "add a route with two destinations first\nkubectl micro canary pay"},
		{canary.Query{Name: "pay.example.com", Namespace: "test"}, `no service, virtualservice or route "pay.example.com" in namespace "test"`, "there is one in namespace prod: -n prod"},
		{canary.Query{Name: "zzz", Namespace: "prod"}, `no service, virtualservice or route "zzz" in namespace "prod"`, "kubectl micro canary pay.example.com -n prod --weight N"},
		{canary.Query{Name: "dr/reviews", Namespace: "prod"}, `"dr/reviews": a DestinationRule does not route traffic`, ""},
		{canary.Query{Name: "foo/reviews", Namespace: "prod"}, `found the kind "foo"`, ""},
		{canary.Query{Name: "reviews", Namespace: "prod", Route: "http[1]"}, `--route "http[1]": expected one of catch-all, http[0] main`, ""},
	}
	for _, tt := range tests {
		got, err := canary.Find(s, tt.query)
		if err != nil {
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Usage || !strings.Contains(f.Error(), tt.want) || !strings.Contains(f.Hint, tt.hint) {
				t.Errorf("%+v: %v (hint %q), want %q", tt.query, err, f.Hint, tt.want)
			}
			continue
		}
		var routes []string
		for _, r := range got.Routes {
			routes = append(routes, r.Object.Ref.Name+" "+r.ID())
		}
		if text := fmt.Sprintf("%s: %s", got, strings.Join(routes, ", ")); text != tt.want {
			t.Errorf("%+v: found %s, want %s", tt.query, text, tt.want)
		}
	}
	if _, err := canary.Find(modeltest.Live(t, ""), canary.Query{Name: "x", Namespace: "prod"}); !strings.Contains(fmt.Sprint(err), `no service, virtualservice or route "x"`) {
		t.Errorf("in an empty world: %v", err)
	}
}

// TestFindInTheDark: routes that could not be listed are not absent.
func TestFindInTheDark(t *testing.T) {
	b := model.NewBuilder(model.Options{})
	b.Unknown(model.Gap{Kind: model.HTTPRoutes.GroupKind, Namespace: "prod", Reason: "cannot list httproutes in namespace prod: forbidden"})
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	_, err = canary.Find(s, canary.Query{Name: "reviews", Namespace: "prod"})
	if fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), "cannot list httproutes in namespace prod: forbidden") {
		t.Errorf("expected a failure that names the gap, found %v", err)
	}
}

func TestList(t *testing.T) {
	s := modeltest.Live(t, town)
	for namespace, want := range map[string][]string{
		"": {"prod/pay.example.com", "prod/reviews", "test/reviews"}, "test": {"test/reviews"}, "none": nil,
	} {
		var got []string
		for _, target := range canary.List(s, namespace) {
			got = append(got, target.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("namespace %q (-want +got):\n%s", namespace, diff)
		}
	}
}

func TestHome(t *testing.T) {
	s := modeltest.Live(t, town)
	for name, want := range map[string]string{"": "", "pay.example.com": "prod", "reviews.test.svc.cluster.local": "test", "nobody": "prod", "vs/reviews-route": "prod"} {
		if got, err := canary.Home(s, canary.Query{Name: name}); err != nil || got != want {
			t.Errorf("Home(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	if got, err := canary.Home(modeltest.Live(t, ""), canary.Query{Name: "x"}); err != nil || got != "" {
		t.Errorf("in an empty world: %q, %v", got, err)
	}
}
