// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/kubectl-micro/kubectl-micro/pkg/scrape"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// read returns the samples as text: name{labels sorted} value @milliseconds.
func read(f scrape.Format, text string) ([]string, error) {
	var out []string
	err := f.Read(strings.NewReader(text), func(p scrape.Point) error {
		out = append(out, show(p))
		return nil
	})
	return out, err
}

func show(p scrape.Point) string {
	labels := slices.Clone(p.Labels)
	slices.SortFunc(labels, func(a, b signals.Label) int { return strings.Compare(a.Name, b.Name) })
	var b strings.Builder
	for _, l := range labels {
		fmt.Fprintf(&b, "%s=%q,", l.Name, l.Value)
	}
	fmt.Fprintf(&b, " %v", p.Value)
	if !p.At.IsZero() {
		fmt.Fprintf(&b, " @%d", p.At.UnixMilli())
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, text string
		open       bool
		want       []string
	}{
		{"a name alone", "up 1\n", false, []string{`__name__="up", 1`}},
		{"labels", `a:b_total{code="200",le="+Inf"} 3` + "\n", false, []string{`__name__="a:b_total",code="200",le="+Inf", 3`}},
		{"blanks and a comma at the end", "x { a = \"1\" , }\t2  1000\n", false, []string{`__name__="x",a="1", 2 @1000`}},
		{"no labels in braces", "x{} 2", false, []string{`__name__="x", 2`}},
		{"milliseconds", "x 2 1000", false, []string{`__name__="x", 2 @1000`}},
		{"seconds", "x 2 1000.5", true, []string{`__name__="x", 2 @1000500`}},
		{"before 1970", "x 2 -1.5", true, []string{`__name__="x", 2 @-1500`}},
		{"an exemplar", `x_bucket{le="1"} 2 3 # {trace_id="} 9"} 0.5`, true, []string{`__name__="x_bucket",le="1", 2 @3000`}},
		{"escapes", `x{a="\\ \" \n \q"} 1`, false, []string{`__name__="x",a="\\ \" \n \\q", 1`}},
		{"names in UTF-8", `{"http.server.duration","a.b"="1",c="ü"} 1`, false, []string{`__name__="http.server.duration",a.b="1",c="ü", 1`}},
		{"no numbers", "x NaN\nx +Inf\nx -Inf\n", false, []string{`__name__="x", NaN`, `__name__="x", +Inf`, `__name__="x", -Inf`}},
		{"comments", "# HELP x y\n\n# EOF\n", false, nil},
		{"a comment that ends only the other format", "x 1\n# EOF\ny 2\n", false, []string{`__name__="x", 1`, `__name__="y", 2`}},
		{"blanks after the end", "x 1\n# EOF\n\n", true, []string{`__name__="x", 1`}},
		{"CRLF", "x 1\r\ny 2\r\n", false, []string{`__name__="x", 1`, `__name__="y", 2`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(scrape.Format{Name: "f", OpenMetrics: test.open}, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a page", "<html><head>", `f:1:1: expected the name of a metric, found "<html><head>"`},
		{"a number as name", "x 1\n9x 1", `f:2:1: expected the name of a metric, found "9x"`},
		{"no value", "x", "f:1:2: expected a value, found nothing"},
		{"no number", `x{a="1"} one`, `f:1:10: expected a value, found "one"`},
		{"no time", "x 1 now", `f:1:5: expected a timestamp, found "now"`},
		{"a time that is none", "x 1 NaN", "expected a timestamp, found a number that is none"},
		{"too much", "x 1 2 3", `f:1:7: expected the end of the line, found "3"`},
		{"no name of a label", `x{="1"} 1`, "f:1:3: expected the name of a label, found nothing"},
		{"a label twice", `x{a="1",a="2"} 1`, "expected each label once, found a again"},
		{"no quotes", `x{a=1} 1`, `expected the value of a in double quotes, found "1} 1"`},
		{"open quotes", `x{a="1} 1`, "expected the value of a to end with a double quote, found the end of the line"},
		{"open braces", `x{a="1"`, "expected , or } after the label a, found nothing"},
		{"two names", `{"x","y"} 1`, "expected = after the label y"},
		{"no name", `{a="1"} 1`, "expected the name of a metric in quotes among the labels, found none"},
		{"an endless line", "x{a=\"" + strings.Repeat("a", 2<<20), "f:1: expected lines of at most 1048576 bytes, found a longer one"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(scrape.Format{Name: "f"}, test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestWanted(t *testing.T) {
	f := scrape.Format{Name: "f", Wanted: func(name string) bool { return name == "y" }}
	// What is not wanted is not looked at: it may be broken.
	got, err := read(f, "x{broken 1\ny 2\n{\"z\"} 3\n")
	if err != nil || !slices.Equal(got, []string{`__name__="y", 2`}) {
		t.Errorf("got %q, %v", got, err)
	}
	stop := errors.New("stop")
	if err := f.Read(strings.NewReader("y 1\ny 2"), func(scrape.Point) error { return stop }); err != stop {
		t.Errorf("got %v, want %v", err, stop)
	}
}

// families reads with the library of Prometheus, which knows the text format only.
func families(text []byte) ([]string, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	found, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	var out []string
	for name, family := range found {
		for _, m := range family.Metric {
			labels := []signals.Label{{Name: "__name__", Value: name}}
			for _, l := range m.Label {
				labels = append(labels, signals.Label{Name: l.GetName(), Value: l.GetValue()})
			}
			p := scrape.Point{Sample: signals.Sample{Labels: labels, Value: untyped(m)}}
			if m.TimestampMs != nil {
				p.At = time.UnixMilli(m.GetTimestampMs())
			}
			out = append(out, show(p))
		}
	}
	slices.Sort(out)
	return out, nil
}

func untyped(m *dto.Metric) float64 {
	switch {
	case m.Untyped != nil:
		return m.Untyped.GetValue()
	case m.Counter != nil:
		return m.Counter.GetValue()
	}
	return m.Gauge.GetValue()
}

// FuzzRead holds the reader against Prometheus' own: what that takes, both read alike.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"x 1\n", "x{a=\"1\"} 2 3\n", "x{a=\"\\\\\\\"\\n\",} NaN\n", "{\"a.b\",c=\"d\"} +Inf\n", "# TYPE x counter\nx 1\nx{a=\"b\"} 2\n", "x{ a = \"1\" } 1e3 -5\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(scrape.Format{Name: "f"}, text)
		want, theirs := families([]byte(text))
		// Histograms and summaries are taken apart by theirs; a series that comes twice is one there.
		if theirs != nil || strings.Contains(text, "histogram") || strings.Contains(text, "summary") || strings.Contains(text, "\r") {
			return
		}
		slices.Sort(got)
		if err != nil && len(want) > 0 && !strings.Contains(err.Error(), "label") && !strings.Contains(err.Error(), "timestamp") && !strings.Contains(err.Error(), "name") {
			t.Fatalf("theirs reads %q as %q, ours says %v", text, want, err)
		}
		if err == nil && !slices.Equal(slices.Compact(slices.Clone(got)), slices.Compact(slices.Clone(want))) {
			t.Fatalf("%q\n%s", text, cmp.Diff(want, got))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	for i := range 20_000 {
		name := "envoy_cluster_upstream_rq"
		if i%4 == 0 {
			name = "istio_requests_total"
		}
		fmt.Fprintf(&text, `%s{reporter="destination",source_workload="svc-%d",destination_service="user-service.shop.svc.cluster.local",response_code="200",response_flags="-"} %d`+"\n", name, i, i)
	}
	f := scrape.Format{Name: "f", Wanted: func(name string) bool { return name == "istio_requests_total" }}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		sum := 0.0
		if err := f.Read(strings.NewReader(text.String()), func(p scrape.Point) error { sum += p.Value; return nil }); err != nil || math.IsNaN(sum) {
			b.Fatal(err)
		}
	}
}
