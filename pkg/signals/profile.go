// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Keys names the labels of a profile. Each thing may have several names; the
// first that has a value counts.
type Keys struct {
	Reporter                        []string
	Source, SourceNamespace         []string
	Service, Namespace              []string
	Workload, WorkloadNamespace     []string
	Version, Pod, Protocol          []string
	Code, GRPC, Flags, Verdict, Err []string
}

// dimensions are the labels that say who called whom.
func (k Keys) dimensions() []string {
	return slices.Concat(k.Reporter, k.Source, k.SourceNamespace, k.Service, k.Namespace,
		k.Workload, k.WorkloadNamespace, k.Version, k.Pod, k.Protocol)
}

// outcomes are the labels that say how it went; buckets are not split by them.
func (k Keys) outcomes() []string {
	return slices.Concat(k.Code, k.GRPC, k.Flags, k.Verdict, k.Err)
}

// Metrics are one way in which a profile's requests are counted and timed.
type Metrics struct {
	// Requests is a counter, Buckets a classic histogram's; Buckets may be empty.
	Requests, Buckets string
	// PerSecond is how many units of the bounds make a second: 1000 for
	// milliseconds.
	PerSecond float64
}

// Profile knows one convention of naming metrics: a profile is one file.
type Profile struct {
	// Name is what --profile takes, Title what people call it.
	Name, Title string
	// Metrics in order of preference. Only the first is queried; Detect puts
	// the one that exists there.
	Metrics []Metrics
	// Sent and Received count bytes of TCP connections, from the client's side.
	Sent, Received string
	Keys           Keys
	// Receiving are the names on rows of the receiving side where they differ.
	Receiving *Keys
	// Paired says that both sides name the caller and the service, so that one
	// side can be believed per edge; otherwise it is chosen per workload called.
	Paired bool
	// NoBuckets says what to do if there are no latency buckets.
	NoBuckets string

	reporter func(label string) Reporter
	outcome  func(o observed, p Policy) Outcome
}

// series is one metric to ask for, with the labels to keep.
type series struct {
	metric, tag string
	by          []string
}

func (p Profile) series(tcp bool) []series {
	var out []series
	add := func(metric, tag string, by []string) {
		if metric != "" {
			slices.Sort(by)
			out = append(out, series{metric, tag, slices.Compact(by)})
		}
	}
	who, how := p.Keys.dimensions(), p.Keys.outcomes()
	if p.Receiving != nil {
		who = append(who, p.Receiving.dimensions()...)
	}
	if len(p.Metrics) > 0 {
		add(p.Metrics[0].Requests, tagRequests, slices.Concat(who, how))
		add(p.Metrics[0].Buckets, tagLatency, slices.Concat(who, []string{leLabel}))
	}
	if tcp {
		add(p.Sent, tagSent, slices.Clone(who))
		add(p.Received, tagReceived, slices.Clone(who))
	}
	return out
}

// perSecond is the unit of the buckets that are asked for.
func (p Profile) perSecond() float64 {
	if len(p.Metrics) == 0 || p.Metrics[0].PerSecond <= 0 {
		return 1
	}
	return p.Metrics[0].PerSecond
}

// WithPods returns the profile with the pods of reporters told apart, which is
// asked for where a group is a pod: it multiplies the series of an answer. The
// names are those that a scrape of Kubernetes' pods is given.
func (p Profile) WithPods() Profile {
	if len(p.Keys.Pod) == 0 {
		p.Keys.Pod = target().Pod
	}
	if p.Receiving != nil && len(p.Receiving.Pod) == 0 {
		k := *p.Receiving
		k.Pod = target().Pod
		p.Receiving = &k
	}
	return p
}

// Profiles returns all profiles, in the order in which they are looked for: a
// mesh sees every service alike, so meshes come first.
func Profiles() []Profile {
	return []Profile{istio(), linkerd(), otel(), otelUTF8(), otelOld(), spring(), grpc(), otelRPC(), generic()}
}

// ProfileNamed returns a profile by its name.
func ProfileNamed(name string) (Profile, error) {
	var names []string
	for _, p := range Profiles() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	err := fault.Usagef("no profile %q: expected one of %s", name, strings.Join(names, ", "))
	if near := ref.Closest(name, names); len(near) > 0 {
		return Profile{}, err.Try("did you mean --profile %s?", near[0])
	}
	return Profile{}, err.Try("--profile %s", names[0])
}

// Detect returns the profiles whose requests are among the metric names that a
// source has, each with the metrics that exist in front; buckets that do not exist
// are left out of it. A profile of which two ways to count exist is there twice, the
// better one first and with the buckets: some services may have only the other.
func Detect(names []string) []Profile {
	var out []Profile
	for _, p := range Profiles() {
		taken := ""
		for _, m := range p.Metrics {
			if !slices.Contains(names, m.Requests) {
				continue
			}
			if m.Buckets == taken || !slices.Contains(names, m.Buckets) {
				m.Buckets = ""
			} else {
				taken = m.Buckets
			}
			found := p
			found.Metrics = []Metrics{m}
			out = append(out, found)
		}
	}
	return out
}
