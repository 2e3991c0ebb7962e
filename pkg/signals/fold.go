// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"fmt"
	"strings"
	"time"
)

// NoUpstream stands for the workload of requests that reached none.
const NoUpstream = "(no upstream)"

// NoWorkload stands for that of requests which were answered by nobody that the
// mesh knows: pods without a proxy, hosts outside.
const NoWorkload = "(workload unknown)"

// Reached reports whether the workload of a group is one.
func Reached(workload string) bool { return workload != NoUpstream && workload != NoWorkload }

// NoPod stands for the pod of requests that only others have reported.
const NoPod = "(pod unknown)"

// unknown is what Istio writes for a peer without identity.
const unknown = "unknown"

// Options say how a vector is folded.
type Options struct {
	// Profile whose names the vector has.
	Profile Profile
	// View decides which reporter of an edge is believed.
	View View
	// By is what a group is.
	By By
	// GRPC says which statuses are failures; the zero value is ServerFaults.
	GRPC Policy
	// Window is what the rates were taken over; it makes counts of them.
	Window time.Duration
	// Owner returns the workload and version of a pod for metrics that only know
	// pods, "" if unknown. May be nil.
	Owner func(namespace, pod string) (workload, version string)
	// Keep says which series count, nil for all: of what a source could not be
	// asked for alone.
	Keep func(w Who) bool
	// Caller renames the source of edges, so that the workloads of one service are
	// one caller; nil keeps them apart. Who is believed is decided before.
	Caller func(namespace, workload string) (string, string)
}

// Who is everything that a series says of its requests.
type Who struct {
	Key
	// WorkloadNamespace is that of Workload and Pod, Namespace that of Service.
	WorkloadNamespace string
}

// who is the row as others see it.
func (r row) who() Who {
	return Who{Key{
		SourceNamespace: r.sourceNamespace, Source: r.source, Namespace: r.namespace, Service: r.service,
		Workload: r.workload, Version: r.version, Pod: r.server(),
	}, r.workloadNamespace}
}

// row is a sample in neutral words, without what is particular to its kind.
type row struct {
	tag, reporter                                 string
	sourceNamespace, source, namespace, service   string
	workloadNamespace, workload, version, pod, by string
	instance                                      string
}

// line is a row of requests or bytes with its value.
type line struct {
	row
	observed
	value, stretched float64
}

// decode puts the labels of a sample in neutral words.
func (o Options) decode(l Labels) row {
	p := o.Profile
	k := p.Keys
	reporter := p.reporter(l.first(k.Reporter))
	if reporter == ByDestination && p.Receiving != nil {
		k = *p.Receiving
	}
	r := row{
		tag: l.Get(TagLabel), reporter: string(reporter),
		sourceNamespace: l.first(k.SourceNamespace), source: l.first(k.Source),
		namespace: l.first(k.Namespace), service: l.first(k.Service),
		workloadNamespace: l.first(k.WorkloadNamespace), workload: l.first(k.Workload),
		version: l.first(k.Version), pod: l.first(k.Pod), by: l.first(k.Protocol),
		instance: l.Get(instanceLabel),
	}
	if r.workload == "" && r.pod != "" && o.Owner != nil {
		r.workload, r.version = o.Owner(r.workloadNamespace, r.pod)
	}
	if len(p.Keys.Workload) > 0 && (r.workload == "" || r.workload == unknown) {
		r.workload, r.workloadNamespace, r.version = NoUpstream, r.namespace, NoUpstream
	}
	if r.workloadNamespace == "" || r.workloadNamespace == unknown {
		r.workloadNamespace = r.namespace
	}
	return r
}

// Table is what a vector folds to.
type Table struct {
	// Groups in the order of their keys.
	Groups []Group
	// Ignored counts the series that could not be used: not a number, negative,
	// no bound, no tag of a Query.
	Ignored int
	// Warnings are for people.
	Warnings []string
}

// folder collects what Fold has read.
type folder struct {
	Options
	lines   []line
	buckets map[row][]Bucket
	made    map[row]made
	order   []row // of buckets, as read
	native  map[row]bool
	seen    map[edge]seen
	met     map[meeting]seen
	scraped map[scraped]map[string]float64
	serves  map[workload][]string
	ignored int
}

// newFolder makes one that has read nothing.
func newFolder(o Options) *folder {
	if o.GRPC == 0 {
		o.GRPC = ServerFaults
	}
	if o.View == "" {
		o.View = Client
	}
	return &folder{
		Options: o, buckets: map[row][]Bucket{}, made: map[row]made{}, native: map[row]bool{}, seen: map[edge]seen{}, met: map[meeting]seen{},
		scraped: map[scraped]map[string]float64{}, serves: map[workload][]string{},
	}
}

// Fold groups a vector, as a Query asks for it, into golden signals.
func Fold(v Vector, o Options) Table {
	f := newFolder(o)
	f.learn(v)
	for _, s := range v {
		f.read(s)
	}
	f.sawBuckets()
	return f.table()
}

// read sorts one sample in.
func (f *folder) read(s Sample) {
	r := f.named(f.decode(s.Labels))
	if f.Keep != nil && !f.Keep(r.who()) {
		if r.tag == tagRequests && s.usable() { // perhaps the same as what is kept, see meeting
			f.meet(r, s.Value)
		}
		return
	}
	switch {
	case s.Native && r.tag == tagLatency:
		f.native[r] = true
	case !s.usable():
		f.ignored++
	case r.tag == tagSeries, r.tag == tagWhole:
		f.count(r, s.Value)
	case r.tag == tagLatency:
		le, err := ParseLE(s.Labels.Get(leLabel))
		if err != nil {
			f.ignored++
			return
		}
		if f.buckets[r] == nil {
			f.order = append(f.order, r)
		}
		f.buckets[r] = append(f.buckets[r], Bucket{le, s.Value})
	case r.tag == tagRequests, r.tag == tagSent, r.tag == tagReceived:
		k := f.Profile.Keys
		f.lines = append(f.lines, line{r, observed{
			protocol: r.by, code: s.Labels.first(k.Code), grpc: s.Labels.first(k.GRPC),
			flags: s.Labels.first(k.Flags), verdict: s.Labels.first(k.Verdict), err: s.Labels.first(k.Err),
		}, s.Value, s.Stretched})
		f.saw(r, s.Value)
	default:
		f.ignored++
	}
}

// table folds what was read.
func (f *folder) table() Table {
	t := Table{Ignored: f.ignored}
	groups := map[Key]*builder{}
	of := func(r row) *builder {
		if f.By == ByEdge && f.Caller != nil {
			r.sourceNamespace, r.source = f.Caller(r.sourceNamespace, r.source)
		}
		k := f.By.key(r)
		if groups[k] == nil {
			groups[k] = newBuilder(k, f.Options)
		}
		return groups[k]
	}
	for _, l := range f.lines {
		if f.believed(l.row) {
			of(l.row).add(l)
		}
	}
	for _, r := range f.order {
		if f.believed(r) {
			h := NewHistogram(f.buckets[r])
			of(r).addHistogram(r, h, f.made[r].mixed(h))
		}
	}
	for r := range f.native {
		if f.believed(r) {
			of(r).native = true
		}
	}
	for _, b := range groups {
		t.Groups = append(t.Groups, b.group())
	}
	sortGroups(t.Groups)
	t.warn()
	t.Warnings = append(t.Warnings, f.unseen()...)
	return t
}

// warn says what people have to know about the whole.
func (t *Table) warn() {
	var grids, native, timed []string
	for _, g := range t.Groups {
		if share, few := g.timed(); few {
			timed = append(timed, fmt.Sprintf("%s (%s%%)", g, Percent(share)))
		}
		if g.Latency.Grids > 1 {
			grids = append(grids, g.String())
		}
		if g.Latency.Native {
			native = append(native, g.String())
		}
	}
	if len(grids) > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("proxies with different bucket bounds were added up at the bounds they share: %s",
			strings.Join(grids, ", ")))
	}
	if len(native) > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("native histograms are not read, the latency is unknown: %s", strings.Join(native, ", ")))
	}
	if len(timed) > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("the latency is of a part of the requests, as others have no buckets: %s", strings.Join(timed, ", ")))
	}
	if t.Ignored > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("%d series were left out: not a number, negative, without a bound or not asked for", t.Ignored))
	}
}
