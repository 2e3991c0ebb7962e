// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
)

// board is the part of Grafana's classic schema that tests look at.
type board struct {
	UID           string `json:"uid"`
	Title         string `json:"title"`
	SchemaVersion int    `json:"schemaVersion"`
	Panels        []struct {
		ID          int    `json:"id"`
		Type        string `json:"type"`
		Title       string `json:"title"`
		GridPos     rect   `json:"gridPos"`
		Datasource  struct{ UID string }
		Targets     []struct{ Expr, RefID, LegendFormat string }
		FieldConfig struct{ Defaults struct{ Unit string } }
	} `json:"panels"`
	Templating struct {
		List []struct {
			Name, Type, Definition string
			Multi                  bool
		}
	} `json:"templating"`
	Annotations struct{ List []struct{ Name, Expr string } }
}

type rect struct{ X, Y, W, H int }

// dashboards are those of all profiles, and of names that are hard.
func dashboards(t *testing.T) map[string]board {
	t.Helper()
	out := map[string]board{}
	for _, name := range slo.Profiles() {
		p, err := signals.ProfileNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, service := range []string{"users", strings.Repeat("long-", 12) + "name", "users.v2"} {
			data, err := observe.JSON(observe.Dashboard(observe.Board{Namespace: "shop", Service: service, Workloads: []string{"users-v2", "users-v1", "a.b"}, Profile: p}))
			if err != nil {
				t.Fatal(err)
			}
			var b board
			if err := json.Unmarshal(data, &b); err != nil {
				t.Fatal(err)
			}
			out[name+" "+service] = b
		}
	}
	return out
}

// units are those that a panel may have, by what its expression is about.
var units = []struct{ of, unit string }{
	{"histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds", "ms"}, {"histogram_quantile", "s"},
	{"slo:error_budget:remaining", "percentunit"}, {"slo:error_budget:burn_rate", "short"},
	{"memory_working_set_bytes", "bytes"}, {"container_cpu_usage", "none"}, {"restarts_total", "short"}, {"> 0)", "percentunit"}, {"sum", "reqps"},
}

// TestDashboards holds what Grafana would not tell but show wrong.
func TestDashboards(t *testing.T) {
	uids := map[string]string{}
	for name, b := range dashboards(t) {
		if len(b.UID) == 0 || len(b.UID) > 40 || !regexp.MustCompile(`^[a-zA-Z0-9_-]+$`).MatchString(b.UID) {
			t.Errorf("%s: uid %q", name, b.UID)
		}
		_, service, _ := strings.Cut(name, " ")
		if other, taken := uids[b.UID]; taken && other != service {
			t.Errorf("%s has the uid of %s", service, other)
		}
		uids[b.UID] = service
		if b.SchemaVersion < 39 || b.SchemaVersion > 41 {
			t.Errorf("%s: schemaVersion %d", name, b.SchemaVersion)
		}
		ids := map[int]bool{}
		cells := map[[2]int]string{}
		for _, p := range b.Panels {
			if p.ID == 0 || ids[p.ID] {
				t.Errorf("%s: %s: id %d again", name, p.Title, p.ID)
			}
			ids[p.ID] = true
			g := p.GridPos
			if g.X < 0 || g.Y < 0 || g.W <= 0 || g.H <= 0 || g.X+g.W > 24 {
				t.Errorf("%s: %s is outside of the grid: %+v", name, p.Title, g)
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other, taken := cells[[2]int{x, y}]; taken {
						t.Fatalf("%s: %s lies upon %s", name, p.Title, other)
					}
					cells[[2]int{x, y}] = p.Title
				}
			}
			if p.Type == "row" {
				continue
			}
			if p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
				t.Errorf("%s: %s: datasource %q, %d targets", name, p.Title, p.Datasource.UID, len(p.Targets))
			}
			at := slices.IndexFunc(units, func(u struct{ of, unit string }) bool { return strings.Contains(p.Targets[0].Expr, u.of) })
			want := units[at].unit
			if strings.Contains(p.Targets[0].Expr, "duration_milliseconds_bucket") {
				want = "ms"
			}
			if p.FieldConfig.Defaults.Unit != want {
				t.Errorf("%s: %s: unit %q, want %q of %s", name, p.Title, p.FieldConfig.Defaults.Unit, want, p.Targets[0].Expr)
			}
			refs := map[string]bool{}
			for _, q := range p.Targets {
				if refs[q.RefID] || q.LegendFormat == "" || !strings.Contains(q.Expr, `namespace="$namespace"`) {
					t.Errorf("%s: %s: query %+v", name, p.Title, q)
				}
				refs[q.RefID] = true
			}
		}
		if len(ids) < 12 || b.Templating.List[0].Type != "datasource" || b.Templating.List[1].Name != "namespace" {
			t.Errorf("%s: %d panels, variables %+v", name, len(ids), b.Templating.List)
		}
		for _, v := range b.Templating.List {
			if v.Multi {
				t.Errorf("%s: of variable %s several may be chosen, which counts requests twice", name, v.Name)
			}
		}
		if len(b.Annotations.List) != 1 {
			t.Errorf("%s: annotations %+v", name, b.Annotations.List)
		}
	}
}

// TestDashboardExpressions has promtool read every expression, as a rule.
func TestDashboardExpressions(t *testing.T) {
	var rules []any
	for name, b := range dashboards(t) {
		add := func(expr string) {
			for _, v := range [][2]string{{"$__rate_interval", "5m"}, {"$namespace", "shop"}, {"$reporter", "source"}} {
				expr = strings.ReplaceAll(expr, v[0], v[1])
			}
			if strings.Contains(expr, "$") {
				t.Errorf("%s: %s has a variable that there is not", name, expr)
			}
			rules = append(rules, map[string]any{"record": fmt.Sprintf("r%d", len(rules)), "expr": expr})
		}
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				add(q.Expr)
			}
		}
		add(b.Annotations.List[0].Expr)
	}
	check := func(rules []any) (string, error) {
		program, err := exec.LookPath("promtool")
		if err != nil {
			t.Fatal("found no promtool, which says whether expressions are any: apt-get install prometheus")
		}
		file := filepath.Join(t.TempDir(), "rules.yaml")
		if err := os.WriteFile(file, app.YAML(map[string]any{"groups": []any{map[string]any{"name": "all", "rules": rules}}}), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), program, "check", "rules", file).CombinedOutput()
		return string(out), err
	}
	if out, err := check(rules); err != nil || len(rules) < 200 {
		t.Errorf("%d expressions: %v\n%s", len(rules), err, out)
	}
	if _, err := check([]any{map[string]any{"record": "r", "expr": "sum(rate(a[5m])"}}); err == nil {
		t.Error("what is no expression is taken for one")
	}
}

// Requests that do not say how they ended have neither failed nor gone well.
func TestDashboardOutcomes(t *testing.T) {
	var tests []any
	for name, b := range dashboards(t) {
		if name != "http users" {
			continue
		}
		for _, p := range b.Panels {
			if p.Title != "Success" {
				continue
			}
			series := func(labels string) any {
				return map[string]any{"series": `http_request_duration_seconds_count{namespace="shop",service="users"` + labels + "}", "values": "0+60x20"}
			}
			expr := strings.NewReplacer("$__rate_interval", "5m", "$namespace", "shop").Replace(p.Targets[0].Expr)
			tests = append(tests, map[string]any{
				"interval": "1m", "input_series": []any{series(`,code="200"`), series(`,code="503"`), series(``)},
				"promql_expr_test": []any{map[string]any{"expr": "abs(" + expr + " - 0.5) < bool 0.001", "eval_time": "20m", "exp_samples": []any{map[string]any{"labels": "{}", "value": 1}}}},
			})
		}
	}
	if len(tests) != 1 {
		t.Fatalf("%d panels with the success of http, expected one", len(tests))
	}
	file := filepath.Join(t.TempDir(), "test.yaml")
	if err := os.WriteFile(file, app.YAML(map[string]any{"tests": tests}), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "promtool", "test", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestDashboardPods has the panels of pods select those of the workloads, and of nothing
// else that is called alike.
func TestDashboardPods(t *testing.T) {
	long := strings.Repeat("long-", 10) + "name"
	for _, c := range []struct {
		workloads []string
		pods      map[string]bool
	}{
		{[]string{"cart", "cart.db"}, map[string]bool{
			"cart-7d9f8b6c5d-vwxzb": true, "cart-5c4b-vwxzb": true, "cart-vwxzb": true, "cart-0": true, "cart-12": true, "cart.db-0": true,
			"cart-worker-7d9f8b6c5d-vwxzb": false, "cart-db-0": false, "cart-agent-vwxzb": false, "cartx-0": false, "cart": false, "old-cart-0": false,
		}},
		{[]string{long}, map[string]bool{long + "-7d9f8b6cvwxzb": true}},
		{nil, map[string]bool{"users-v1-7d9f8b6c5d-vwxzb": true}},
	} {
		p, err := signals.ProfileNamed("http")
		if err != nil {
			t.Fatal(err)
		}
		data, err := observe.JSON(observe.Dashboard(observe.Board{Namespace: "shop", Service: "users", Workloads: c.workloads, Profile: p}))
		if err != nil {
			t.Fatal(err)
		}
		var b board
		if err := json.Unmarshal(data, &b); err != nil {
			t.Fatal(err)
		}
		selects := regexp.MustCompile(`pod=~("(?:[^"\\]|\\.)*")`)
		for _, panel := range b.Panels {
			for _, q := range panel.Targets {
				for _, m := range selects.FindAllStringSubmatch(q.Expr, -1) {
					pattern, err := strconv.Unquote(m[1])
					if err != nil {
						t.Fatal(err)
					}
					for pod, want := range c.pods {
						if got := regexp.MustCompile("^(?:" + pattern + ")$").MatchString(pod); got != want {
							t.Errorf("%v: %s selects %s: %t, want %t", c.workloads, pattern, pod, got, want)
						}
					}
				}
			}
		}
	}
}
