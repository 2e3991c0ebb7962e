// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// builder collects one group.
type builder struct {
	Options
	key            Key
	reporters      map[Reporter]bool
	requests       bool
	rate           float64
	stretched      float64
	by             [Unclassified + 1]float64
	parts          map[Part]float64
	histograms     []Histogram
	native, mixed  bool
	sent, received *float64
}

func newBuilder(k Key, o Options) *builder {
	return &builder{Options: o, key: k, reporters: map[Reporter]bool{}, parts: map[Part]float64{}}
}

// add counts a row of requests or bytes.
func (b *builder) add(l line) {
	b.reporters[Reporter(l.reporter)] = true
	switch l.tag {
	case tagSent:
		b.sent = increase(b.sent, l.value)
		return
	case tagReceived:
		b.received = increase(b.received, l.value)
		return
	}
	outcome := b.Profile.outcome(l.observed, b.GRPC)
	b.requests = true
	b.rate += l.value
	b.stretched += l.stretched
	b.by[outcome] += l.value
	if l.value > 0 {
		b.parts[Part{Code: l.code, GRPC: l.grpc, Flags: l.flags, To: l.workload, Outcome: outcome}] += l.value
	}
}

func increase(sum *float64, by float64) *float64 {
	if sum != nil {
		by += *sum
	}
	return &by
}

// addHistogram adds the latency of a row; mixed is one of pods with different bounds.
func (b *builder) addHistogram(r row, h Histogram, mixed bool) {
	b.mixed = b.mixed || mixed
	b.reporters[Reporter(r.reporter)] = true
	b.histograms = append(b.histograms, h)
}

// group returns what was collected.
func (b *builder) group() Group {
	g := Group{
		Key: b.key, Window: b.Window, Reporters: slices.Sorted(maps.Keys(b.reporters)),
		Failed: b.by[Failed] + b.by[NoResponse], NoResponse: b.by[NoResponse],
		ClientErrors: b.by[ClientError], Unclassified: b.by[Unclassified],
		Sent: b.sent, Received: b.received, Stretched: b.stretched,
	}
	if b.requests {
		g.Rate = &b.rate
	}
	g.Latency = b.latency(g.Counted())
	for p, rate := range b.parts {
		p.Rate = rate
		g.Parts = append(g.Parts, p)
	}
	if !Reached(g.Workload) || !Reached(g.Version) {
		b.name(&g)
	}
	slices.SortFunc(g.Parts, func(x, y Part) int {
		return cmp.Or(-cmp.Compare(x.Rate, y.Rate), cmp.Compare(x.Code, y.Code), cmp.Compare(x.GRPC, y.GRPC),
			cmp.Compare(x.Flags, y.Flags), cmp.Compare(x.To, y.To))
	})
	return g
}

// name says of requests whose workload is not known whether they reached one: an
// answer came from somewhere, though from no workload of the mesh.
func (b *builder) name(g *Group) {
	answered := false
	for p := range b.parts {
		answered = answered || p.Outcome == Served || p.Outcome == ClientError && ExplainFlags(p.Flags) == ""
	}
	if !answered {
		return
	}
	if g.Workload == NoUpstream {
		g.Workload = NoWorkload
	}
	if g.Version == NoUpstream {
		g.Version = NoWorkload
	}
}

// latency adds the histograms up and says why if that gives nothing. Counted is the
// share of the rates that was counted.
func (b *builder) latency(counted float64) Latency {
	merged, grids := Merge(b.histograms...)
	l := Latency{PerSecond: b.Profile.perSecond(), Grids: grids, Native: b.native}
	l.Histogram = merged.Scale(b.Window.Seconds() * counted)
	switch {
	case b.native:
		// Also beside classic buckets: those are then a part of the requests.
		l.Unknown = "native histograms are not read"
	case len(b.histograms) == 0:
		l.Unknown = "no latency buckets"
		if b.Profile.NoBuckets != "" {
			l.Unknown += ": " + b.Profile.NoBuckets
		}
	case grids > 1 && len(merged) < 2:
		l.Unknown = "the pods share no bucket bound"
	case !math.IsInf(merged[len(merged)-1].LE, 1):
		l.Unknown = "the buckets lack the last one, +Inf"
	case len(merged) < 2:
		l.Unknown = "there is no bucket but +Inf"
	case !(merged.Count() > 0):
		l.Unknown = "no requests were timed"
	case b.mixed, merged.contradicts():
		l.Unknown = "pods with different bucket bounds were added up"
	}
	return l
}
