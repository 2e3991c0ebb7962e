// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

func TestEdges(t *testing.T) {
	a := answer(
		req(10, "web", "cart", "cart-v1", "200", "source"), req(5, "cart-v1", "db", "db", "200", "source"), req(3, "cart-v2", "db", "db", "503", "source"),
		req(2, "web", "cart", "cart-v2", "200", "source"), req(1, "db", "db", "db", "200", "source"), req(0, "web", "idle", "idle", "200", "source"),
		req(4, "two", "x", "x", "200", "source"), req(1, "web", "a", "two", "200", "source"), req(1, "web", "b", "two", "200", "source"),
	)
	draw := func(g stat.Graph) string {
		var out []string
		for _, e := range g.Edges {
			out = append(out, e.From.Name+">"+e.To.Name+" "+signals.Rate(*e.Group.Rate))
		}
		for _, n := range g.Nodes {
			out = append(out, n.Name)
		}
		return strings.Join(out, ", ")
	}
	g, _ := stat.Edges(profile(t, "istio"), a, signals.Options{})
	// Two workloads are one service; one behind two services stays itself.
	all := "cart>db 8.0, two>x 4.0, web>a 1.0, web>b 1.0, web>cart 12.0"
	if got, want := draw(g), strings.Replace(all, ", web>cart 12.0", ", web>cart 12.0, web>idle 0", 1)+", a, b, cart, db, idle, two, web, x"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := fmt.Sprint(g.Roots()); got != "[prod/two prod/web]" {
		t.Errorf("roots %s", got)
	}
	g.Busy()
	if got, want := draw(g), all+", a, b, cart, db, two, web, x"; got != want {
		t.Errorf("busy: %s, want %s", got, want)
	}
	g.Idle(modeltest.Live(t, world), "prod")
	if got := draw(g); !strings.Contains(got, "lonely") || strings.Contains(got, "kubernetes") {
		t.Errorf("idle: %s", got)
	}
	if err := g.Focus(stat.Name{Word: "svc", Name: "db"}, "prod", 1); err != nil || draw(g) != "cart>db 8.0, cart, db" {
		t.Errorf("focus: %s %v", draw(g), err)
	}
	var told *fault.Error
	if err := g.Focus(stat.Name{Word: "svc", Name: "carts"}, "prod", 1); !errors.As(err, &told) || told.Hint != "did you mean --focus svc/cart?" {
		t.Errorf("%v", err)
	}
	// Where everybody is called there is a root all the same.
	circle, _ := stat.Edges(profile(t, "istio"), answer(req(1, "a", "b", "b", "200", "source"), req(1, "b", "a", "a", "200", "source")), signals.Options{})
	if got := fmt.Sprint(circle.Roots()); got != "[prod/a]" {
		t.Errorf("roots of a circle %s", got)
	}
}

func TestCheck(t *testing.T) {
	rate, restarts := 10.0, 2.0
	target := stat.Target{Group: signals.Group{Window: 100 * time.Second, Rate: &rate, Failed: 1, ClientErrors: 2}, Restarts: &restarts}
	var all []stat.Criterion
	for _, c := range [][2]string{{"success", ">=80"}, {"client-errors", "<10%"}, {"p99", "<1s"}, {"rps", ">=10"}, {"restarts", "==0"}} {
		criterion, err := stat.ParseCriterion(c[0], c[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, criterion)
	}
	var got []string
	results := stat.Check(all, target, compare.Rules{})
	for _, r := range stat.ShapeResults(results, compare.Rules{}) {
		got = append(got, r.Metric+" "+r.Verdict)
	}
	if diff := cmp.Diff([]string{"success pass", "client-errors fail", "p99 inconclusive", "rps pass", "restarts fail"}, got); diff != "" {
		t.Error(diff)
	}
	for n, want := range map[int]compare.Verdict{1: compare.Pass, 2: compare.Fail, 3: compare.Fail, 5: compare.Fail} {
		if v := stat.Worst(results[:n]); v != want {
			t.Errorf("worst of %d: %s, want %s", n, v, want)
		}
	}
	if v := stat.Worst(results[2:4]); v != compare.Inconclusive {
		t.Errorf("what is open leaves it open: %s", v)
	}
	if stat.Needs(all[:3], stat.RestartsMetric) || !stat.Needs(all, stat.RestartsMetric) {
		t.Error("restarts are needed only where they are a gate")
	}
}
