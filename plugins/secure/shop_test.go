// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// graph is who calls whom in examples/shop-by-hand, see its README.
var graph = map[string][]string{
	"shop-ingress":  {"api-gateway"},
	"api-gateway":   {"user-service-v1", "user-service-v2", "order-service", "catalog-service"},
	"order-service": {"user-service-v1", "user-service-v2", "catalog-service"},
}

// Every edge of the shop's dependency graph is let through, and no other.
func TestShopLetsThroughItsEdgesAlone(t *testing.T) {
	files := &source.Files{Paths: []string{"../../examples/shop-by-hand"}, Options: model.Options{Namespace: "shop", Offline: true, Partial: true}}
	s, err := files.Load(t.Context(), source.Want{Tolerant: true})
	if err != nil {
		t.Fatal(err)
	}
	edges := map[[2]string]bool{}
	for from, all := range graph {
		for _, to := range all {
			edges[[2]string{from, to}] = true
		}
	}
	e := reach.New(s, reach.Options{})
	asked := 0
	for _, from := range s.Workloads("shop") {
		for _, to := range s.Workloads("shop") {
			if from == to {
				continue
			}
			pair := [2]string{from.Ref.Name, to.Ref.Name}
			want := verdict.Deny
			if edges[pair] {
				want = verdict.Allow
				delete(edges, pair)
			}
			asked++
			if got := check(t, e, "deploy/"+pair[0], "deploy/"+pair[1]+":8080"); got.Verdict != want {
				t.Errorf("%s -> %s is %s, want %s: %+v", pair[0], pair[1], got.Verdict, want, got.Hops)
			}
		}
	}
	if asked != 30 || len(edges) > 0 {
		t.Errorf("asked for %d pairs, want 30; edges that are none of them: %v", asked, edges)
	}
}

func check(t *testing.T, e *reach.Engine, from, to string) reach.Answer {
	t.Helper()
	a, err := e.End(from, "shop")
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.End(to, "shop")
	if err != nil {
		t.Fatal(err)
	}
	return e.Check(a, b, reach.Request{})
}
