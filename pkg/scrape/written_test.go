// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/kubectl-micro/kubectl-micro/pkg/scrape"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// TestWritten reads what Prometheus' own library writes, in both formats, of families
// with all that is hard: names and labels in UTF-8, escapes, histograms, exemplars,
// the time a counter was created, and times, which are seconds in one of them.
func TestWritten(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		families := make([]*dto.MetricFamily, 1+r.IntN(4))
		for i := range families {
			families[i] = family(r, fmt.Sprintf("%s%d", pick(r, "istio_requests", "a:b", "http.server.duration", "größe"), i))
		}
		for _, format := range []expfmt.Format{expfmt.NewFormat(expfmt.TypeTextPlain), expfmt.NewFormat(expfmt.TypeOpenMetrics)} {
			format = format.WithEscapingScheme(model.NoEscaping)
			open := format.FormatType() == expfmt.TypeOpenMetrics
			var text bytes.Buffer
			to := expfmt.NewEncoder(&text, format, expfmt.WithCreatedLines())
			var want []string
			for _, f := range families {
				if err := to.Encode(f); err != nil {
					t.Fatal(err)
				}
				want = append(want, lines(f, open)...)
			}
			if err := to.(expfmt.Closer).Close(); err != nil {
				t.Fatal(err)
			}
			got, err := read(scrape.Format{Name: "f", OpenMetrics: open}, text.String())
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatalf("seed %d, %s: %v\n%s\n%s", seed, format, err, diff, text.String())
			}
		}
	}
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

// family is a counter or a histogram with a few series.
func family(r *rand.Rand, name string) *dto.MetricFamily {
	f := &dto.MetricFamily{Name: &name, Type: dto.MetricType_COUNTER.Enum()}
	if r.IntN(2) == 0 {
		f.Type = dto.MetricType_HISTOGRAM.Enum()
	}
	if f.GetType() == dto.MetricType_COUNTER {
		f.Name = new(name + "_total")
	}
	for i := range 1 + r.IntN(3) {
		m := &dto.Metric{Label: []*dto.LabelPair{
			pair("series", fmt.Sprint(i)),
			pair(pick(r, "code", "a.b", "ключ"), pick(r, "200", "", `\`, `a"b`, "x\ny", "{}=,# ", "grün")),
		}}
		if r.IntN(2) == 0 {
			at := int64(1_700_000_000_000 + r.IntN(100_000))
			m.TimestampMs = &at
		}
		exemplar := &dto.Exemplar{Label: []*dto.LabelPair{pair("trace", "} 1 # ")}, Value: new(0.5)}
		n := float64(r.IntN(1000)) / 4
		created := timestamppb.New(time.Unix(1_600_000_000, 0))
		if f.GetType() == dto.MetricType_COUNTER {
			m.Counter = &dto.Counter{Value: &n, Exemplar: exemplar, CreatedTimestamp: created}
		} else {
			count := uint64(n)
			m.Histogram = &dto.Histogram{SampleCount: &count, SampleSum: &n, CreatedTimestamp: created}
			for _, bound := range []float64{0.5, 1, 25} {
				m.Histogram.Bucket = append(m.Histogram.Bucket, &dto.Bucket{UpperBound: &bound, CumulativeCount: &count, Exemplar: exemplar})
			}
		}
		f.Metric = append(f.Metric, m)
	}
	return f
}

func pair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }

// lines are the samples that a family consists of.
func lines(f *dto.MetricFamily, open bool) []string {
	var out []string
	name := strings.TrimSuffix(f.GetName(), "_total")
	for _, m := range f.Metric {
		add := func(suffix string, v float64, timed bool, more ...signals.Label) {
			p := scrape.Point{Sample: signals.Sample{Labels: append(more, signals.Label{Name: "__name__", Value: name + suffix}), Value: v}}
			for _, l := range m.Label {
				p.Labels = append(p.Labels, signals.Label{Name: l.GetName(), Value: l.GetValue()})
			}
			if m.TimestampMs != nil && timed {
				p.At = time.UnixMilli(m.GetTimestampMs())
			}
			out = append(out, show(p))
		}
		if open {
			add("_created", 1_600_000_000, false)
		}
		if m.Counter != nil {
			add("_total", m.Counter.GetValue(), true)
			continue
		}
		h := m.Histogram
		for i, bound := range []string{"0.5", "1.0", "25.0", "+Inf"} {
			if !open {
				bound = strings.TrimSuffix(bound, ".0")
			}
			n := h.GetSampleCount()
			if i < len(h.Bucket) {
				n = h.Bucket[i].GetCumulativeCount()
			}
			add("_bucket", float64(n), true, signals.Label{Name: "le", Value: bound})
		}
		add("_sum", h.GetSampleSum(), true)
		add("_count", float64(h.GetSampleCount()), true)
	}
	return out
}
