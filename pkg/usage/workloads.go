// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Workload is the pods of one workload together.
type Workload struct {
	Ref ref.Ref
	// Pods is how many pods there are (of a template: are to be), Measured how many
	// of them use a known amount.
	Pods, Measured int
	// Used is the sum over the pods that were measured; nil if none was.
	Used Amount
	// Requests are the sum over all pods. Limits are too, and nil where a pod has none.
	Requests, Limits Amount
	// OfRequests and OfLimits set Used against the pods that were measured, so that
	// one that has just started does not make the others look idle.
	OfRequests, OfLimits Amount
	Restarts             int32
	// OOM counts the containers of all pods; nil where there is none.
	OOM *OOM
	// Throttled is the greatest of the pods', nil if unknown.
	Throttled *float64
	// Members are the pods, sorted by namespace and name.
	Members []Pod
}

// Workloads adds up pods by their owners, sorted by ref.Compare. The order of the
// pods does not matter.
func Workloads(pods []Pod) []Workload {
	members := map[ref.Ref][]Pod{}
	for _, p := range pods {
		owner := p.Owner
		owner.Version = "" // pods of one controller may name it by several
		members[owner] = append(members[owner], p)
	}
	out := make([]Workload, 0, len(members))
	for _, of := range members {
		slices.SortFunc(of, func(a, b Pod) int { return ref.Compare(a.Ref, b.Ref) })
		out = append(out, together(of))
	}
	slices.SortFunc(out, func(a, b Workload) int { return ref.Compare(a.Ref, b.Ref) })
	return out
}

// together adds up pods, of which there is at least one.
func together(pods []Pod) Workload {
	out := Workload{Ref: pods[0].Owner, Members: pods}
	var cpu, memory share
	for i := range pods {
		p := &pods[i]
		if i == 0 {
			out.Limits = p.Limits.times(p.Count)
		} else {
			out.Limits = out.Limits.both(p.Limits.times(p.Count))
		}
		out.Pods += p.Count
		if p.Used.CPU != nil || p.Used.Memory != nil {
			out.Measured += p.Count
		}
		out.Used = out.Used.plus(p.Used.times(p.Count))
		out.Requests = out.Requests.plus(p.Requests.times(p.Count))
		cpu.add(p.Used.CPU, p.Requests.CPU, p.Limits.CPU)
		memory.add(p.Used.Memory, p.Requests.Memory, p.Limits.Memory)
		out.Restarts += p.Restarts
		out.Throttled = greater(out.Throttled, p.Throttled)
		if p.OOM == nil {
			continue
		}
		if out.OOM == nil {
			out.OOM = &OOM{}
		}
		out.OOM.Containers += p.OOM.Containers
		if p.OOM.Last.After(out.OOM.Last) {
			out.OOM.Last = p.OOM.Last
		}
	}
	out.OfRequests = Amount{cpu.ofRequests(), memory.ofRequests()}
	if out.Limits.CPU != nil {
		out.OfLimits.CPU = cpu.ofLimits()
	}
	if out.Limits.Memory != nil {
		out.OfLimits.Memory = memory.ofLimits()
	}
	return out
}

// share adds up one resource of the pods whose use of it is known.
type share struct {
	used, requests, limits float64
	measured               bool
}

func (s *share) add(used, requests, limits *float64) {
	if used == nil {
		return
	}
	s.measured = true
	s.used += *used
	if requests != nil {
		s.requests += *requests
	}
	if limits != nil {
		s.limits += *limits
	}
}

func (s *share) ofRequests() *float64 {
	if !s.measured {
		return nil
	}
	return ratio(&s.used, &s.requests)
}

func (s *share) ofLimits() *float64 {
	if !s.measured {
		return nil
	}
	return ratio(&s.used, &s.limits)
}

// greater is the greater of what is known.
func greater(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// Containers adds up the containers of the pods by their names, in the order in
// which they turn up. Of amounts and ratios the same holds as of workloads; how
// single containers ended is left out.
func (w *Workload) Containers() []Container {
	var order []string
	parts := map[string][]Pod{}
	first := map[string]*Container{}
	for i := range w.Members {
		p := &w.Members[i]
		for j := range p.Containers {
			c := &p.Containers[j]
			if first[c.Name] == nil {
				order, first[c.Name] = append(order, c.Name), c
			}
			parts[c.Name] = append(parts[c.Name], Pod{
				Count: p.Count, Used: c.Used, Requests: c.Requests, Limits: c.Limits, Restarts: c.Restarts, Throttled: c.Throttled,
			})
		}
	}
	var out []Container
	for _, name := range order {
		all := together(parts[name])
		out = append(out, Container{
			Name: name, Sidecar: first[name].Sidecar, Init: first[name].Init,
			Used: all.Used, Requests: all.Requests, Limits: all.Limits, OfRequests: all.OfRequests, OfLimits: all.OfLimits,
			Restarts: all.Restarts, Throttled: all.Throttled,
		})
	}
	return out
}
