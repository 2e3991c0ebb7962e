// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
)

// about compares numbers that went through sums of floats.
var about = cmpopts.EquateApprox(1e-9, 1e-9)

func TestOpenMetrics(t *testing.T) {
	h := promtest.NewHistory(time.Minute, 30*time.Second)
	l := promtest.Labels{"b": "x\"\\\n", "a": "y"}
	fell := promtest.Now.Add(-30 * time.Second)
	h.Counter("c_total", l, promtest.Steady(2).Then(fell, 4).Restart(fell))
	h.Gauge("g", nil, 1.5, promtest.Span{From: fell, To: fell})
	h.Buckets("d", promtest.Labels{"a": "z"}, []float64{0.5, 1}, promtest.Steady(1), []promtest.Took{{0.25, 0.5}, {0.5, 0.75}, {0.25, 3}},
		promtest.Span{From: promtest.Now})
	h.Histogram("e", nil, nil, promtest.Steady(1), []promtest.Took{{0.5, 1}, {0.5, 3}}, promtest.Span{From: promtest.Now})
	// Counters have counted for an hour when the history begins.
	want := `c_total{a="y",b="x\"\\\n"} 7200 1772366340
c_total{a="y",b="x\"\\\n"} 7260 1772366370
c_total{a="y",b="x\"\\\n"} 120 1772366400
g 1.5 1772366370
d_bucket{a="z",le="0.5"} 915 1772366400
d_bucket{a="z",le="1"} 2745 1772366400
d_bucket{a="z",le="+Inf"} 3660 1772366400
e_bucket{le="+Inf"} 3660 1772366400
e_sum 7320 1772366400
e_count 3660 1772366400
# EOF
`
	if diff := cmp.Diff(want, string(h.OpenMetrics())); diff != "" {
		t.Error(diff)
	}
}

func TestIn(t *testing.T) {
	h := promtest.NewHistory(0, time.Minute)
	h.Gauge("g", promtest.Labels{"namespace": "shop", "service": "shop.shop.svc.cluster.local", "pod": "shop-1"}, 1)
	want := `g{namespace="mall",pod="shop-1",service="shop.mall.svc.cluster.local"} 1 1772366400` + "\n# EOF\n"
	if diff := cmp.Diff(want, string(h.In("mall").OpenMetrics())); diff != "" {
		t.Error(diff)
	}
	if text := string(h.OpenMetrics()); strings.Contains(text, "mall") {
		t.Errorf("the original has changed: %s", text)
	}
}

// vector asks a Prometheus and returns its answer by the values of the labels,
// sorted by name.
func vector(t *testing.T, base, expr string, at time.Time) map[string]float64 {
	t.Helper()
	response, err := http.Get(base + "/api/v1/query?" + url.Values{"query": {expr}, "time": {at.Format(time.RFC3339)}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Error != "" {
		t.Fatalf("%s: %v %s", expr, err, answer.Error)
	}
	out := map[string]float64{}
	for _, r := range answer.Data.Result {
		value, err := strconv.ParseFloat(r.Value[1].(string), 64)
		if err != nil {
			t.Fatal(err)
		}
		out[key(r.Metric)] = value
	}
	return out
}

func key(labels map[string]string) string {
	pairs := strings.Trim(promtest.Labels(labels).String(), "{}")
	var values []string
	for pair := range strings.SplitSeq(pairs, ",") {
		_, value, _ := strings.Cut(pair, "=")
		values = append(values, strings.Trim(value, `"`))
	}
	return strings.Join(values, " ")
}

func TestStart(t *testing.T) {
	h := promtest.NewHistory(10*time.Minute, 30*time.Second)
	h.Counter("c_total", promtest.Labels{"a": "1"}, promtest.Steady(2))
	base := promtest.Start(t, h.OpenMetrics(), "--web.route-prefix=/deep/down")
	if !strings.HasSuffix(base, "/deep/down") {
		t.Errorf("URL %s lacks the prefix", base)
	}
	if diff := cmp.Diff(map[string]float64{"1": 2}, vector(t, base, "rate(c_total[5m])", promtest.Now), about); diff != "" {
		t.Error(diff)
	}
}

func TestRun(t *testing.T) {
	s, err := promtest.Run(promtest.Empty(), "--web.listen-address=127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.URL, "http://127.0.0.2:") {
		t.Errorf("it listens on %s", s.URL)
	}
	s.Close()
	if response, err := http.Get(s.URL); err == nil {
		response.Body.Close()
		t.Errorf("%s still answers after Close", s.URL)
	}
}

// A mistake must not look like an empty Prometheus.
func TestRunFails(t *testing.T) {
	broken := promtest.NewHistory(time.Minute, 30*time.Second)
	broken.Gauge("not a name", nil, 1)
	for name, tc := range map[string]struct {
		history promtest.History
		arg     string
		want    string
	}{
		"history":  {*broken, "--web.route-prefix=/", "promtool cannot make blocks"},
		"argument": {promtest.Empty(), "--no-such-flag", "unknown long flag '--no-such-flag'"},
		"address":  {promtest.Empty(), "--web.listen-address=192.0.2.1:0", "cannot assign requested address"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := promtest.Run(tc.history, tc.arg)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	t.Run("program", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := promtest.Run(promtest.Empty())
		if err == nil || !strings.Contains(err.Error(), "apt-get install prometheus") {
			t.Errorf("got %v, want the name of the package", err)
		}
	})
	if _, err := promtest.Named("no"); err == nil || !strings.Contains(err.Error(), "expected one of") {
		t.Errorf("got %v", err)
	}
}

const orphan = "PROMTEST_ORPHAN"

// A test that is killed leaves nothing behind: neither process nor directory.
func TestOrphan(t *testing.T) {
	if file := os.Getenv(orphan); file != "" {
		s, err := promtest.Run(promtest.Empty())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(s.URL), 0o600); err != nil {
			t.Fatal(err)
		}
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		select {}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "url")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOrphan$")
	cmd.Env = append(os.Environ(), orphan+"="+file, "TMPDIR="+dir)
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("it was to be killed:\n%s", out)
	}
	base, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gone := func() bool {
		response, err := http.Get(string(base) + "/-/ready")
		if err == nil {
			response.Body.Close()
			return false
		}
		left, err := filepath.Glob(filepath.Join(dir, "kubectl-micro-prometheus-*"))
		return err == nil && len(left) == 0
	}
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.NewTicker(50 * time.Millisecond); !gone(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s or its directory outlives the test", base)
		}
	}
}

func TestShared(t *testing.T) {
	first := promtest.Shared(t, "empty")
	if second := promtest.Shared(t, "empty"); first != second {
		t.Errorf("%s and %s are not one", first, second)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.txtar"), []byte("prometheus empty\nsame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"prometheus": promtest.Command,
		"same": func(ts *testscript.TestScript, _ bool, _ []string) {
			if got := ts.Getenv("PROM"); got != first {
				ts.Fatalf("$PROM is %q, want %s", got, first)
			}
		},
	}})
}
