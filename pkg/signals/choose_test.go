// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// rates are those of the groups of a vector.
func rates(v signals.Vector, o signals.Options) (out map[string]float64, warnings []string) {
	t := signals.Fold(v, o)
	out = map[string]float64{}
	for _, g := range t.Groups {
		out[g.String()] = *g.Rate
	}
	return out, t.Warnings
}

// Two Services have the pods of cart: callers name the one they called, cart's own
// proxy the first. A request is counted once, whoever is believed.
func TestFoldServicesOfTheSamePods(t *testing.T) {
	both := signals.Vector{
		req(10, "source", "web", "cart-new", "cart", "200"), req(9.9, "destination", "web", "cart", "cart", "200"),
	}
	lost := append(signals.Vector{set(req(2, "source", "web", "cart-new", "unknown", "503"), "response_flags=UF")}, both...)
	// What web sends to a pod's address is on the server's side alone.
	direct := signals.Vector{
		req(10, "source", "web", "cart-new", "cart", "200"), req(16, "destination", "web", "cart", "cart", "200"),
		req(10, "destination", "web", "cart-new", "cart", "200"),
	}
	for name, c := range map[string]struct {
		v    signals.Vector
		view signals.View
		by   signals.By
		want map[string]float64
	}{
		"client":             {both, signals.Client, signals.ByService, map[string]float64{"shop/cart-new": 10}},
		"server":             {both, signals.Server, signals.ByService, map[string]float64{"shop/cart": 9.9}},
		"workload":           {both, signals.Client, signals.ByWorkload, map[string]float64{"shop/cart": 10}},
		"caller":             {both, signals.Server, signals.ByCaller, map[string]float64{"shop/web": 9.9}},
		"none lost":          {lost, signals.Client, signals.ByService, map[string]float64{"shop/cart-new": 12}},
		"more at the server": {direct, signals.Client, signals.ByService, map[string]float64{"shop/cart-new": 10, "shop/cart": 16}},
	} {
		got, _ := rates(c.v, options(t, c.view, c.by))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Linkerd's proxy of the called side does not name the caller. If it has counted
// more than the callers' proxies, some callers have none.
func TestFoldCallersWithoutProxy(t *testing.T) {
	sent := sample(20, "_q=req direction=outbound deployment=web namespace=shop dst_deployment=cart dst_namespace=shop status_code=200 classification=success")
	got := sample(30, "_q=req direction=inbound deployment=cart namespace=shop status_code=200 classification=success")
	same := set(got, "")
	same.Value = 20.5
	for name, c := range map[string]struct {
		v      signals.Vector
		by     signals.By
		want   map[string]float64
		warned bool
	}{
		"all have one":  {signals.Vector{sent, same}, signals.ByWorkload, map[string]float64{"shop/cart": 20}, false},
		"some have not": {signals.Vector{sent, got}, signals.ByWorkload, map[string]float64{"shop/cart": 30}, false},
		"by caller":     {signals.Vector{sent, got}, signals.ByCaller, map[string]float64{"shop/web": 20}, true},
	} {
		o := options(t, signals.Client, c.by)
		o.Profile = profile(t, "linkerd")
		r, warnings := rates(c.v, o)
		if diff := cmp.Diff(c.want, r); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if c.warned != strings.Contains(strings.Join(warnings, ""), "without a proxy are not among these, their requests have no name: shop/cart") {
			t.Errorf("%s: warnings %q", name, warnings)
		}
	}
}

// An answer came from somewhere, a failure of the connection from nowhere.
func TestFoldWorkloadUnknown(t *testing.T) {
	answered := req(3, "source", "web", "mail.example.com", "unknown", "200")
	refused := set(req(1, "source", "web", "cart", "unknown", "503"), "response_flags=UF")
	missing := set(req(1, "source", "web", "cart", "unknown", "404"), "response_flags=NR")
	got, _ := rates(signals.Vector{answered, refused, missing}, options(t, signals.Client, signals.ByWorkload))
	if diff := cmp.Diff(map[string]float64{
		"shop/mail.example.com/(workload unknown)": 3, "shop/cart/(no upstream)": 2,
	}, got); diff != "" {
		t.Error(diff)
	}
	got, _ = rates(signals.Vector{answered, refused}, options(t, signals.Client, signals.ByVersion))
	if diff := cmp.Diff(map[string]float64{"shop/mail.example.com@(workload unknown)": 3, "shop/cart@(no upstream)": 1}, got); diff != "" {
		t.Error(diff)
	}
}

// An answer 500 is a failure, whatever gRPC status was found in it.
func TestLinkerdHTTPFailure(t *testing.T) {
	o := options(t, signals.Server, signals.ByWorkload)
	o.Profile = profile(t, "linkerd")
	row := "_q=req direction=inbound deployment=cart namespace=shop classification=failure "
	for labels, want := range map[string]float64{"status_code=500 grpc_status=0": 1, "status_code=200 grpc_status=5": 0, "status_code=200 grpc_status=14": 1} {
		if g := only(t, signals.Vector{sample(1, row+labels)}, o); g.Failed != want {
			t.Errorf("%s: %v failed, want %v", labels, g.Failed, want)
		}
	}
}

// Pods with other bounds hide in sums that never fall; the number of series tells
// them. The same bound may be written in two ways.
func TestFoldCountsSeries(t *testing.T) {
	row := req(100, "source", "web", "cart", "cart-v1", "200")
	fold := func(sums string, series, whole float64) signals.Latency {
		n := set(req(series, "source", "web", "cart", "cart-v1", ""), "_q=n")
		w := set(req(whole, "source", "web", "cart", "cart-v1", ""), "_q=whole")
		v := append(buckets("source", "web", "cart", "cart-v1", sums), row, n, w)
		return only(t, v, options(t, signals.Client, signals.ByService)).Latency
	}
	if l := fold("25=40 50=45 100=99 +Inf=100", 6*4-3, 6); l.Unknown != "pods with different bucket bounds were added up" || l.Quantile(0.5) != nil {
		t.Errorf("%q, p50 %v", l.Unknown, l.Quantile(0.5))
	}
	for _, l := range []signals.Latency{fold("25=40 50=25 50.0=20 100=99 +Inf=100", 6*4, 6), fold("25=40 50=45 +Inf=100", 0, 0)} {
		if l.Unknown != "" || l.Quantile(0.5) == nil {
			t.Errorf("%q, p50 %v", l.Unknown, l.Quantile(0.5))
		}
	}
	q := signals.Query{Profile: profile(t, "istio"), Window: time.Minute, View: signals.Client, Count: signals.Counted}
	requests, latency, counts, _ := q.Parts()
	for query, want := range map[string][2]int{q.PromQL(): {2, 2}, requests.PromQL(): {1, 0}, latency.PromQL(): {1, 0}, counts.PromQL(): {0, 2}} {
		if got := [2]int{strings.Count(query, "sum by"), strings.Count(query, "count by")}; got != want {
			t.Errorf("%v sums and counts, want %v: %s", got, want, query)
		}
	}
}
