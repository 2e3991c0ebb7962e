// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Question is whose golden signals are wanted.
type Question struct {
	// Names are the targets, of one sort; see [ParseNames].
	Names []Name
	// Namespace is that of targets which name none, empty for all.
	Namespace string
	// From are the workloads whose requests count, none for all. A service among
	// them stands for its workloads.
	From []Name
	// To is whom they call; the rows are then the callers.
	To *Name
	// View is whose experience is asked for.
	View signals.View
	GRPC signals.Policy
	// Owner is [signals.Options.Owner].
	Owner func(namespace, pod string) (workload, version string)
}

// Validate reports targets that do not go together.
func (q Question) Validate() error {
	if q.To == nil {
		return nil
	}
	switch {
	case !q.Names[0].Workload():
		return fault.Usagef("who calls %s are workloads: expected deploy, sts or ds, found %s", q.To, q.Names[0].Word).
			Try("kubectl micro monitor stat deploy --to %s", q.To)
	case q.To.by() != signals.ByService && q.To.by() != signals.ByWorkload:
		return fault.Usagef("--to %s is nothing that is called: expected a service or a workload", q.To).Try("--to svc/NAME")
	case len(q.From) > 0:
		return fault.Usagef("--from and --to with targets: expected the targets to be one of them").
			Try("kubectl micro monitor stat %s --from %s", q.To, q.From[0])
	}
	return nil
}

// By is what a row is.
func (q Question) By() signals.By {
	if q.To != nil {
		return signals.ByCaller
	}
	return q.Names[0].by()
}

// view is that of the question, but that only the server knows its pods.
func (q Question) view() signals.View {
	if q.By() == signals.ByPod {
		return signals.Server
	}
	return q.View
}

// profile is the one to ask and to fold with.
func (q Question) profile(p signals.Profile) signals.Profile {
	if q.By() == signals.ByPod {
		return p.WithPods()
	}
	return p
}

// Answerable reports a question that metrics of a profile cannot answer.
func (q Question) Answerable(p signals.Profile) error {
	if (len(q.From) > 0 || q.To != nil) && len(p.Keys.Source) == 0 {
		return fault.Usagef("metrics of %s do not say who called: --from and --to need those of a mesh", p.Title).Try("--profile istio")
	}
	return nil
}

// Query is what to ask a source: as little as its labels let be selected. The rest
// is left out when the answer is folded.
func (q Question) Query(p signals.Profile) signals.Query {
	p = q.profile(p)
	out := signals.Query{Profile: p, TCP: true, Count: Counting(len(q.namespaces(q.Names)) == 0 && len(bare(q.Names)) == 0)}
	if v := q.view(); v == signals.Client || v == signals.Server {
		out.View = v
	}
	if p.Receiving != nil {
		return out // the two sides have other names for it, and one request is for both
	}
	add := func(label, values []string) {
		if len(label) == 1 && len(values) > 0 {
			out.Match = append(out.Match, signals.Equal(label[0], values...))
		}
	}
	k := p.Keys
	target := func(by signals.By, names []Name) {
		namespaces, all := q.namespaces(names), bare(names)
		switch by {
		case signals.ByCaller:
			add(k.SourceNamespace, namespaces)
			add(k.Source, all)
		case signals.ByWorkload:
			add(k.WorkloadNamespace, orNone(namespaces, all))
			if len(all) == 0 {
				add(k.Namespace, namespaces) // of requests without an upstream too
			}
			add(k.Workload, all)
		case signals.ByPod, signals.ByNamespace:
			add(k.Namespace, namespaces)
		default:
			add(k.Namespace, namespaces)
			add(k.Service, all)
		}
	}
	target(q.By(), q.Names)
	if q.To != nil {
		target(q.To.by(), []Name{*q.To})
	}
	if len(q.From) > 0 {
		target(signals.ByCaller, q.From)
	}
	return out
}

// Elsewhere returns what has to be asked besides, given the answer to the query, lest
// requests to another Service of the same pods are taken for those of the ones that are
// named; ok is false if nothing has.
func (q Question) Elsewhere(p signals.Profile, a signals.Answer) (more signals.Query, ok bool) {
	named, by := q.Names, q.By()
	if q.To != nil {
		named, by = []Name{*q.To}, q.To.by()
	}
	if by != signals.ByService && by != signals.ByVersion {
		return signals.Query{}, false
	}
	return q.Query(p).Elsewhere(a.Vector, q.Options(p, a), bare(named))
}

// Counting says whether to count the series of buckets. Everywhere, which is in all
// namespaces, that costs half as much again; pods with different bounds are then told
// only where their buckets contradict each other.
func Counting(everywhere bool) signals.Counting {
	if everywhere {
		return signals.Uncounted
	}
	return signals.Counted
}

// orNone returns namespaces if there are names to go with them.
func orNone(namespaces, names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return namespaces
}

// namespaces are those of names, none where one may be in any.
func (q Question) namespaces(names []Name) []string {
	var out []string
	for _, n := range names {
		ns := q.home(n)
		if n.Word == "ns" && n.Name != "" {
			ns = n.Name
		}
		if ns == "" {
			return nil
		}
		out = append(out, ns)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// home is the namespace of a name, empty for any.
func (q Question) home(n Name) string {
	if n.Namespace != "" {
		return n.Namespace
	}
	return q.Namespace
}

// bare are names without kind and namespace, none where all of a kind are meant.
func bare(names []Name) []string {
	var out []string
	for _, n := range names {
		if n.Name == "" || n.Word == "ns" {
			return nil
		}
		out = append(out, n.Name)
	}
	return out
}

// means reports whether a name means something called so.
func (q Question) means(n Name, namespace, name string) bool {
	if n.Word == "ns" {
		return n.Name == "" && (q.Namespace == "" || q.Namespace == namespace) || n.Name == namespace
	}
	home := q.home(n)
	return (home == "" || home == namespace) && (n.Name == "" || n.Name == name)
}

// keep reports whether a series counts, whatever the source was asked for.
func (q Question) keep(w signals.Who) bool {
	if len(q.From) > 0 && !slices.ContainsFunc(q.From, func(n Name) bool { return q.means(n, w.SourceNamespace, w.Source) }) {
		return false
	}
	if q.To != nil {
		return slices.ContainsFunc(q.Names, func(n Name) bool { return q.means(n, w.SourceNamespace, w.Source) }) && q.meansCalled(*q.To, w)
	}
	return slices.ContainsFunc(q.Names, func(n Name) bool { return q.meansCalled(n, w) })
}

// meansCalled reports whether a name means whom the requests of a series went to.
func (q Question) meansCalled(n Name, w signals.Who) bool {
	switch n.by() {
	case signals.ByWorkload:
		return q.means(n, w.WorkloadNamespace, w.Workload)
	case signals.ByPod:
		return q.means(n, w.WorkloadNamespace, w.Pod)
	case signals.ByNamespace:
		return q.means(n, w.Namespace, "")
	}
	name := w.Service
	if name == "" {
		name = w.Workload
	}
	return q.means(n, w.Namespace, name)
}

// Options are how an answer is folded.
func (q Question) Options(p signals.Profile, a signals.Answer) signals.Options {
	return signals.Options{
		Profile: q.profile(p), View: q.view(), By: q.By(), GRPC: q.GRPC, Window: a.Window, Owner: q.Owner, Keep: q.keep,
	}
}
