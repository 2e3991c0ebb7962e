// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		share float64
		want  string
	}{
		{1, "100"}, {0.99996, "99.99"}, {math.Nextafter(1, 0), "99.99"}, {0.9999, "99.99"}, {0.8, "80.00"}, {0.57, "57.00"},
		{1 - 0.2, "80.00"}, {0.7999999999999999, "80.00"}, {0.79999, "79.99"}, {40.0 / 45, "88.88"}, {0.975609756, "97.56"},
		{0, "0.00"}, {1e-9, "<0.01"}, {0.00009, "<0.01"}, {0.0001, "0.01"}, {none, "-"},
	} {
		if got := signals.Percent(c.share); got != c.want {
			t.Errorf("%v is %s, want %s", c.share, got, c.want)
		}
	}
}

// What is printed is never more than what is, and less than a hundredth below it.
func TestPercentNeverPraises(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 100000 {
		share := 1 - math.Pow(r.Float64(), 6)
		got, err := strconv.ParseFloat(signals.Percent(share), 64)
		if share >= 0.0001 && (err != nil || got > share*100+1e-7 || got < share*100-0.0100001) {
			t.Fatalf("%v is %v", share, signals.Percent(share))
		}
		if (got == 100) != (share == 1) {
			t.Fatalf("%v is printed as %v", share, got)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{signals.Rate(0), "0"}, {signals.Rate(0.001), "<0.01"}, {signals.Rate(0.25), "0.25"}, {signals.Rate(1), "1.0"},
		{signals.Rate(12.34), "12.3"}, {signals.Rate(99.96), "100"}, {signals.Rate(340.4), "340"}, {signals.Rate(999.7), "1.0k"},
		{signals.Rate(1234), "1.2k"}, {signals.Rate(2.5e6), "2.5M"}, {signals.Rate(none), "-"}, {signals.Rate(-1), "-"}, {signals.Rate(inf), "-"},
		{signals.Rate(0.996), "1.0"}, {signals.Rate(3e13), "30000G"},
		{signals.Duration(0.0375), "37.5ms"}, {signals.Duration(0.04975), "49.8ms"}, {signals.Duration(0.75), "750ms"}, {signals.Duration(0.9996), "1s"},
		{signals.Duration(1.25), "1.25s"}, {signals.Duration(3600), "3600s"}, {signals.Duration(0.00085), "850µs"}, {signals.Duration(0), "0ms"},
		{signals.Duration(1e-9), "<1µs"}, {signals.Duration(none), "-"}, {signals.Duration(-1), "-"}, {signals.Duration(0.0009996), "1ms"},
		{signals.Range(0.025, 0.05), "25-50ms"}, {signals.Range(0.5, 1), "500ms-1s"}, {signals.Range(3600, inf), ">3600s"},
		{signals.Range(0, 0.0005), "0-500µs"}, {signals.Range(math.Inf(-1), 0), "≤0ms"}, {signals.Range(none, 1), "-"},
		{signals.Count(0), "0"}, {signals.Count(0.3), "<1"}, {signals.Count(41.4), "41"}, {signals.Count(inf), "-"},
		{signals.Bytes(0), "0B/s"}, {signals.Bytes(512), "512B/s"}, {signals.Bytes(1536), "1.5KiB/s"}, {signals.Bytes(0.001), "<0.01B/s"}, {signals.Bytes(-1), "-"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

func TestExplainFlags(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "-": "", "UF": "connection to the upstream failed", "UF,URX": "connection to the upstream failed, retries or connection attempts exhausted",
		"XX": "XX", "UH,XX": "no healthy upstream, XX",
	} {
		if got := signals.ExplainFlags(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	// Every flag of Envoy's own table is explained.
	for flag := range strings.FieldsSeq("UH UF UO NR URX NC DT DC LH UT LR UR UC DI FI RL UAEX RLSE IH SI DPE UPE UMSDR OM DF DO DR UDO NFCF RFCF") {
		if text := signals.ExplainFlags(flag); text == flag {
			t.Errorf("%s is not explained", flag)
		}
	}
}

func TestWhy(t *testing.T) {
	row := func(rate float64, code, with string) signals.Sample {
		return set(req(rate, "source", "web", "cart", "cart-v1", code), with)
	}
	fast := buckets("source", "web", "cart", "cart-v1", "250=0 500=0.41 +Inf=0.41")
	busy := buckets("source", "web", "cart", "cart-v1", "250=0 500=2 +Inf=2")
	for _, c := range []struct {
		want   string
		vector signals.Vector
	}{
		{"UF 1.0rps → cart-v1 (connection to the upstream failed)", signals.Vector{row(9, "200", "x=y"), row(1, "503", "response_flags=UF"), row(0.5, "503", "response_flags=UO")}},
		{"UH 2.0rps (no healthy upstream)", signals.Vector{row(2, "503", "response_flags=UH destination_workload=unknown")}},
		{"gRPC 14 4.0rps → cart-v1 (UNAVAILABLE)", signals.Vector{row(16, "200", "request_protocol=grpc grpc_response_status=0"), row(4, "200", "request_protocol=grpc grpc_response_status=14")}},
		{"500 1.0rps → cart-v1", signals.Vector{row(1, "500", "x=y"), row(30, "404", "x=y")}},
		{"0 1.0rps → cart-v1 (no response)", signals.Vector{row(1, "0", "x=y")}},
		{"404 30.0rps", append(fast[:0:0], append(busy, row(30, "404", "x=y"), row(60, "200", "x=y"))...)},
		{"no requests in 100s", signals.Vector{row(0, "200", "x=y")}},
		{"no latency buckets", signals.Vector{row(1, "200", "x=y")}},
		{"outcome unknown: no status label", signals.Vector{row(1, "", "x=y")}},
		{"p99 bucket 250-500ms, n=41", append(fast, row(0.41, "200", "x=y"))},
		{"", append(busy, row(2, "200", "x=y"), row(0.1, "404", "x=y"))},
		{"", append(busy[:len(busy):len(busy)], row(2, "200", "x=y"), row(0, "503", "response_flags=UF"))},
		{"", busy},
	} {
		if got := signals.Why(only(t, c.vector, options(t, signals.Client, signals.ByService))); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// For every profile: what fails, what is the client's fault, what is not known.
func TestProfiles(t *testing.T) {
	for name, rows := range map[string]map[string]string{
		"http":      {"code=200": "ok", "status=503": "failed", "status_code=404": "4xx", "code=5xx": "failed", "method=GET": "unknown", "code=teapot": "unknown"},
		"spring":    {"status=200 outcome=SUCCESS": "ok", "status=500 outcome=SERVER_ERROR": "failed", "status=404 outcome=CLIENT_ERROR": "4xx", "status=502": "failed", "status=UNKNOWN outcome=UNKNOWN": "unknown"},
		"grpc":      {"grpc_code=OK": "ok", "grpc_code=NotFound": "ok", "grpc_code=Unavailable": "failed", "grpc_code=DeadlineExceeded": "failed", "grpc_code=DATA_LOSS": "failed", "x=y": "unknown"},
		"otel":      {"http_response_status_code=200": "ok", "http_response_status_code=500 error_type=500": "failed", "error_type=timeout": "failed", "http_response_status_code=404 error_type=404": "4xx", "x=y": "unknown"},
		"otel-utf8": {"http.response.status_code=200": "ok", "http.response.status_code=503": "failed", "error.type=timeout": "failed"},
		"otel-old":  {"http_status_code=200": "ok", "http_status_code=500": "failed", "http_status_code=400": "4xx"},
		"otel-rpc":  {"rpc_grpc_status_code=0": "ok", "rpc_grpc_status_code=13": "failed", "rpc_grpc_status_code=3": "ok"},
		"linkerd": {"direction=outbound classification=success status_code=200": "ok", "direction=outbound classification=failure status_code=500": "failed",
			"direction=inbound classification=success status_code=404": "4xx", "direction=inbound classification=success grpc_status=14": "failed",
			"direction=inbound classification=failure grpc_status=5": "ok", "direction=inbound status_code=503": "failed"},
	} {
		p := profile(t, name)
		for row, want := range rows {
			g := only(t, signals.Vector{sample(2, "_q=req namespace=shop service=cart "+row)}, signals.Options{Profile: p, Window: time.Minute})
			got := "ok"
			switch {
			case g.Unclassified > 0:
				got = "unknown"
			case g.Failed > 0:
				got = "failed"
			case g.ClientErrors > 0:
				got = "4xx"
			}
			if got != want || !near(g.Rate, 2) || (want == "unknown") != (g.Success() == nil) {
				t.Errorf("%s %s: %s, want %s (success %v)", name, row, got, want, show(g.Success()))
			}
		}
	}
}

func TestLinkerdSides(t *testing.T) {
	v := signals.Vector{
		sample(20, "_q=req direction=outbound deployment=web namespace=shop dst_deployment=cart dst_namespace=shop dst_service=cart classification=success status_code=200"),
		sample(20, "_q=req direction=inbound deployment=cart namespace=shop classification=success status_code=200"),
	}
	for view, want := range map[signals.View]signals.Reporter{signals.Client: signals.BySource, signals.Server: signals.ByDestination} {
		g := only(t, v, signals.Options{Profile: profile(t, "linkerd"), View: view, By: signals.ByWorkload})
		if g.Workload != "cart" || !near(g.Rate, 20) || g.Reporters[0] != want {
			t.Errorf("%s: %s %v by %v", view, g.Key, show(g.Rate), g.Reporters)
		}
	}
}

func TestOwner(t *testing.T) {
	o := signals.Options{Profile: profile(t, "http"), By: signals.ByVersion, Owner: func(namespace, pod string) (string, string) {
		return namespace + "-" + pod, "v1"
	}}
	v := signals.Vector{sample(1, "_q=req namespace=shop service=cart pod=a code=200"), sample(2, "_q=req namespace=shop service=cart pod=b code=200")}
	if g := only(t, v, o); g.Version != "v1" || !near(g.Rate, 3) {
		t.Errorf("%+v", g)
	}
	o.By = signals.ByWorkload
	if table := signals.Fold(v, o); len(table.Groups) != 2 || table.Groups[0].Workload != "shop-a" {
		t.Errorf("%+v", table.Groups)
	}
}

// An application does not know who called it, which is one edge too.
func TestEdgeWithoutCaller(t *testing.T) {
	g := only(t, signals.Vector{sample(1, "_q=req namespace=shop service=cart code=200")}, signals.Options{Profile: profile(t, "http"), By: signals.ByEdge})
	if g.Source != "unknown" || g.Service != "cart" {
		t.Errorf("%+v", g.Key)
	}
}

func TestDetect(t *testing.T) {
	got := signals.Detect([]string{"http_requests_total", "http_request_duration_seconds_bucket", "istio_requests_total", "up"})
	if len(got) != 2 || got[0].Name != "istio" || got[0].Metrics[0].Buckets != "" || got[1].Name != "http" || got[1].Metrics[0].Requests != "http_requests_total" {
		t.Fatalf("%+v", got)
	}
	g := only(t, signals.Vector{sample(1, "_q=req namespace=shop job=cart code=200")}, signals.Options{Profile: got[1]})
	if g.Service != "cart" || !strings.Contains(g.Latency.Unknown, "make the duration a histogram") {
		t.Errorf("%+v", g)
	}
	// Both ways to count, and the buckets once.
	got = signals.Detect([]string{"http_requests_total", "http_request_duration_seconds_bucket", "http_request_duration_seconds_count"})
	if len(got) != 2 || got[0].Metrics[0].Buckets == "" || got[1].Metrics[0].Requests != "http_requests_total" || got[1].Metrics[0].Buckets != "" {
		t.Errorf("%+v", got)
	}
	if _, err := signals.ProfileNamed("isto"); err == nil || !strings.Contains(err.Error(), "linkerd") {
		t.Errorf("%v", err)
	}
}

func TestParsePolicy(t *testing.T) {
	for s, want := range map[string]signals.Policy{"": signals.ServerFaults, "server": signals.ServerFaults, "all": signals.AllErrors, "2,UNAVAILABLE, Internal": 1<<2 | 1<<14 | 1<<13, "cancelled": 1 << 1} {
		if got, err := signals.ParsePolicy(s); err != nil || got != want {
			t.Errorf("%q: %b %v, want %b", s, got, err, want)
		}
	}
	for _, s := range []string{"0", "17", "-1", "many", "2,,3", "ok"} {
		if got, err := signals.ParsePolicy(s); err == nil {
			t.Errorf("%q: %b", s, got)
		}
	}
	for status := range 20 {
		if got, want := signals.ServerFaults.Has(status), strings.Contains(" 2 4 13 14 15 ", " "+strconv.Itoa(status)+" "); got != want {
			t.Errorf("status %d: %v", status, got)
		}
		if got, want := signals.AllErrors.Has(status), status >= 1 && status <= 16; got != want {
			t.Errorf("all, status %d: %v", status, got)
		}
	}
	o := options(t, signals.Client, signals.ByService)
	o.GRPC = signals.AllErrors
	if g := only(t, signals.Vector{set(req(1, "source", "web", "cart", "cart-v1", "200"), "request_protocol=grpc grpc_response_status=5")}, o); !near(g.Success(), 0) {
		t.Errorf("NOT_FOUND with --grpc-errors=all: success %v", show(g.Success()))
	}
	if _, err := signals.ParseView("both"); err == nil {
		t.Error("both is no view")
	}
	if v, err := signals.ParseView("server"); err != nil || v != signals.Server {
		t.Errorf("%v %v", v, err)
	}
}
