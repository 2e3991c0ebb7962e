// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
)

var inf = math.Inf(1)

func of(v float64) *float64 { return &v }

func gate(t *testing.T, s string, u compare.Unit) compare.Gate {
	t.Helper()
	g, err := compare.ParseGate(s, u)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// check compares a result with a verdict and words of its reason.
func check(t *testing.T, name string, got compare.Result, want compare.Verdict, words ...string) {
	t.Helper()
	if got.Verdict != want {
		t.Errorf("%s: %s (%s), want %s", name, got.Verdict, got.Reason, want)
	}
	for _, w := range words {
		if !strings.Contains(got.Reason, w) {
			t.Errorf("%s: reason %q has no %q", name, got.Reason, w)
		}
	}
}

// latency has n requests in each of the buckets up to 50, 100, 250, 500 ms and
// above.
func latency(n ...float64) signals.Latency {
	l := signals.Latency{PerSecond: 1000}
	var sum float64
	for i, le := range []float64{50, 100, 250, 500, inf} {
		sum += n[i]
		l.Histogram = append(l.Histogram, signals.Bucket{LE: le, Count: sum})
	}
	return l
}

// The table of verdicts for one arm. 0 of 1000 has the interval 99.617 to 100 %,
// 10 of 1000 98.169 to 99.456 %, 5 of 1000 98.835 to 99.786 %.
func TestSuccess(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		gate               string
		requests, failures *float64
		rules              compare.Rules
		want               compare.Verdict
		words              string
	}{
		{">=99.5", of(1000), of(0), compare.Rules{}, compare.Pass, "success 100% of ≈1000 requests|threshold >=99.5%|95% interval 99.6173% to 100%"},
		{">=99.5", of(1000), of(10), compare.Rules{}, compare.Fail, "99% of ≈1000|98.1691% to 99.4559%"},
		{">=99.5", of(1000), of(5), compare.Rules{}, compare.Inconclusive, "straddles"},
		{">=99.5", of(200), of(0), compare.Rules{}, compare.Inconclusive, "100% of ≈200 requests|straddles"},
		{">=90", of(99), of(0), compare.Rules{}, compare.Inconclusive, "99 requests, fewer than 100"},
		{">=90", of(100), of(0), compare.Rules{}, compare.Pass, ""},
		{">=90", of(99.9999999999), of(0), compare.Rules{}, compare.Pass, "≈100 requests"},
		{">=90", of(99), of(50), compare.Rules{NoDataPasses: true}, compare.Pass, "fewer than 100, threshold >=90%, no data may pass"},
		{">=50", of(40), of(0), compare.Rules{MinRequests: 30}, compare.Pass, ""},
		{">=90", nil, nil, compare.Rules{}, compare.Inconclusive, "unknown: no data"},
		{">=90", nil, nil, compare.Rules{NoDataPasses: true}, compare.Pass, "unknown: no data"},
		{">=90", of(0), of(0), compare.Rules{}, compare.Inconclusive, "no requests"},
		{">=90", &nan, of(0), compare.Rules{}, compare.Inconclusive, "no requests"},
		{">=90", of(500), nil, compare.Rules{}, compare.Inconclusive, "not reported"},
		{">=100", of(1e6), of(0), compare.Rules{}, compare.Pass, "judged by the requests seen"},
		{"==100", of(1000), of(0), compare.Rules{}, compare.Pass, ""},
		{">=100", of(1e6), of(0.5), compare.Rules{}, compare.Fail, "99.9999%"},
		{">=100", of(1e18), of(1), compare.Rules{}, compare.Fail, "99.9999%"},
		{"<100", of(1000), of(1), compare.Rules{}, compare.Pass, ""},
		{">=100", of(99), of(1), compare.Rules{}, compare.Inconclusive, "fewer than 100"},
		{">=100", of(1000), of(10), compare.Rules{}, compare.Fail, ""},
		{"<99.5", of(1000), of(10), compare.Rules{}, compare.Pass, ""},
		{"<99.5", of(1000), of(0), compare.Rules{}, compare.Fail, ""},
		{"==99", of(1000), of(10), compare.Rules{}, compare.Inconclusive, ""},
		{"==50", of(1000), of(10), compare.Rules{}, compare.Fail, ""},
		{"!=50", of(1000), of(10), compare.Rules{}, compare.Pass, ""},
		{"!=99", of(1000), of(10), compare.Rules{}, compare.Inconclusive, ""},
		// A higher confidence decides less.
		{">=99.5", of(1000), of(10), compare.Rules{Confidence: 0.99}, compare.Inconclusive, "99% interval"},
		{">=99.5", of(1000), of(0), compare.Rules{Window: 5 * time.Minute, View: signals.Client}, compare.Pass, "window 5m, view client"},
	} {
		got := compare.Success(gate(t, c.gate, compare.Ratio), c.requests, c.failures, c.rules)
		check(t, c.gate, got, c.want, strings.Split(c.words, "|")...)
	}
}

func TestLatencyGate(t *testing.T) {
	for _, c := range []struct {
		name    string
		gate    string
		q       float64
		latency signals.Latency
		rules   compare.Rules
		want    compare.Verdict
		words   string
	}{
		// Rank 198 of 200 is 98/100 into 50-100 ms: 99 ms.
		{"below", "<100ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Pass, "p99 99ms of ≈200 requests|bucket 50-100ms"},
		{"inside the bucket, whatever interpolation says", "<90ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Inconclusive, "50ms and 100ms can be judged"},
		{"inside the bucket, on the good side", "<99.5ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Inconclusive, "threshold is inside"},
		{"at the lower end", "<50ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Fail, "bucket 50-100ms"},
		{"more than the lower end", ">50ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Pass, ""},
		{"more than the upper end", ">=100ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Fail, ""},
		{"equal", "==100ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Inconclusive, ""},
		{"not equal", "!=200ms", 0.99, latency(100, 100, 0, 0, 0), compare.Rules{}, compare.Pass, ""},
		{"too few for the verdict", "<100ms", 0.5, latency(99, 0, 0, 0, 0), compare.Rules{}, compare.Inconclusive, "fewer than 100"},
		{"too few for the quantile", "<100ms", 0.999, latency(500, 0, 0, 0, 0), compare.Rules{}, compare.Inconclusive, "tell no p99.9"},
		{"asked for fewer", "<100ms", 0.5, latency(9, 0, 0, 0, 0), compare.Rules{MinRequests: 5}, compare.Pass, ""},
		{"no data", "<100ms", 0.99, signals.Latency{Unknown: "no latency buckets"}, compare.Rules{}, compare.Inconclusive, "unknown: no latency buckets"},
		{"nothing counted", "<100ms", 0.99, latency(0, 0, 0, 0, 0), compare.Rules{}, compare.Inconclusive, "no requests were timed"},
		{"no data may pass", "<100ms", 0.99, signals.Latency{}, compare.Rules{NoDataPasses: true}, compare.Pass, ""},
		{"beyond, and too slow for sure", "<300ms", 0.99, latency(100, 0, 0, 0, 100), compare.Rules{}, compare.Fail, ">500ms"},
		{"beyond, and nobody knows", "<2s", 0.99, latency(100, 0, 0, 0, 100), compare.Rules{}, compare.Inconclusive, "how far beyond"},
		{"beyond is above", ">300ms", 0.99, latency(100, 0, 0, 0, 100), compare.Rules{}, compare.Pass, ""},
	} {
		check(t, c.name, compare.Latency(gate(t, c.gate, compare.Seconds), c.q, nil, c.latency, c.rules), c.want, strings.Split(c.words, "|")...)
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct {
		gate string
		v    *float64
		want compare.Verdict
	}{
		{">1", of(2), compare.Pass}, {">1", of(1), compare.Fail}, {">=1", of(1), compare.Pass}, {"<=1", of(1), compare.Pass}, {"<1", of(1), compare.Fail},
		{"==0", of(0), compare.Pass}, {">=20", of(19.999999999999996), compare.Pass}, {">=20", of(19.9999), compare.Fail}, {"==0", of(3), compare.Fail}, {"!=0", of(3), compare.Pass}, {"!=0", of(0), compare.Fail},
		{"==0", nil, compare.Inconclusive}, {"!=0", of(math.NaN()), compare.Inconclusive},
	} {
		got := compare.Value("restarts", gate(t, c.gate, compare.Plain), c.v, compare.Rules{})
		check(t, c.gate, got, c.want, "restarts")
		if c.want == compare.Inconclusive && got.Value != nil {
			t.Errorf("%s: value %v", c.gate, *got.Value)
		}
	}
}

func arm(name string, requests, failures float64) compare.Arm {
	return compare.Arm{Name: name, Requests: &requests, Failures: &failures}
}

func TestDrop(t *testing.T) {
	for _, c := range []struct {
		name      string
		base, can compare.Arm
		effect    float64
		rules     compare.Rules
		want      compare.Verdict
		words     string
	}{
		{"worse and it matters", arm("v1", 1000, 1), arm("v2", 1000, 50), 0.01, compare.Rules{}, compare.Fail, "v2 95% of ≈1000, v1 99.9% of ≈1000|more failures by 4.9 percentage points|z test|threshold drop of 1%"},
		{"significant but small", arm("v1", 1e6, 100), arm("v2", 1e6, 300), 0.01, compare.Rules{}, compare.Pass, "p<0.0001"},
		{"large but not significant", arm("v1", 100, 0), arm("v2", 100, 2), 0.01, compare.Rules{}, compare.Inconclusive, "Fisher"},
		{"five of a hundred", arm("v1", 100, 0), arm("v2", 100, 5), 0.01, compare.Rules{}, compare.Inconclusive, "p=0.0594"},
		{"exactly the effect", arm("v1", 1e5, 6000), arm("v2", 1e5, 7000), 0.01, compare.Rules{}, compare.Pass, "more failures by 1 percentage points"},
		{"a little more", arm("v1", 1e5, 1000), arm("v2", 1e5, 2001), 0.01, compare.Rules{}, compare.Fail, ""},
		{"better", arm("v1", 1000, 50), arm("v2", 1000, 1), 0, compare.Rules{}, compare.Pass, "fewer failures by 4.9 percentage points"},
		{"few, decided by Fisher", arm("v1", 1000, 0), arm("v2", 100, 4), 0.01, compare.Rules{}, compare.Fail, "Fisher"},
		{"the candidate has too few", arm("v1", 1000, 0), arm("v2", 99, 99), 0.01, compare.Rules{}, compare.Inconclusive, "of v2: ≈99 requests"},
		{"the baseline has too few", arm("v1", 99, 0), arm("v2", 1000, 0), 0.01, compare.Rules{}, compare.Inconclusive, "of v1: ≈99 requests"},
		{"too few may pass", arm("v1", 99, 0), arm("v2", 99, 99), 0.01, compare.Rules{NoDataPasses: true}, compare.Pass, ""},
		{"nobody calls v2", arm("v1", 1000, 0), compare.Arm{Name: "v2"}, 0.01, compare.Rules{}, compare.Inconclusive, "no data of v2"},
		{"v2 is idle", arm("v1", 1000, 0), arm("v2", 0, 0), 0.01, compare.Rules{}, compare.Inconclusive, "v2 has no requests"},
		{"no outcome", compare.Arm{Name: "v1", Requests: of(1000)}, arm("v2", 1000, 0), 0.01, compare.Rules{}, compare.Inconclusive, "v1 does not report"},
		{"both perfect", arm("v1", 1000, 0), arm("v2", 1000, 0), 0, compare.Rules{}, compare.Pass, "p=1"},
	} {
		check(t, c.name, compare.Drop(c.base, c.can, c.effect, c.rules), c.want, strings.Split(c.words, "|")...)
	}
}

// The share of 4xx is judged as the share of successes is: 50 of 1000 has the
// interval 3.81 to 6.53 %.
func TestClientErrors(t *testing.T) {
	for _, c := range []struct {
		gate             string
		requests, errors *float64
		want             compare.Verdict
		words            string
	}{
		{"<10%", of(1000), of(50), compare.Pass, "client-errors 5% of ≈1000 requests|95% interval 3.81"},
		{"<5%", of(1000), of(50), compare.Inconclusive, "straddles"},
		{"<1%", of(1000), of(50), compare.Fail, ""},
		{"==0%", of(1000), of(0), compare.Pass, "judged by the requests seen"},
		{"==0%", of(1000), of(1), compare.Fail, ""},
		{"<1%", of(1000), nil, compare.Inconclusive, "not reported"},
		{"<1%", nil, nil, compare.Inconclusive, "unknown: no data"},
	} {
		got := compare.ClientErrors(gate(t, c.gate, compare.Ratio), c.requests, c.errors, compare.Rules{})
		check(t, c.gate, got, c.want, strings.Split(c.words, "|")...)
	}
}

// A quantile beyond the buckets has a bound and no value.
func TestBound(t *testing.T) {
	got := compare.Latency(gate(t, "<300ms", compare.Seconds), 0.99, nil, latency(100, 0, 0, 0, 100), compare.Rules{})
	if got.Value != nil || got.Bound != ">500ms" {
		t.Errorf("value %v, bound %q", got.Value, got.Bound)
	}
	got = compare.Latency(gate(t, "<300ms", compare.Seconds), 0.99, nil, latency(100, 100, 0, 0, 0), compare.Rules{})
	if got.Value == nil || got.Bound != "" {
		t.Errorf("value %v, bound %q", got.Value, got.Bound)
	}
}

// A group that nobody called, and one whose outcome is not reported, are no data.
func TestOf(t *testing.T) {
	g := signals.Group{Rate: of(20), Failed: 5, Window: 100 * time.Second, Latency: latency(2000, 0, 0, 0, 0)}
	a := compare.Of("v1", g)
	if a.Name != "v1" || a.Requests == nil || *a.Requests != 2000 || a.Failures == nil || *a.Failures != 500 || a.Latency.Histogram.Count() != 2000 {
		t.Errorf("%+v", a)
	}
	g.Unclassified = 1
	check(t, "no outcome", compare.Drop(a, compare.Of("v2", g), 0, compare.Rules{}), compare.Inconclusive, "v2 does not report")
	check(t, "nobody counted", compare.Drop(a, compare.Of("v2", signals.Group{}), 0, compare.Rules{}), compare.Inconclusive, "no data of v2")
}

func TestSlower(t *testing.T) {
	timed := func(name string, n ...float64) compare.Arm { return compare.Arm{Name: name, Latency: latency(n...)} }
	other := timed("v2", 1000, 0, 0, 0, 0)
	other.Latency.Histogram = signals.Histogram{{LE: 75, Count: 1000}, {LE: inf, Count: 1000}}
	coarse := timed("v2", 1000, 0, 0, 0, 0)
	coarse.Latency = signals.Latency{PerSecond: 1, Histogram: signals.Histogram{{LE: 0.1, Count: 100}, {LE: 0.5, Count: 1000}, {LE: inf, Count: 1000}}}
	for _, c := range []struct {
		name      string
		base, can compare.Arm
		ratio     float64
		want      compare.Verdict
		words     string
	}{
		{"slower", timed("v1", 1000, 0, 0, 0, 0), timed("v2", 0, 0, 1000, 0, 0), 1.3, compare.Fail, "v2 249ms of ≈1000, v1 49.5ms of ≈1000|ratio 5.02|KS D=1|over 100ms: v2 100%, v1 0%"},
		{"slower, but less than what counts", timed("v1", 500, 500, 0, 0, 0), timed("v2", 200, 800, 0, 0, 0), 1.3, compare.Pass, "p<0.0001"},
		{"slower by chance", timed("v1", 100, 0, 0, 0, 0), timed("v2", 98, 0, 0, 2, 0), 1.3, compare.Pass, "D=0.02"},
		{"slower in the last percents, which KS does not see", timed("v1", 500, 500, 0, 0, 0), timed("v2", 500, 450, 0, 50, 0), 1.3, compare.Fail, "KS D=0.05 p=0.1|tail p<0.0001"},
		{"more of them in the same bucket", timed("v1", 98800, 0, 1200, 0, 0), timed("v2", 97000, 0, 3000, 0, 0), 1.3, compare.Pass, "tail p=1"},
		{"few, and slower in many", timed("v1", 50, 50, 0, 0, 0), timed("v2", 50, 32, 0, 18, 0), 1.3, compare.Fail, "tail p<0.0001"},
		{"faster", timed("v1", 0, 0, 1000, 0, 0), timed("v2", 1000, 0, 0, 0, 0), 1, compare.Pass, ""},
		{"beyond, which is more than enough", timed("v1", 1000, 0, 0, 0, 0), timed("v2", 0, 0, 0, 0, 1000), 1.3, compare.Fail, ">500ms"},
		{"beyond, nobody knows whether enough", timed("v1", 0, 0, 0, 1000, 0), timed("v2", 0, 0, 0, 0, 1000), 1.3, compare.Inconclusive, "how far beyond"},
		{"both beyond and different", timed("v1", 500, 0, 0, 0, 500), timed("v2", 0, 0, 0, 0, 1000), 1, compare.Inconclusive, "how far beyond"},
		{"both beyond and alike", timed("v1", 500, 0, 0, 0, 500), timed("v2", 500, 0, 0, 0, 500), 1, compare.Pass, ""},
		{"too few", timed("v1", 1000, 0, 0, 0, 0), timed("v2", 0, 0, 99, 0, 0), 1.3, compare.Inconclusive, "of v2: ≈99 requests"},
		{"no data", timed("v1", 0, 0, 0, 0, 0), timed("v2", 1000, 0, 0, 0, 0), 1.3, compare.Inconclusive, "v1 has no latency"},
		{"no bound in common", timed("v1", 1000, 0, 0, 0, 0), other, 1.3, compare.Inconclusive, "share no bucket bound"},
		{"other grid and unit, compared where they meet", timed("v1", 1000, 0, 0, 0, 0), coarse, 1.3, compare.Fail, "KS D=0.9"},
	} {
		got := compare.Slower(c.base, c.can, 0.99, c.ratio, 0.1, compare.Rules{})
		check(t, c.name, got, c.want, strings.Split(c.words, "|")...)
		if got.Value != nil && (math.IsNaN(*got.Value) || math.IsInf(*got.Value, 0)) {
			t.Errorf("%s: value %v", c.name, *got.Value)
		}
	}
	if got := compare.Slower(timed("a", 500, 0, 0, 0, 0), timed("b", 500, 0, 0, 0, 0), 0.999, 1, 0, compare.Rules{}); got.Verdict != compare.Inconclusive {
		t.Errorf("500 requests tell no p99.9: %+v", got)
	}
}
