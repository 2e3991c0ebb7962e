// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// labels reads "name=value name=value".
func labels(s string) signals.Labels {
	var out signals.Labels
	for field := range strings.FieldsSeq(s) {
		name, value, _ := strings.Cut(field, "=")
		out = append(out, signals.Label{Name: name, Value: value})
	}
	return out
}

func sample(value float64, s string) signals.Sample {
	return signals.Sample{Labels: labels(s), Value: value}
}

// req is a row of Istio requests: reporter, source, service, workload, code and
// more labels.
func req(rate float64, reporter, source, service, workload, code string, more ...string) signals.Sample {
	return sample(rate, strings.Join(append([]string{
		"_q=req", "reporter=" + reporter, "source_workload=" + source, "source_workload_namespace=shop",
		"destination_service_name=" + service, "destination_service_namespace=shop",
		"destination_workload=" + workload, "destination_workload_namespace=shop",
		"request_protocol=http", "response_code=" + code, "response_flags=-",
	}, more...), " "))
}

// set changes labels of a sample.
func set(s signals.Sample, with string) signals.Sample {
	out := signals.Sample{Value: s.Value, Native: s.Native}
	changed := labels(with)
	for _, l := range s.Labels {
		if changed.Get(l.Name) == "" {
			out.Labels = append(out.Labels, l)
		}
	}
	out.Labels = append(out.Labels, changed...)
	return out
}

// buckets are rows of an Istio histogram, one for each "le=count" field.
func buckets(reporter, source, service, workload, counts string) signals.Vector {
	var out signals.Vector
	for _, l := range labels(counts) {
		s := req(number(l.Value), reporter, source, service, workload, "")
		s = set(s, "_q=lat le="+l.Name)
		out = append(out, s)
	}
	return out
}

func number(s string) float64 {
	v, err := signals.ParseLE(s)
	if err != nil {
		return math.NaN()
	}
	return v
}

func profile(t testing.TB, name string) signals.Profile {
	t.Helper()
	p, err := signals.ProfileNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func options(t testing.TB, view signals.View, by signals.By) signals.Options {
	t.Helper()
	return signals.Options{Profile: profile(t, "istio"), View: view, By: by, Window: 100 * time.Second}
}

// only folds to the one group there is.
func only(t *testing.T, v signals.Vector, o signals.Options) signals.Group {
	t.Helper()
	table := signals.Fold(v, o)
	if len(table.Groups) != 1 {
		t.Fatalf("%d groups, want 1: %v", len(table.Groups), table.Groups)
	}
	return table.Groups[0]
}

// near reports whether a measured value is want; NaN stands for nil.
func near(got *float64, want float64) bool {
	if got == nil || math.IsNaN(want) {
		return got == nil && math.IsNaN(want)
	}
	return math.Abs(*got-want) <= 1e-9*math.Max(1, math.Abs(want))
}

// show prints a measured value.
func show(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

var none = math.NaN()
