// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

func rows(m reach.Map) []string {
	var out []string
	for _, r := range m.Rows {
		out = append(out, r.String())
	}
	return out
}

// three are apps in two namespaces, without a mesh.
var three = app("prod", "web", "") + app("prod", "cart", "") + app("shop", "db", "")

func TestMap(t *testing.T) {
	onCart := policy("NetworkPolicy", "cart", "{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}")
	for name, c := range map[string]struct {
		world string
		o     reach.MapOptions
		to    string
		want  []string
	}{
		"no policy": {world: three, want: []string{
			"internet -> all workloads all", "all workloads -> all workloads all", "all workloads -> internet all",
		}},
		"one is closed": {world: three + onCart, want: []string{
			"all workloads -> internet all",
			"prod/deploy/web -> prod/deploy/cart TCP 8080",
			"all workloads -> prod/deploy/web, shop/deploy/db all", "internet -> prod/deploy/web, shop/deploy/db all",
		}},
		"to one": {world: three + onCart, to: "deploy/cart", want: []string{"prod/deploy/web -> prod/deploy/cart TCP 8080"}},
		"of a namespace": {world: three + onCart, o: reach.MapOptions{Namespaces: []string{"shop"}}, want: []string{
			"shop/deploy/db -> internet all", "shop/deploy/db -> prod/deploy/web all", "internet -> shop/deploy/db all", "all workloads -> shop/deploy/db all",
		}},
		"exposed": {world: three + onCart, o: reach.MapOptions{Exposed: true}, want: []string{
			"all workloads -> prod/deploy/web, shop/deploy/db all", "internet -> prod/deploy/web, shop/deploy/db all",
		}},
		"a block": {world: three + policy("NetworkPolicy", "out", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 443}]}]}"),
			o: reach.MapOptions{Namespaces: []string{"none"}}, want: nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := live(t, c.world)
			if c.to != "" {
				x := end(t, e, c.to)
				c.o.To = &x
			}
			got := rows(e.Map(c.o))
			slices.Sort(got)
			slices.Sort(c.want)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// An end without a workload gets a row of its own.
func TestMapOfAddress(t *testing.T) {
	e := live(t, three+policy("NetworkPolicy", "cart", "{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}"))
	for from, want := range map[string]bool{"192.0.2.7": true, "198.51.100.7": false} {
		x, to := end(t, e, from), end(t, e, "deploy/cart")
		got := rows(e.Map(reach.MapOptions{From: &x, To: &to}))
		if slices.Equal(got, []string{from + " -> prod/deploy/cart all"}) != want {
			t.Errorf("%s: found %q", from, got)
		}
	}
}

// With policies of the mesh, conditions come with the ports that are called.
func TestMapOfMesh(t *testing.T) {
	e := live(t, pods+policy("AuthorizationPolicy", "cart", "{selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/prod/sa/web]}}], to: [{operation: {methods: [GET]}}]}]}"))
	to := end(t, e, "svc/cart")
	got := rows(e.Map(reach.MapOptions{To: &to}))
	if len(got) != 1 || !strings.HasPrefix(got[0], "prod/deploy/web -> prod/deploy/cart, prod/deploy/cart-v2 TCP 8080 if GET") {
		t.Errorf("expected web alone, for GET, found %q", got)
	}
}

func TestDiff(t *testing.T) {
	closed := policy("NetworkPolicy", "cart", "{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}")
	before, after := live(t, three), live(t, three+closed)
	d := reach.Diff(before, after, reach.DiffOptions{})
	if len(d.Gained) != 0 || d.Empty() {
		t.Fatalf("expected losses only, found %+v", d)
	}
	var got []string
	for _, c := range d.Lost {
		got = append(got, c.From.Text+" -> "+c.To.Text+" "+reach.Connections(c.Connections))
		if len(c.By) != 1 || c.By[0].Object.Name != "cart" {
			t.Errorf("expected NetworkPolicy cart to be the cause, found %+v", c.By)
		}
	}
	want := []string{
		"internet -> prod/deploy/cart all", "prod/deploy/web -> prod/deploy/cart TCP 1-8079, TCP 8081-65535, UDP, SCTP", "prod/deploy/cart, shop/deploy/db -> prod/deploy/cart all",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back := reach.Diff(after, before, reach.DiffOptions{})
	if len(back.Lost) != 0 || len(back.Gained) != len(d.Lost) {
		t.Errorf("expected the way back to gain what was lost, found %+v", back)
	}
	if same := reach.Diff(after, after, reach.DiffOptions{}); !same.Empty() {
		t.Errorf("expected no difference, found %+v", same)
	}
	if other := reach.Diff(before, after, reach.DiffOptions{Namespaces: []string{"elsewhere"}}); !other.Empty() {
		t.Errorf("expected nothing of another namespace, found %+v", other)
	}
}

// A rule of the mesh, a block that one world names, and a workload that is new.
func TestDiffOfMore(t *testing.T) {
	e := live(t, pods)
	d := reach.Diff(e, live(t, pods+policy("AuthorizationPolicy", "cart", "{selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/prod/sa/web]}}]}]}")), reach.DiffOptions{})
	if !slices.ContainsFunc(d.Lost, func(c reach.Change) bool {
		return c.From.Internet && len(c.By) == 1 && c.By[0].Object.Name == "cart"
	}) {
		t.Errorf("expected the internet to lose cart, found %+v", d.Lost)
	}
	if slices.ContainsFunc(d.Lost, func(c reach.Change) bool { return strings.Contains(c.From.Text, "deploy/web") }) {
		t.Errorf("expected web to lose nothing, found %+v", d.Lost)
	}
	d = reach.Diff(live(t, three), live(t, three+policy("NetworkPolicy", "cart", "{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}")), reach.DiffOptions{})
	if slices.ContainsFunc(d.Lost, func(c reach.Change) bool { return strings.Contains(c.From.Text, "192.0.2") }) ||
		!slices.ContainsFunc(d.Lost, func(c reach.Change) bool { return c.From.Internet }) {
		t.Errorf("expected the internet but for the block to lose cart, found %+v", d.Lost)
	}
	d = reach.Diff(live(t, three), live(t, three+app("prod", "fresh", "")), reach.DiffOptions{})
	if len(d.Lost) != 0 || !slices.ContainsFunc(d.Gained, func(c reach.Change) bool { return c.To.Text == "prod/deploy/fresh" }) {
		t.Errorf("expected the new workload to gain, found %+v", d)
	}
}

// mapped is what a map says about a TCP port.
func mapped(m reach.Map, from, to reach.End, port int32) verdict.Verdict {
	out := verdict.Deny
	for _, r := range m.Rows {
		if !slices.Contains(r.From.Workloads, from.Object) || !slices.Contains(r.To.Workloads, to.Object) {
			continue
		}
		for _, c := range r.Connections {
			if c.Protocol == "" || c.Protocol == "TCP" && (c.First == 0 || c.First <= port && port <= c.Last) {
				out = c.Verdict
			}
		}
	}
	return out
}

// big is a world of many workloads and policies, as objects.
func big(b *testing.B, workloads, policies, namespaces int) *model.Snapshot {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var raws []map[string]any
	for i := range workloads {
		ns, name := fmt.Sprint("ns", i%namespaces), fmt.Sprint("app", i)
		set := map[string]any{"app": fmt.Sprint("app", i%(workloads/4)), "tier": fmt.Sprint("tier", r.IntN(3))}
		raws = append(raws, map[string]any{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name, "namespace": ns},
			"spec": map[string]any{
				"selector": map[string]any{"matchLabels": set},
				"template": map[string]any{
					"metadata": map[string]any{"labels": set},
					"spec": map[string]any{"containers": []any{map[string]any{"name": "a", "image": "x", "ports": []any{
						map[string]any{"name": "http", "containerPort": int64(8080)},
					}}}},
				},
			},
		})
	}
	for i := range policies {
		peer := func() any {
			return map[string]any{
				"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": fmt.Sprint("ns", r.IntN(namespaces))}},
				"podSelector":       map[string]any{"matchLabels": map[string]any{"tier": fmt.Sprint("tier", r.IntN(3))}},
			}
		}
		raws = append(raws, map[string]any{
			"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": map[string]any{"name": fmt.Sprint("p", i), "namespace": fmt.Sprint("ns", i%namespaces)},
			"spec": map[string]any{
				"podSelector": map[string]any{"matchLabels": map[string]any{"app": fmt.Sprint("app", r.IntN(workloads/4))}},
				"policyTypes": []any{"Ingress", "Egress"},
				"ingress":     []any{map[string]any{"from": []any{peer(), peer()}, "ports": []any{map[string]any{"port": "http"}}}},
				"egress":      []any{map[string]any{"to": []any{peer()}}},
			},
		})
	}
	return modeltest.Raw(b, raws...)
}

func BenchmarkMap(b *testing.B) {
	s := big(b, 2000, 500, 50)
	s.Workloads("")
	b.ResetTimer()
	for b.Loop() {
		m := reach.New(s, reach.Options{}).Map(reach.MapOptions{})
		b.ReportMetric(float64(len(m.Rows)), "rows")
		b.ReportMetric(float64(m.Classes), "classes")
	}
}

func BenchmarkDiff(b *testing.B) {
	before, after := big(b, 2000, 495, 50), big(b, 2000, 500, 50)
	for b.Loop() {
		reach.Diff(reach.New(before, reach.Options{}), reach.New(after, reach.Options{}), reach.DiffOptions{})
	}
}

func BenchmarkCheck(b *testing.B) {
	s := big(b, 2000, 500, 50)
	for b.Loop() {
		e := reach.New(s, reach.Options{})
		from, _ := e.End("deploy/app0", "ns0")
		to, _ := e.End("deploy/app1", "ns1")
		e.Check(from, to, reach.Request{})
	}
}
