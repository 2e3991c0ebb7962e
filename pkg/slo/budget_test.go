// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
)

// TestBurns has the numbers of the workbook for its 30 days, and those of four weeks
// and of one in proportion.
func TestBurns(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for days, want := range map[int][4][2]time.Duration{
		30: {{hour, 5 * minute}, {6 * hour, 30 * minute}, {24 * hour, 2 * hour}, {72 * hour, 6 * hour}},
		28: {{56 * minute, 5 * minute}, {336 * minute, 28 * minute}, {1344 * minute, 112 * minute}, {4032 * minute, 336 * minute}},
		7:  {{14 * minute, 2 * minute}, {84 * minute, 7 * minute}, {336 * minute, 28 * minute}, {1008 * minute, 84 * minute}},
	} {
		var windows [4][2]time.Duration
		var factors []string
		for i, b := range slo.Burns(time.Duration(days) * 24 * hour) {
			windows[i] = [2]time.Duration{b.Long, b.Short}
			factors = append(factors, b.Factor.RatString())
		}
		if diff := cmp.Diff(want, windows); diff != "" {
			t.Errorf("%d days: windows (-want +got):\n%s", days, diff)
		}
		if diff := cmp.Diff([]string{"72/5", "6", "3", "1"}, factors); diff != "" {
			t.Errorf("%d days: factors (-want +got):\n%s", days, diff)
		}
	}
}

// TestBudgets holds random objectives against arithmetic: of windows, of thresholds,
// and of what is left out because it cannot be.
func TestBudgets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []slo.Objective
	for i := range 100 {
		// A target of up to five decimals between 84 and 100 %, as text.
		millionths := 840001 + r.Int64N(159998)
		days := 7 + r.IntN(24)
		o, err := slo.New(api.Objective{
			Metadata: api.ObjectiveMeta{Name: fmt.Sprint("o", i)},
			Spec: api.ObjectiveSpec{
				Service: "users", Target: fmt.Sprintf("%d.%04d%%", millionths/10000, millionths%10000), Period: fmt.Sprintf("%dd", days),
				Profile: slo.Profiles()[r.IntN(len(slo.Profiles()))],
			},
		}, "shop")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
		if want := big.NewRat(millionths, 1000000); o.Target.Cmp(want) != 0 {
			t.Fatalf("target %s, want %s", o.Target, want)
		}
		alerts := map[string]string{}
		for _, rule := range o.Rules() {
			alerts[rule.Alert] = rule.Expr
		}
		lastLong := time.Duration(0)
		for _, b := range slo.Burns(o.Period) {
			if b.Short >= b.Long || b.Short < 2*time.Minute || b.Long <= lastLong || b.Long%time.Minute != 0 || b.Short%time.Minute != 0 {
				t.Errorf("%d days: windows %s and %s after %s", days, b.Long, b.Short, lastLong)
			}
			lastLong = b.Long
			// factor: the share of the budget by the share of the period.
			gone := map[string]int64{"2 %": 2, "5 %": 5, "10 %": 10}[b.Gone]
			limit := new(big.Rat).Mul(big.NewRat(gone*int64(o.Period), 100*int64(b.Long)), big.NewRat(1000000-millionths, 1000000))
			expr, there := alerts[b.Alert]
			if possible := limit.Cmp(big.NewRat(1, 1)) < 0; there != possible {
				t.Errorf("target %s: %s is there: %t, can be: %t", o.Target.FloatString(6), b.Alert, there, possible)
			}
			written := regexp.MustCompile(`\) > ([0-9.]+)`).FindAllStringSubmatch(expr, -1)
			if there && len(written) != 2 {
				t.Fatalf("expected two thresholds in %s", expr)
			}
			for _, w := range written {
				if got, _ := new(big.Rat).SetString(w[1]); got.Cmp(limit) != 0 {
					t.Errorf("target %s, %s: threshold %s, want %s", o.Target.FloatString(6), b.Alert, w[1], limit.FloatString(12))
				}
			}
		}
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, app.YAML(slo.Groups(all...)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := promtool(t, "check", "rules", file); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
}

// TestObject is what the operator reads; of the CRD's schema nothing may be missing.
func TestObject(t *testing.T) {
	for name, c := range objectives {
		o := objective(t, c.spec)
		object := o.Object(map[string]string{"release": "prometheus"})
		problems, known := schema.Check(object)
		if !known || len(problems) > 0 {
			t.Errorf("%s: known %t, %v", name, known, problems)
		}
		if labels := object["metadata"].(map[string]any)["labels"].(map[string]any); labels["release"] != "prometheus" {
			t.Errorf("%s: labels %v", name, labels)
		}
	}
}

// TestBucketOfABound has every spelling of a bound selected, and no other bound.
func TestBucketOfABound(t *testing.T) {
	for _, c := range []struct {
		spec    api.ObjectiveSpec
		yes, no []string
	}{
		{api.ObjectiveSpec{Latency: "500ms"}, []string{"500", "500.0"}, []string{"5000", "50", "2500", "500.5", "500x0"}},
		{api.ObjectiveSpec{Latency: "1h"}, []string{"3600000", "3600000.0", "3.6e+06"}, []string{"360000", "3x6e+06"}},
		{api.ObjectiveSpec{Latency: "500us"}, []string{"0.5"}, []string{"5", "0.50", "0x5"}},
		{api.ObjectiveSpec{Latency: "1s", Profile: "http"}, []string{"1", "1.0"}, []string{"10", "0.1", "1.5"}},
		{api.ObjectiveSpec{Latency: "300ms", Buckets: []string{"0.3"}}, []string{"300", "300.0"}, []string{"299"}},
	} {
		c.spec.Target = 99
		o := objective(t, c.spec)
		m := regexp.MustCompile(`le=(~?)"([^"]*)"`).FindStringSubmatch(o.Rules()[1].Expr)
		if m == nil {
			t.Fatalf("expected a bucket in %s", o.Rules()[1].Expr)
		}
		pattern := strings.ReplaceAll(m[2], `\\`, `\`)
		if m[1] == "" {
			pattern = regexp.QuoteMeta(pattern)
		}
		bucket := regexp.MustCompile("^(?:" + pattern + ")$") // as Prometheus reads it
		for _, le := range c.yes {
			if !bucket.MatchString(le) {
				t.Errorf("%s: %s does not select %q", c.spec.Latency, m[0], le)
			}
		}
		for _, le := range c.no {
			if bucket.MatchString(le) {
				t.Errorf("%s: %s selects %q", c.spec.Latency, m[0], le)
			}
		}
	}
}

// TestWrong has every mistake told, with what to type next.
func TestWrong(t *testing.T) {
	for _, c := range []struct {
		spec       api.ObjectiveSpec
		want, hint string
	}{
		{api.ObjectiveSpec{}, `expected a share such as 99.9, 99.9% or 0.999, found ""`, "--target 99.9"},
		{api.ObjectiveSpec{Target: 100}, `below 100 %, found "100"`, "--target 99.9"},
		{api.ObjectiveSpec{Target: 1}, `below 100 %, found "1"`, "--target 99.9"},
		{api.ObjectiveSpec{Target: "1e-1"}, "expected a share", "--target 99.9"},
		{api.ObjectiveSpec{Target: 80}, "expected a target above 83.33 %, found 80 %", "--target 99"},
		{api.ObjectiveSpec{Target: 99, Period: "1d"}, `expected a period of 7d to 30d, found "1d"`, "--period 30d"},
		{api.ObjectiveSpec{Target: 99, Period: "month"}, `expected a period in days or weeks, found "month"`, "--period 30d"},
		{api.ObjectiveSpec{Target: 99, Profile: "isto"}, "expected a profile with rules, istio, ", "--profile istio"},
		{api.ObjectiveSpec{Target: 99, Profile: "http", Metric: "requests"}, "http_request_duration_seconds_count or http_requests_total; found \"requests\"", "--metric http_request_duration_seconds_count"},
		{api.ObjectiveSpec{Target: 99, Latency: "300ms"}, "found 300ms: the nearest are 250ms and 500ms", `--latency 500ms, or annotate the pods with sidecar.istio.io/statsHistogramBuckets: '{"istiocustom":[0.5,1,5,10,25,50,100,250,300,500,`},
		{api.ObjectiveSpec{Target: 99, Latency: "3ms", Profile: "http"}, "found 3ms: the nearest are 5ms", "--latency 5ms"},
		{api.ObjectiveSpec{Target: 99, Latency: "fast"}, `expected a latency of at most an hour, found "fast"`, "--latency 500ms"},
		{api.ObjectiveSpec{Target: 99, Buckets: []string{"1"}}, "expected a latency beside them", "--latency 500ms"},
		{api.ObjectiveSpec{Target: 99, Latency: "1s", Buckets: []string{"-1"}}, `expected the upper bound of a bucket in seconds, found "-1"`, "--buckets"},
		{api.ObjectiveSpec{Target: 99, Service: "Users"}, `found "Users"`, ""},
		{api.ObjectiveSpec{Target: 99, Selector: map[string]string{"job": "x"}}, "expected no selector", "--profile"},
		{api.ObjectiveSpec{Target: 99, Selector: map[string]string{"job-x": "x"}, Profile: "http"}, `in the selector, found "job-x"`, ""},
		{api.ObjectiveSpec{Target: 99, MinimumEvents: new(int32(-1))}, "minimumEvents -1", ""},
		{api.ObjectiveSpec{Target: 99, View: "mine"}, "mine", ""},
		{api.ObjectiveSpec{Target: 99, GRPCErrors: "17"}, "17", ""},
	} {
		if c.spec.Service == "" {
			c.spec.Service = "users"
		}
		_, err := slo.New(api.Objective{Spec: c.spec}, "shop")
		if err == nil || fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.spec, err, c.want)
			continue
		}
		hints := ""
		for _, one := range fault.All(err) {
			if typed, ok := one.(*fault.Error); ok {
				hints += typed.Hint
			}
		}
		if !strings.Contains(hints, c.hint) {
			t.Errorf("%s: hint %q, want %q", c.want, hints, c.hint)
		}
	}
}

// TestRead reads files, and says where what is wrong.
func TestRead(t *testing.T) {
	const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: Objective\n"
	good := head + "metadata: {name: users-availability, labels: {team: shop}}\nspec: {service: users, target: 99.9}\n---\n" +
		head + "metadata: {name: fast, namespace: other}\nspec: {service: users, target: 99, latency: 500ms}\n"
	all, err := slo.Read("slo.yaml", []byte(good), "shop")
	if err != nil || len(all) != 2 || all[0].Name != "users-availability" || all[0].Namespace != "shop" || all[0].Labels["team"] != "shop" || all[1].Name != "fast" || all[1].Namespace != "other" {
		t.Fatalf("%v %v", all, err)
	}
	for text, want := range map[string]string{
		"": "slo.yaml: expected an Objective, found no document",
		head + "metadata: {name: x}\nspec: {service: users, targt: 99.9}\n":                  "slo.yaml:4:24: ",
		head + "metadata: {name: x}\nspec: {service: users, target: 100}\n":                  "slo.yaml:4:1: expected a share above 0",
		strings.Replace(good, "name: fast, namespace: other", "name: users-availability", 1): "expected one objective shop/users-availability, found another; the first is at slo.yaml:3:1",
		"apiVersion: v1\nkind: Service\nmetadata: {name: x}\n":                               "slo.yaml:",
	} {
		if _, err := slo.Read("slo.yaml", []byte(text), "shop"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// FuzzParseRatio reads no share that is not between nothing and all.
func FuzzParseRatio(f *testing.F) {
	for _, s := range []string{"99.9", "99.9%", "0.999", "1", "100", "0", "-1", "1e2", "99.9999999999", "1%", "٩"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := slo.ParseRatio(s)
		if err == nil && (r.Sign() <= 0 || r.Cmp(big.NewRat(1, 1)) >= 0) {
			t.Errorf("%q is %s", s, r)
		}
		if err == nil && !strings.ContainsAny(s, "0123456789") {
			t.Errorf("%q has no digit and is %s", s, r)
		}
	})
}
