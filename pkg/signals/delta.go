// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// nameLabel holds the name of a metric, as in an exposition.
const nameLabel = "__name__"

// instanceLabel is added by Delta, from Scrape.Instance.
const instanceLabel = "_instance"

// Scrape is what one process exposed at one instant: counters, with their name as
// label __name__.
type Scrape struct {
	// Instance names the process. It keeps the histograms of two processes apart,
	// whose bounds may differ.
	Instance string
	At       time.Time
	Samples  []Sample
}

// Delta returns the rates between two scrapes of one process as the vector that
// the query would have had for them, so that Fold need not know the difference.
//
// A counter that has fallen was reset, and counts from 0; the buckets of one
// histogram are reset together, so that none is subtracted from another life, and
// all of a process that says that it was started again (see Lives). A
// series that is new was born in between and counts from 0 too: unlike with a
// rate of Prometheus, its first requests are not lost. Series that the query does
// not ask for, or that its matchers do not select, are left out.
func Delta(before, after Scrape, q Query) (Vector, error) {
	elapsed := after.At.Sub(before.At).Seconds()
	if elapsed <= 0 {
		return nil, fault.Failedf("the second scrape (%s) is not after the first (%s)",
			after.At.Format(time.RFC3339Nano), before.At.Format(time.RFC3339Nano)).
			Try("are the clocks of the sources the same?")
	}
	tags := q.tags()
	old := map[string]float64{}
	for _, s := range before.Samples {
		if tags[s.Labels.Get(nameLabel)] != "" && s.usable() {
			old[identity(s.Labels, false)] += s.Value
		}
	}
	now := counters(after.Samples, tags, q.Match)
	again := restarted(before.Samples, after.Samples)
	reset := map[string]bool{}
	for _, c := range now {
		if again {
			reset[c.family] = true
		}
		if c.usable() && c.Value < old[c.id] {
			reset[c.family] = true
		}
	}
	var out Vector
	for _, c := range now {
		if !reset[c.family] {
			c.Value -= old[c.id]
		}
		c.Value /= elapsed
		c.Labels = append(c.Labels, Label{instanceLabel, after.Instance})
		out = append(out, c.Sample)
	}
	return out, nil
}

// The metrics that tell how long a process has run: Envoy's, and that of Prometheus'
// client libraries (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
const (
	uptime  = "envoy_server_uptime"
	started = "process_start_time_seconds"
)

// Lives are the metrics that a scrape should have beside those of the query.
func Lives() []string { return []string{uptime, started} }

// restarted reports whether the process of two scrapes is not the same any more.
// Where one scrape is of several, nobody knows which.
func restarted(before, after []Sample) bool {
	for name, again := range map[string]func(before, after float64) bool{
		uptime:  func(before, after float64) bool { return after < before },
		started: func(before, after float64) bool { return after > before },
	} {
		old, new := named(before, name), named(after, name)
		if len(old) == 1 && len(new) == 1 && again(old[0].Value, new[0].Value) {
			return true
		}
	}
	return false
}

func named(samples []Sample, name string) []Sample {
	var out []Sample
	for _, s := range samples {
		if s.Labels.Get(nameLabel) == name {
			out = append(out, s)
		}
	}
	return out
}

// Named returns rates of series that carry their name as label __name__ as the vector
// that the query would have had for them. Series that it does not ask for, or that
// its matchers do not select, are left out.
func Named(rates []Sample, q Query) Vector {
	var out Vector
	for _, c := range counters(rates, q.tags(), q.Match) {
		out = append(out, c.Sample)
	}
	return out
}

// tags returns the tags of the metrics that the query reads.
func (q Query) tags() map[string]string {
	tags := map[string]string{}
	for _, s := range q.Profile.series(q.TCP) {
		tags[s.metric] = s.tag
	}
	return tags
}

// counter is a sample of the second scrape with its identity, and that of all the
// series that are reset together with it.
type counter struct {
	Sample
	id, family string
}

// counters returns the samples that are asked for, tagged, those with equal
// labels added up: "1" and "1.0" are one bound.
func counters(samples []Sample, tags map[string]string, match []Matcher) []counter {
	var out []counter
	at := map[string]int{}
	for _, s := range samples {
		tag := tags[s.Labels.Get(nameLabel)]
		if tag == "" || slices.ContainsFunc(match, func(m Matcher) bool { return !m.Matches(s.Labels) }) {
			continue
		}
		c := counter{Sample: s, id: identity(s.Labels, false), family: identity(s.Labels, true)}
		if i, twice := at[c.id]; twice {
			out[i].Value += s.Value
			out[i].Stretched += s.Stretched
			continue
		}
		c.Labels = slices.DeleteFunc(slices.Clone(s.Labels), func(l Label) bool { return l.Name == nameLabel })
		c.Labels = append(c.Labels, Label{TagLabel, tag})
		at[c.id] = len(out)
		out = append(out, c)
	}
	return out
}

// identity is the same for equal sets of labels in any order, the bound of a
// bucket being a number; without it, for all buckets of one histogram.
func identity(l Labels, family bool) string {
	sorted := slices.Clone(l)
	slices.SortFunc(sorted, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	var b strings.Builder
	for _, x := range sorted {
		if x.Value == "" || (family && x.Name == leLabel) {
			continue
		}
		if x.Name == leLabel {
			if v, err := ParseLE(x.Value); err == nil {
				x.Value = formatLE(v)
			}
		}
		b.WriteString(Quote(x.Name))
		b.WriteString(Quote(x.Value))
	}
	return b.String()
}
