// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promql_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	engine "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"

	"github.com/kubectl-micro/kubectl-micro/test/lint/promql"
	"github.com/kubectl-micro/kubectl-micro/test/lint/sample"
)

// generated are the sets, which are made once.
var generated = sync.OnceValues(func() ([]sample.Set, error) { return sample.All(context.Background(), "../../..") })

// rulesOf are the rules of every set.
func rulesOf(t *testing.T) map[string][]promql.Rule {
	t.Helper()
	sets, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]promql.Rule{}
	for _, s := range sets {
		if out[s.Name], err = promql.Rules(s.Stream); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
	}
	return out
}

// TestExpressions has Prometheus read every expression there is.
func TestExpressions(t *testing.T) {
	seen := 0
	for set, rules := range rulesOf(t) {
		for _, r := range rules {
			seen++
			if err := r.Parse(); err != nil {
				t.Errorf("%s: %v", set, err)
			}
		}
	}
	if seen < 100 {
		t.Errorf("expected hundreds of rules, found %d", seen)
	}
	if (promql.Rule{Expr: `absent(up{job="a")`}).Parse() == nil {
		t.Error("what is no expression is taken for one")
	}
}

// TestRules evaluates rules after two hours of samples, one a minute.
func TestRules(t *testing.T) {
	rules := rulesOf(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range rules[c.set] {
				if r.Name == c.rule {
					evaluate(t, r.Expr, c.load, c.want)
					return
				}
			}
			t.Fatalf("found no rule %s in %s", c.rule, c.set)
		})
	}
}

func evaluate(t *testing.T, expr string, load []string, want string) {
	t.Helper()
	script := "load 1m\n  " + strings.Join(load, "\n  ") + "\n\neval instant at 2h " + expr + "\n"
	if want != "" { // else the expression gives nothing
		script += "  " + want + "\n"
	}
	promqltest.RunTest(t, script, promqltest.NewTestEngineWithOpts(t, engine.EngineOpts{
		MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, EnableAtModifier: true, EnableNegativeOffset: true,
	}))
}

// requests counts calls of a service of the shop: the proxies of which end saw them,
// who called, the response code, other labels, and how many a minute.
func requests(to, reporter, from, code, more string, perMinute int) string {
	return fmt.Sprintf(`istio_requests_total{reporter=%q,source_workload=%q,source_workload_namespace="shop",destination_service_name=%q,destination_service_namespace="shop",response_code=%q,response_flags="-"%s} 0+%dx150`,
		reporter, from, to, code, more, perMinute)
}

// took counts how long calls of users took: of a bucket, or all of them.
func took(reporter, bucket string, perMinute int) string {
	what := "count{"
	if bucket != "" {
		what = fmt.Sprintf("bucket{le=%q,", bucket)
	}
	return fmt.Sprintf(`istio_request_duration_milliseconds_%sreporter=%q,source_workload="%s-caller",source_workload_namespace="shop",destination_service_name="users",destination_service_namespace="shop"} 0+%dx150`,
		what, reporter, reporter, perMinute)
}

// recorded are requests and failures of users a second, over some windows.
func recorded(requests, failures string, windows ...string) []string {
	var out []string
	for _, w := range windows {
		out = append(out,
			fmt.Sprintf(`service:micro_requests:rate%s{namespace="shop",service="users"} %sx150`, w, requests),
			fmt.Sprintf(`service:micro_failures:rate%s{namespace="shop",service="users"} %sx150`, w, failures))
	}
	return out
}
