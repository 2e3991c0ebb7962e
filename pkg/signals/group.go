// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// By is what a group is.
type By string

// The groupings.
const (
	ByService   By = "service"
	ByWorkload  By = "workload"
	ByVersion   By = "version"
	ByEdge      By = "edge"
	ByNamespace By = "namespace"
	// ByCaller is by the workload that calls.
	ByCaller By = "caller"
	// ByPod is by the pod that serves; see [Profile.WithPods].
	ByPod By = "pod"
)

// Key names a group; what its grouping does not tell apart is empty.
type Key struct {
	SourceNamespace, Source, Namespace, Service, Workload, Version, Pod string
}

// String returns "[namespace/source -> ]namespace/name[@version][/pod]".
func (k Key) String() string {
	s := k.Namespace
	for _, name := range []string{k.Service, k.Workload} {
		if name != "" {
			s += "/" + name
		}
	}
	if k.Version != "" {
		s += "@" + k.Version
	}
	if k.Pod != "" {
		s += "/" + k.Pod
	}
	if k.Source != "" {
		s = k.SourceNamespace + "/" + k.Source + " -> " + s
	}
	return s
}

// key returns the group of a row. Requests without an upstream keep their
// service, whatever the grouping: that is whom they belong to.
func (b By) key(r row) Key {
	name := r.service
	if name == "" {
		name = r.workload
	}
	switch b {
	case ByNamespace:
		return Key{Namespace: r.namespace}
	case ByWorkload:
		k := Key{Namespace: r.workloadNamespace, Workload: r.workload}
		if r.workload == NoUpstream || r.workload == "" {
			k.Service = r.service
		}
		return k
	case ByVersion:
		return Key{Namespace: r.namespace, Service: name, Version: r.version}
	case ByEdge:
		return Key{SourceNamespace: r.sourceNamespace, Source: cmp.Or(r.source, unknown), Namespace: r.namespace, Service: name}
	case ByCaller:
		return Key{Namespace: r.sourceNamespace, Workload: cmp.Or(r.source, unknown)}
	case ByPod:
		k := Key{Namespace: r.workloadNamespace, Workload: r.workload, Pod: r.server()}
		if k.Pod == "" {
			k.Pod = NoPod
			if r.workload == NoUpstream || r.workload == "" {
				k.Service = r.service
			}
		}
		return k
	default:
		return Key{Namespace: r.namespace, Service: name}
	}
}

// server is the pod that served, which only itself can tell: the label of another
// reporter is that reporter's pod.
func (r row) server() string {
	switch Reporter(r.reporter) {
	case ByDestination, ByApplication:
		return r.pod
	}
	return ""
}

func sortGroups(groups []Group) {
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(cmp.Or(a.Service, a.Workload), cmp.Or(b.Service, b.Workload)),
			cmp.Compare(a.Service, b.Service), cmp.Compare(a.Workload, b.Workload),
			cmp.Compare(a.Version, b.Version), cmp.Compare(a.Pod, b.Pod), cmp.Compare(a.SourceNamespace, b.SourceNamespace), cmp.Compare(a.Source, b.Source))
	})
}

// Part is a share of a group's requests that ended alike.
type Part struct {
	// Code, GRPC and Flags as they were reported, may be empty.
	Code, GRPC, Flags string
	// To is the workload called.
	To      string
	Outcome Outcome
	// Rate is requests a second.
	Rate float64
}

// Side is whose view the group is, where one was asked for: what the application
// itself counted is the called side's, whatever was asked.
func (g Group) Side(asked View) View {
	if slices.Equal(g.Reporters, []Reporter{ByApplication}) {
		return Server
	}
	return asked
}

// Group is one row of golden signals. Rates are a second, times are seconds; nil
// is what was not measured.
type Group struct {
	Key
	// Reporters that were believed, sorted; one for each edge.
	Reporters []Reporter
	// Window is what rates were taken over.
	Window time.Duration
	// Rate is requests a second, nil if nobody counted any.
	Rate *float64
	// Stretched is the part of Rate that no samples tell of, see Sample.
	Stretched float64
	// Failed, ClientErrors (4xx) and NoResponse are parts of Rate; NoResponse is
	// part of Failed too. Unclassified are requests whose outcome is not known.
	Failed, ClientErrors, NoResponse, Unclassified float64
	// Parts are the requests by how they ended, the most frequent first.
	Parts   []Part
	Latency Latency
	// Sent and Received are bytes a second of TCP connections as the client
	// sees them.
	Sent, Received *float64
}

// Success returns the share of requests that did not fail, nil without requests
// (0/0) and where the outcome of any is unknown. It is 1 only if none failed.
func (g Group) Success() *float64 {
	if g.Rate == nil || *g.Rate == 0 || g.Unclassified > 0 {
		return nil
	}
	return share(*g.Rate-g.Failed, g.Failed, *g.Rate)
}

// ClientErrorShare returns the share of 4xx, nil without requests.
func (g Group) ClientErrorShare() *float64 {
	if g.Rate == nil || *g.Rate == 0 || g.Unclassified > 0 {
		return nil
	}
	return share(g.ClientErrors, *g.Rate-g.ClientErrors, *g.Rate)
}

// NoResponseShare returns the share that nobody answered, nil without requests.
func (g Group) NoResponseShare() *float64 {
	if g.Rate == nil || *g.Rate == 0 || g.Unclassified > 0 {
		return nil
	}
	return share(g.NoResponse, *g.Rate-g.NoResponse, *g.Rate)
}

// share returns part/whole, which rounding must not make 1 if there is a rest.
func share(part, rest, whole float64) *float64 {
	v := min(max(part/whole, 0), 1)
	if rest > 0 && v == 1 {
		v = math.Nextafter(1, 0)
	}
	return &v
}

// Requests returns about how many requests the group is made of, nil if nobody
// counted. It is an estimate wherever rates are extrapolated, so print it with ≈.
func (g Group) Requests() *float64 { return g.count(g.Rate) }

// Failures returns about how many of them failed, nil if that is not known.
func (g Group) Failures() *float64 {
	if g.Rate == nil || g.Unclassified > 0 {
		return nil
	}
	return g.count(&g.Failed)
}

func (g Group) count(rate *float64) *float64 {
	if rate == nil {
		return nil
	}
	n := *rate * g.Window.Seconds() * g.Counted()
	return &n
}

// Counted is the share of the rates that samples tell of: only so many requests are
// known, whatever they stand for.
func (g Group) Counted() float64 {
	if g.Rate == nil || !(*g.Rate > 0) {
		return 1
	}
	return 1 - g.Stretched / *g.Rate
}

// timed returns the share of requests that were timed, and whether it is so little that
// the latency says nothing of the others. A hundred requests tell: of fewer, the two
// rates are apart by chance.
func (g Group) timed() (share float64, few bool) {
	const enough, requests = 0.9, 100
	n := g.Requests()
	if n == nil || *n < requests || g.Latency.Unknown != "" {
		return 1, false
	}
	share = g.Latency.Histogram.Count() / *n
	return share, share < enough
}

// Latency is how long requests took.
type Latency struct {
	// Histogram in the unit of the metric, its counts being observations (about).
	Histogram Histogram
	// PerSecond is how many of that unit make a second; 0 is 1.
	PerSecond float64
	// Grids is how many different sets of bounds were added up.
	Grids int
	// Unknown says why there are no quantiles, "" if there are.
	Unknown string
	// Native says that native histograms were among the series, which are not read.
	Native bool
}

func (l Latency) perSecond() float64 {
	if l.PerSecond > 0 {
		return l.PerSecond
	}
	return 1
}

// Bounds returns the upper bounds of the buckets in seconds.
func (l Latency) Bounds() []float64 {
	out := make([]float64, len(l.Histogram))
	for i, b := range l.Histogram {
		out[i] = b.LE / l.perSecond()
	}
	return out
}

// Quantile returns the q-quantile, nil if there is none.
func (l Latency) Quantile(q float64) *Estimate {
	v, at, forced := l.Histogram.quantile(q)
	if at < 0 || math.IsNaN(v) || l.Unknown != "" {
		return nil
	}
	low := 0.0
	if at > 0 {
		low = l.Histogram[at-1].LE
	} else if l.Histogram[0].LE <= 0 {
		low = math.Inf(-1)
	}
	last := len(l.Histogram) - 1
	return &Estimate{
		Value: v / l.perSecond(), Low: low / l.perSecond(), High: l.Histogram[at].LE / l.perSecond(),
		N: l.Histogram.Count(), Beyond: at == last, Forced: forced,
	}
}

// Under returns the share of requests that took at most so many seconds, nil if
// there are none.
func (l Latency) Under(seconds float64) *Share {
	s, ok := l.Histogram.Below(seconds * l.perSecond())
	if !ok || l.Unknown != "" {
		return nil
	}
	return &s
}
