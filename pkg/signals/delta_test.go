// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func scrape(after time.Duration, samples ...signals.Sample) signals.Scrape {
	return signals.Scrape{Instance: "pod-1", At: start.Add(after), Samples: samples}
}

func delta(t *testing.T, before, after signals.Scrape, match ...signals.Matcher) signals.Vector {
	t.Helper()
	v, err := signals.Delta(before, after, signals.Query{Profile: profile(t, "istio"), Match: match, TCP: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A process that was started again has counted all that it tells since then, also
// where that is more than before.
func TestDeltaRestarted(t *testing.T) {
	requests := "__name__=istio_requests_total response_code="
	first := []signals.Sample{sample(20, requests+"200"), sample(50, requests+"500"), sample(3600, "__name__=envoy_server_uptime")}
	for _, c := range []struct {
		life signals.Sample
		want float64
	}{{sample(8, "__name__=envoy_server_uptime"), 3}, {sample(3610, "__name__=envoy_server_uptime"), 1}} {
		sum := 0.0
		for _, s := range delta(t, scrape(0, first...), scrape(10*time.Second, sample(30, requests+"200"), c.life)) {
			sum += s.Value
		}
		if sum != c.want {
			t.Errorf("%v a second with an uptime of %v, want %v", sum, c.life.Value, c.want)
		}
	}
	requests += "200 pod="
	started := "__name__=process_start_time_seconds pod="
	several := delta(t, scrape(0, sample(20, requests+"a"), sample(20, requests+"b"), sample(100, started+"a"), sample(100, started+"b")),
		scrape(10*time.Second, sample(30, requests+"a"), sample(30, requests+"b"), sample(100, started+"a"), sample(200, started+"b")))
	if len(several) != 2 || several[0].Value != 1 || several[1].Value != 1 {
		t.Errorf("%v", several)
	}
}

func TestDelta(t *testing.T) {
	requests := "__name__=istio_requests_total response_code="
	bucket := "__name__=istio_request_duration_milliseconds_bucket le="
	v := delta(t, scrape(0,
		sample(100, requests+"200"), sample(50, requests+"500"), sample(9, requests+"404"),
		sample(10, bucket+"1"), sample(20, bucket+"+Inf"),
		sample(70, "__name__=istio_tcp_sent_bytes_total"), sample(1, "__name__=other_total"),
	), scrape(10*time.Second,
		sample(120, requests+"200"), // 20 more
		sample(30, requests+"500"),  // was reset: 30 since
		sample(5, requests+"503"),   // new: all of it
		sample(4, bucket+"1.0"),     // was reset, and +Inf with it although it grew
		sample(25, bucket+"+Inf"),
		sample(90, "__name__=istio_tcp_sent_bytes_total"),
		sample(7, "__name__=other_total"), sample(math.NaN(), requests+"502"),
	))
	got := map[string]float64{}
	for _, s := range v {
		if s.Labels.Get("__name__") != "" {
			t.Errorf("%v keeps its name", s.Labels)
		}
		if s.Value >= 0 {
			got[s.Labels.Get("_q")+s.Labels.Get("response_code")+s.Labels.Get("le")] = s.Value
		}
	}
	want := map[string]float64{"req200": 2, "req500": 3, "req503": 0.5, "lat1.0": 0.4, "lat+Inf": 2.5, "recv": 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDeltaSelects(t *testing.T) {
	s := "__name__=istio_requests_total destination_service_name="
	v := delta(t, scrape(0), scrape(time.Second, sample(1, s+"a"), sample(1, s+"b"), sample(1, s+"c")),
		signals.Equal("destination_service_name", "a", "b"), signals.NotEqual("destination_service_name", "b"))
	if len(v) != 1 || v[0].Labels.Get("destination_service_name") != "a" {
		t.Errorf("%v, want a", v)
	}
}

func TestDeltaOfNoTime(t *testing.T) {
	for _, after := range []time.Duration{0, -time.Second} {
		_, err := signals.Delta(scrape(0), scrape(after), signals.Query{Profile: profile(t, "istio")})
		if fault.KindOf(err) != fault.Failed {
			t.Errorf("%s later: %v", after, err)
		}
	}
}

// Two processes with different bounds stay apart until they are merged.
func TestDeltaKeepsProcessesApart(t *testing.T) {
	bucket := "__name__=istio_request_duration_milliseconds_bucket reporter=source destination_service_name=cart le="
	one := scrape(time.Second, sample(1, bucket+"25"), sample(2, bucket+"50"), sample(2, bucket+"+Inf"))
	two := scrape(time.Second, sample(4, bucket+"50"), sample(4, bucket+"+Inf"))
	two.Instance = "pod-2"
	g := only(t, append(delta(t, scrape(0), one), delta(t, scrape(0), two)...), options(t, signals.Client, signals.ByService))
	if g.Latency.Grids != 2 || g.Latency.Histogram.Count() != 600 || len(g.Latency.Histogram) != 2 {
		t.Errorf("%+v", g.Latency)
	}
}

// Whatever the moments of resets, a delta is what happened since the later of the
// first scrape and the reset, and never below 0.
func TestDeltaAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	for range 2000 {
		first := float64(r.IntN(50))
		now, since := first, 0.0
		for range r.IntN(20) {
			if r.IntN(15) == 0 {
				now, since = 0, 0
				continue
			}
			by := float64(r.IntN(5))
			now, since = now+by, since+by
		}
		v := delta(t, scrape(0, sample(first, "__name__=istio_requests_total")), scrape(time.Second, sample(now, "__name__=istio_requests_total")))
		// A reset that has been caught up with cannot be told from none.
		if want := since; now < first && v[0].Value != want || v[0].Value < 0 || v[0].Value > since {
			t.Fatalf("from %v to %v: %v, want %v", first, now, v[0].Value, want)
		}
	}
}

func TestPromQL(t *testing.T) {
	q := signals.Query{Profile: profile(t, "grpc"), Window: 5 * time.Minute, Match: []signals.Matcher{
		signals.Equal("namespace", "shop", "a.b"), signals.NotEqual("job", `q"\`), signals.Equal("x"), signals.NotEqual("y", "1", "2"),
	}}
	sel := `{namespace=~"a\\.b|shop",job!="q\"\\",x="",y!~"1|2"}[5m]`
	by := `job,kubernetes_namespace,kubernetes_pod_name,`
	want := `label_replace(sum by (grpc_code,` + by + `namespace,pod,service) (rate(grpc_server_handled_total` + sel + `)),"_q","req","","")` +
		` or label_replace(sum by (` + by + `le,namespace,pod,service) (rate(grpc_server_handling_seconds_bucket` + sel + `)),"_q","lat","","")`
	if diff := cmp.Diff(want, q.PromQL()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	istio := signals.Query{Profile: profile(t, "istio"), Window: 90 * time.Second, TCP: true}
	text := istio.PromQL()
	for _, part := range []string{"rate(istio_requests_total[90s])", `rate(istio_tcp_received_bytes_total[90s])),"_q","sent"`, "response_flags", `"_q","lat"`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s has no %s", text, part)
		}
	}
	if n := strings.Count(text, "response_code"); n != 1 {
		t.Errorf("response_code is kept %d times: buckets must not be split by it", n)
	}
	utf8 := signals.Query{Profile: profile(t, "otel-utf8"), Window: 1500 * time.Millisecond, Match: []signals.Matcher{signals.Equal("k8s.pod", "a")}}.PromQL()
	for _, part := range []string{`rate({"http.server.request.duration_count","k8s.pod"="a"}[1500ms])`, `sum by ("error.type","http.response.status_code",`} {
		if !strings.Contains(utf8, part) {
			t.Errorf("%s has no %s", utf8, part)
		}
	}
	if diff := cmp.Diff([]string{"istio_request_duration_milliseconds_bucket", "istio_requests_total", "istio_tcp_received_bytes_total", "istio_tcp_sent_bytes_total"}, istio.Metrics()); diff != "" {
		t.Error(diff)
	}
}

func TestCheckWindow(t *testing.T) {
	for _, c := range []struct {
		window, scrape time.Duration
		hint           string
	}{
		{time.Minute, 0, ""}, {time.Minute, 15 * time.Second, ""}, {30 * time.Second, 0, "--window 1m"},
		{time.Minute, 30 * time.Second, "--window 2m"}, {119 * time.Second, 30 * time.Second, "--window 2m"},
	} {
		err := signals.CheckWindow(c.window, c.scrape)
		if c.hint == "" {
			if err != nil {
				t.Errorf("%s: %v", c.window, err)
			}
			continue
		}
		e, ok := err.(*fault.Error)
		if !ok || e.Kind != fault.Usage || e.Hint != c.hint {
			t.Errorf("%s every %s: %v, want the hint %s", c.window, c.scrape, err, c.hint)
		}
	}
}
