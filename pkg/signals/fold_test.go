// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// The traps of the standard metrics of Istio, each with its truth worked out by
// hand.
func TestFoldTruth(t *testing.T) {
	grpc := "request_protocol=grpc grpc_response_status="
	for _, c := range []struct {
		name   string
		vector signals.Vector
		view   signals.View
		// What the one service has; NaN is nil.
		rate, success, failed, clientErrors float64
		reporters                           string
	}{
		{"both reporters see the same 20 requests", signals.Vector{
			req(20, "source", "web", "cart", "cart-v1", "200"), req(20, "destination", "web", "cart", "cart-v1", "200"),
		}, signals.Client, 20, 1, 0, 0, "source"},
		{"and the server's is asked for", signals.Vector{
			req(20, "source", "web", "cart", "cart-v1", "200"), req(19, "destination", "web", "cart", "cart-v1", "200"),
		}, signals.Server, 19, 1, 0, 0, "destination"},
		{"a fifth is UNAVAILABLE", signals.Vector{
			set(req(16, "source", "web", "cart", "cart-v1", "200"), grpc+"0"), set(req(4, "source", "web", "cart", "cart-v1", "200"), grpc+"14"),
		}, signals.Client, 20, 0.8, 4, 0, "source"},
		{"NOT_FOUND is the client's fault", signals.Vector{
			set(req(16, "source", "web", "cart", "cart-v1", "200"), grpc+"0"), set(req(4, "source", "web", "cart", "cart-v1", "200"), grpc+"5"),
		}, signals.Client, 20, 1, 0, 0, "source"},
		{"a status means nothing outside gRPC", signals.Vector{
			set(req(4, "source", "web", "cart", "cart-v1", "200"), "grpc_response_status=14"),
		}, signals.Client, 4, 1, 0, 0, "source"},
		{"an HTTP error of gRPC is one failure", signals.Vector{
			set(req(3, "source", "web", "cart", "cart-v1", "200"), grpc+"0"), set(req(1, "source", "web", "cart", "cart-v1", "503"), grpc+"14"),
		}, signals.Client, 4, 0.75, 1, 0, "source"},
		{"connections that fail: the callers", signals.Vector{
			req(40, "source", "web", "cart", "cart-v1", "200"), req(1, "source", "web", "cart", "cart-v1", "500"),
			set(req(4, "source", "web", "cart", "cart-v1", "503"), "response_flags=UF"),
			req(40, "destination", "web", "cart", "cart-v1", "200"), req(1, "destination", "web", "cart", "cart-v1", "500"),
		}, signals.Client, 45, 40.0 / 45, 5, 0, "source"},
		{"connections that fail: the server knows nothing", signals.Vector{
			req(40, "source", "web", "cart", "cart-v1", "200"), req(1, "source", "web", "cart", "cart-v1", "500"),
			set(req(4, "source", "web", "cart", "cart-v1", "503"), "response_flags=UF"),
			req(40, "destination", "web", "cart", "cart-v1", "200"), req(1, "destination", "web", "cart", "cart-v1", "500"),
		}, signals.Server, 41, 40.0 / 41, 1, 0, "destination"},
		{"through a waypoint, three reporters", signals.Vector{
			req(10, "source", "gateway", "cart", "cart-v1", "200"), req(10, "waypoint", "gateway", "cart", "cart-v1", "200"),
			req(10, "destination", "gateway", "cart", "cart-v1", "200"),
		}, signals.Client, 10, 1, 0, 0, "source"},
		{"through a waypoint, callers without a proxy", signals.Vector{
			req(10, "waypoint", "web", "cart", "cart-v1", "200"), req(9, "destination", "web", "cart", "cart-v1", "200"),
		}, signals.Client, 10, 1, 0, 0, "waypoint"},
		{"each edge has its own reporter", signals.Vector{
			req(10, "source", "web", "cart", "cart-v1", "200"), req(10, "destination", "web", "cart", "cart-v1", "200"),
			req(1.25, "destination", "unknown", "cart", "cart-v1", "200"),
		}, signals.Client, 11.25, 1, 0, 0, "destination source"},
		{"a series left at 0 hides nothing", signals.Vector{
			req(0, "source", "web", "cart", "cart-v1", "200"), req(5, "destination", "web", "cart", "cart-v1", "200"),
		}, signals.Client, 5, 1, 0, 0, "destination"},
		{"no response is a failure", signals.Vector{
			req(3, "source", "web", "cart", "cart-v1", "200"), set(req(1, "source", "web", "cart", "cart-v1", "0"), "response_flags=DC"),
		}, signals.Client, 4, 0.75, 1, 0, "source"},
		{"4xx stay apart", signals.Vector{
			req(3, "source", "web", "cart", "cart-v1", "200"), req(1, "source", "web", "cart", "cart-v1", "404"),
		}, signals.Client, 4, 1, 0, 1, "source"},
		{"a quiet service is no data", signals.Vector{
			req(0, "source", "web", "cart", "cart-v1", "200"),
		}, signals.Client, 0, none, 0, 0, "source"},
		{"NaN, infinities and less than nothing are not measured", signals.Vector{
			req(2, "source", "web", "cart", "cart-v1", "200"), req(math.NaN(), "source", "web", "cart", "cart-v1", "500"),
			req(math.Inf(1), "source", "web", "cart", "cart-v1", "502"), req(-1, "source", "web", "cart", "cart-v1", "503"),
			req(staleNaN, "source", "web", "cart", "cart-v1", "504"),
		}, signals.Client, 2, 1, 0, 0, "source"},
		{"an outcome that is not reported is not a success", signals.Vector{
			req(2, "source", "web", "cart", "cart-v1", "200"), req(1, "source", "web", "cart", "cart-v1", ""),
		}, signals.Client, 3, none, 0, 0, "source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := only(t, c.vector, options(t, c.view, signals.ByService))
			if !near(g.Rate, c.rate) || !near(g.Success(), c.success) || !near(&g.Failed, c.failed) || !near(&g.ClientErrors, c.clientErrors) {
				t.Errorf("rate %v success %v failed %v 4xx %v, want %v %v %v %v",
					show(g.Rate), show(g.Success()), g.Failed, g.ClientErrors, c.rate, c.success, c.failed, c.clientErrors)
			}
			if failures := g.Failures(); (failures == nil) != (g.Unclassified > 0) {
				t.Errorf("failures %v of unclassified %v", show(failures), g.Unclassified)
			}
			var reporters []string
			for _, r := range g.Reporters {
				reporters = append(reporters, string(r))
			}
			if got := strings.Join(reporters, " "); got != c.reporters {
				t.Errorf("reporters %s, want %s", got, c.reporters)
			}
		})
	}
}

// Prometheus' stale marker (model/value).
var staleNaN = math.Float64frombits(0x7ff0000000000002)

func TestOnlyUnusableIsNoData(t *testing.T) {
	table := signals.Fold(signals.Vector{
		req(math.NaN(), "source", "web", "cart", "cart-v1", "200"), sample(1, "reporter=source"),
		set(req(1, "source", "web", "cart", "cart-v1", ""), "_q=lat le=many"),
	}, options(t, signals.Client, signals.ByService))
	if len(table.Groups) != 0 || table.Ignored != 3 || len(table.Warnings) != 1 {
		t.Errorf("%+v, want no group, 3 ignored and a warning", table)
	}
}

func TestGrouping(t *testing.T) {
	v := signals.Vector{
		set(req(8, "source", "web", "cart", "cart-v1", "200"), "destination_canonical_revision=v1"),
		set(req(2, "source", "app", "cart", "cart-v2", "200"), "destination_canonical_revision=v2"),
		set(req(1, "source", "web", "cart", "unknown", "503"), "response_flags=UH destination_workload_namespace=unknown destination_canonical_revision=latest"),
		set(req(5, "source", "web", "pay", "pay-v1", "200"), "destination_service_namespace=bank destination_workload_namespace=bank"),
	}
	for by, want := range map[signals.By]map[string]float64{
		signals.ByService:   {"shop/cart": 11, "bank/pay": 5},
		signals.ByWorkload:  {"shop/cart-v1": 8, "shop/cart-v2": 2, "shop/cart/(no upstream)": 1, "bank/pay-v1": 5},
		signals.ByVersion:   {"shop/cart@v1": 8, "shop/cart@v2": 2, "shop/cart@(no upstream)": 1, "bank/pay": 5},
		signals.ByEdge:      {"shop/web -> shop/cart": 9, "shop/app -> shop/cart": 2, "shop/web -> bank/pay": 5},
		signals.ByNamespace: {"shop": 11, "bank": 5},
	} {
		got := map[string]float64{}
		table := signals.Fold(v, options(t, signals.Client, by))
		for _, g := range table.Groups {
			got[g.Key.String()] = *g.Rate
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", by, diff)
		}
		if !slices.IsSortedFunc(table.Groups, func(a, b signals.Group) int { return strings.Compare(a.Namespace, b.Namespace) }) {
			t.Errorf("by %s: not in order", by)
		}
	}
}

// Bytes are chosen per edge like requests, and apart from them: in an ambient mesh
// ztunnel sees bytes and the waypoint requests. Istio's names are the server's.
func TestTCP(t *testing.T) {
	tcp := func(value float64, tag, reporter string) signals.Sample {
		return set(req(value, reporter, "web", "db", "db-v1", ""), "_q="+tag+" request_protocol=tcp")
	}
	g := only(t, signals.Vector{
		tcp(100, "sent", "source"), tcp(100, "sent", "destination"), tcp(7, "recv", "source"), tcp(7, "recv", "destination"),
		req(3, "waypoint", "web", "db", "db-v1", "200"),
	}, options(t, signals.Client, signals.ByService))
	if !near(g.Sent, 100) || !near(g.Received, 7) || !near(g.Rate, 3) {
		t.Errorf("sent %v received %v rate %v, want 100, 7 and 3", show(g.Sent), show(g.Received), show(g.Rate))
	}
	p := profile(t, "istio")
	if p.Sent != "istio_tcp_received_bytes_total" || p.Received != "istio_tcp_sent_bytes_total" {
		t.Errorf("sent by the client is %s, received %s", p.Sent, p.Received)
	}
	quiet := only(t, signals.Vector{req(3, "source", "web", "db", "db-v1", "200")}, options(t, signals.Client, signals.ByService))
	if quiet.Sent != nil || quiet.Received != nil {
		t.Error("bytes that nobody counted are not 0")
	}
}

// The latency comes from the reporter that counted the requests.
func TestLatencyOfTheSameReporter(t *testing.T) {
	v := slices.Concat(
		signals.Vector{req(1, "source", "web", "cart", "cart-v1", "200"), req(1, "destination", "web", "cart", "cart-v1", "200")},
		buckets("source", "web", "cart", "cart-v1", "25=0 50=1 100=1 +Inf=1"),
		buckets("destination", "web", "cart", "cart-v1", "25=1 50=1 100=1 +Inf=1"))
	for view, want := range map[signals.View]signals.Estimate{
		signals.Client: {Value: 0.0375, Low: 0.025, High: 0.05, N: 100},
		signals.Server: {Value: 0.0125, Low: 0, High: 0.025, N: 100},
	} {
		g := only(t, v, options(t, view, signals.ByService))
		got := g.Latency.Quantile(0.5)
		if got == nil || *got != want {
			t.Errorf("%s: %+v, want %+v", view, got, want)
		}
		if s := g.Latency.Under(0.05); s == nil || s.Value != 1 {
			t.Errorf("%s: share under 50 ms %+v, want 1", view, s)
		}
	}
	// The one who timed them is not believed over the one who counted them.
	g := only(t, v[1:], options(t, signals.Client, signals.ByService))
	if e := g.Latency.Quantile(0.5); !near(g.Rate, 1) || e == nil || e.Value != 0.0125 {
		t.Errorf("rate %v, p50 %v", show(g.Rate), e)
	}
	// Where nobody counts requests, the order of the view holds as well.
	g = only(t, v[2:], options(t, signals.Server, signals.ByService))
	if e := g.Latency.Quantile(0.5); g.Rate != nil || g.Success() != nil || e == nil || e.Value != 0.0125 {
		t.Errorf("rate %v, p50 %v", show(g.Rate), e)
	}
}

func TestDifferentGrids(t *testing.T) {
	// 10 + 10 requests below 50 ms, counted with bounds that have 50 and 100 in common.
	v := slices.Concat(signals.Vector{req(1, "source", "web", "cart", "cart-v1", "200"), req(1, "source", "app", "cart", "cart-v1", "200")},
		buckets("source", "web", "cart", "cart-v1", "25=0 50=0.5 100=1 +Inf=1"),
		buckets("source", "app", "cart", "cart-v1", "50.0=1 75=1 1e2=1 +Inf=1"))
	table := signals.Fold(v, options(t, signals.Client, signals.ByService))
	l := table.Groups[0].Latency
	want := signals.Histogram{{50, 150}, {100, 200}, {math.Inf(1), 200}}
	if diff := cmp.Diff(want, l.Histogram); diff != "" || l.Grids != 2 {
		t.Errorf("%d grids (-want +got):\n%s", l.Grids, diff)
	}
	if len(table.Warnings) != 1 || !strings.Contains(table.Warnings[0], "shop/cart") {
		t.Errorf("warnings %q, want one that names shop/cart", table.Warnings)
	}
	apart := only(t, slices.Concat(v[:2],
		buckets("source", "web", "cart", "cart-v1", "25=0 +Inf=1"), buckets("source", "app", "cart", "cart-v1", "50=0 +Inf=1")),
		options(t, signals.Client, signals.ByService))
	if apart.Latency.Quantile(0.5) != nil || apart.Latency.Unknown != "the pods share no bucket bound" {
		t.Errorf("%+v", apart.Latency)
	}
}

func TestUnknownLatency(t *testing.T) {
	row := req(1, "source", "web", "cart", "cart-v1", "200")
	native := set(row, "_q=lat")
	native.Native = true
	for want, v := range map[string]signals.Vector{
		"no latency buckets":             {row},
		"native histograms are not read": append(buckets("source", "web", "cart", "cart-v1", "25=1 +Inf=1"), row, native),
		"no requests were timed":         append(buckets("source", "web", "cart", "cart-v1", "25=0 +Inf=0"), row),
		// As one pod with the bounds 25 and 100 and one with 50 and 100 add up.
		"pods with different bucket bounds were added up": append(
			buckets("source", "web", "cart", "cart-v1", "25=90 50=2 100=100 +Inf=100"), row),
	} {
		table := signals.Fold(v, options(t, signals.Client, signals.ByService))
		l := table.Groups[0].Latency
		if l.Unknown != want || l.Quantile(0.5) != nil || l.Under(1) != nil {
			t.Errorf("%q, p50 %v, want %q and nothing", l.Unknown, l.Quantile(0.5), want)
		}
		if l.Native != (len(table.Warnings) == 1) {
			t.Errorf("%s: native %v, warnings %q", want, l.Native, table.Warnings)
		}
	}
}

func TestBoth(t *testing.T) {
	pairs := signals.Both(signals.Vector{
		req(40, "source", "web", "cart", "cart-v1", "200"),
		set(req(5, "source", "web", "cart", "cart-v1", "503"), "response_flags=UF"),
		req(41, "destination", "web", "cart", "cart-v1", "200"),
	}, options(t, signals.Client, signals.ByService))
	if flags, rate := pairs[0].Because(); len(pairs) != 1 || !near(pairs[0].Gap(), 4) || flags != "UF" || rate != 5 {
		t.Fatalf("%+v: gap %v because %q of %v", pairs, show(pairs[0].Gap()), flags, rate)
	}
	// The callers failed to reach any workload, which only their view has.
	pairs = signals.Both(signals.Vector{
		set(req(5, "source", "web", "cart", "unknown", "503"), "response_flags=UH"),
		req(41, "destination", "web", "cart", "cart-v1", "200"), req(1, "source", "web", "cart", "cart-v1", "200"),
	}, options(t, signals.Client, signals.ByWorkload))
	if len(pairs) != 2 || pairs[0].Workload != signals.NoUpstream || pairs[0].Server != nil || pairs[0].Gap() != nil || pairs[1].Server == nil {
		t.Errorf("%+v", pairs)
	}
	// The server was reached by requests that no caller's proxy measured.
	pairs = signals.Both(signals.Vector{
		set(req(5, "source", "web", "cart", "unknown", "503"), "response_flags=UH"), req(41, "destination", "web", "cart", "cart-v1", "200"),
	}, options(t, signals.Client, signals.ByWorkload))
	if len(pairs) != 2 || pairs[1].Workload != "cart-v1" || pairs[1].Client != nil || because(pairs[1]) != "" || !near(pairs[1].Server.Rate, 41) {
		t.Errorf("%+v", pairs)
	}
}

// A success that rounding would make 1 is not one.
func TestSuccessIsOneOnlyIfNothingFailed(t *testing.T) {
	g := only(t, signals.Vector{
		req(1e6, "source", "web", "cart", "cart-v1", "200"), req(1e-12, "source", "web", "cart", "cart-v1", "500"),
	}, options(t, signals.Client, signals.ByService))
	if s := g.Success(); s == nil || *s >= 1 || signals.Percent(*s) != "99.99" {
		t.Errorf("%v", show(s))
	}
}

func because(p signals.Pair) string { flags, _ := p.Because(); return flags }
