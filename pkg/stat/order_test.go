// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat_test

import (
	"math"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// Unknown values come last in either direction and fulfil no condition.
func TestOrder(t *testing.T) {
	a := answer(req(20, "web", "b", "b", "200", "source"), req(5, "web", "a", "a", "503", "source"), req(7, "web", "c", "c", "200", "source"))
	rows, _ := question(t).Rows(profile(t, "istio"), a)
	rows = append(rows, stat.Row{Namespace: "prod", Name: "z"})
	for by, want := range map[string]string{
		"name": "abcz", "-name": "zcba", "rps": "acbz", "-rps": "bcaz", "success": "abcz", "-success": "bcaz", "-errors": "abcz", "p99": "abcz", "": "abcz",
	} {
		order, err := stat.ParseOrder(by)
		if err != nil {
			t.Fatal(err)
		}
		sorted := append([]stat.Row{}, rows...)
		order.Sort(sorted)
		got := ""
		for _, r := range sorted {
			got += r.Name
		}
		if got != want {
			t.Errorf("%q: %s, want %s", by, got, want)
		}
	}
	for filter, want := range map[string]string{"": "abcz", "success<99": "a", "rps>=7": "bc", "rps>=7, errors==0": "bc", "success==100%,rps<10": "c", "p99<1s": ""} {
		filters, err := stat.ParseFilters(filter)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range stat.Apply(filters, append([]stat.Row{}, rows...)) {
			got += r.Name
		}
		if got != want {
			t.Errorf("%q: %s, want %s", filter, got, want)
		}
	}
	for _, bad := range []string{"p98", "--rps", "rps "} {
		if _, err := stat.ParseOrder(bad); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"success", "sucess<99", "success<1", "p99<300", "<1", "rps>"} {
		if _, err := stat.ParseFilters(bad); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A report has numbers or null, and says what is beyond its buckets.
func TestShape(t *testing.T) {
	inf, rate := math.Inf(1), 59.99999999999999
	g := signals.Group{
		Key: signals.Key{Namespace: "prod", Service: "cart"}, Window: 100 * time.Second, Rate: &rate,
		Latency: signals.Latency{Histogram: signals.Histogram{{LE: 0.5, Count: 100}, {LE: 3600, Count: 150}, {LE: inf, Count: 200}}},
	}
	s := stat.Signals(&g, "", true)
	if *s.RPS != 60 || *s.Success != 1 || s.P99 != nil || s.P99Bound != ">3600s" || *s.P99Bucket[0] != 3600 || s.P99Bucket[1] != nil || *s.P50 != 0.5 || s.Buckets[2].LE != nil {
		t.Errorf("%+v", s)
	}
	g.Failed = 1e-12
	if s = stat.Signals(&g, "", false); *s.Success == 1 || s.Buckets != nil {
		t.Errorf("success %v though some failed", *s.Success)
	}
	empty := stat.Shape([]stat.Row{{Namespace: "prod", Name: "x"}}, signals.ByService, api.Measured{}, true)
	if i := empty.Items[0]; i.RPS != nil || i.Success != nil || i.P50 != nil || i.Reporters == nil || i.Why != stat.NoData {
		t.Errorf("%+v", i)
	}
}

// A quantile beyond the last bucket is above it, nobody knows how far.
func TestFilterBeyond(t *testing.T) {
	rate := 10.0
	g := signals.Group{Rate: &rate, Window: 100 * time.Second, Latency: signals.Latency{
		Histogram: signals.Histogram{{LE: 1, Count: 10}, {LE: 10, Count: 500}, {LE: math.Inf(1), Count: 1000}},
	}}
	for filter, want := range map[string]int{"p99<=10s": 0, "p99<20s": 0, "p99==10s": 0, "p99>10s": 1, "p99>=10s": 1, "p99>5s": 1, "p99>20s": 0, "p50<=10s": 1} {
		filters, err := stat.ParseFilters(filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(stat.Apply(filters, []stat.Row{{Name: "a", Group: &g}})); got != want {
			t.Errorf("%s: %d rows, want %d", filter, got, want)
		}
	}
}
