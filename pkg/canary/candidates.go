// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	k8slabels "k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// candidate is a backend with its evidence.
type candidate struct {
	traffic.Backend
	// share of the split routes' traffic, summed over them.
	share Percent
	// own is false for a destination that merely shares a route with the
	// service, such as a legacy system.
	own bool
}

// backends returns the target's distinct backends with their shares, in the
// order of the routes. Where the routes know only one version of the service,
// those that could get a leg are candidates too.
func (t Target) backends(s *model.Snapshot) []candidate {
	var out []candidate
	var own []traffic.Backend
	add := func(b traffic.Backend, share Percent) {
		b.Port = 0
		i := slices.IndexFunc(out, func(c candidate) bool { return c.SameTarget(b) })
		if i < 0 {
			i = len(out)
			out = append(out, candidate{Backend: b, own: t.owns(s, b)})
			if out[i].own {
				own = append(own, b)
			}
		}
		out[i].share += share
	}
	for _, r := range t.evidence() {
		for _, l := range r.Legs {
			if t.owns(s, l.Backend) || slices.Contains(r.Hosts, t.FQDN) {
				add(l.Backend, ShareOf(l.Weight, r.Total()))
			}
		}
	}
	if len(own) == 1 {
		for _, b := range t.unusedVersions(s, own[0]) {
			add(b, 0)
		}
	}
	return out
}

// unusedVersions are the versions of a service that no route knows yet, beside
// the only one that has a leg: subsets of its DestinationRule, else the version
// labels of its Deployments; for a leg without a subset, the Services of its
// versions.
func (t Target) unusedVersions(s *model.Snapshot, used traffic.Backend) []traffic.Backend {
	var out []traffic.Backend
	if used.Subset == "" {
		for _, svc := range model.Services.In(s, t.Namespace) {
			if svc.Ref.Name != t.Name && family(svc.Ref.Name) == t.Name {
				out = append(out, traffic.Backend{Host: s.ServiceFQDN(t.Namespace, svc.Ref.Name)})
			}
		}
		return out
	}
	for _, sub := range s.Destination(used.Host, t.Namespace).Subsets {
		if sub.Name != used.Subset {
			out = append(out, traffic.Backend{Host: used.Host, Subset: sub.Name})
		}
	}
	if len(out) > 0 {
		return out
	}
	versions := deployedVersions(s, used.Host)
	if !slices.Contains(versions, used.Subset) {
		return nil // the subsets are not named after the label
	}
	for _, v := range versions {
		if v != used.Subset {
			out = append(out, traffic.Backend{Host: used.Host, Subset: v})
		}
	}
	return out
}

// deployedVersions are the version labels of the Deployments behind a host.
func deployedVersions(s *model.Snapshot, host string) []string {
	ns, name, _ := s.ServiceName(host)
	svc, found := model.Services.Get(s, ns, name)
	if !found {
		return nil
	}
	var out []string
	for _, labels := range templatesBehind(s, svc) {
		if v := labels[versionLabel]; v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// templatesBehind are the pod labels of the Deployments that a Service selects.
func templatesBehind(s *model.Snapshot, svc model.Item[corev1.Service]) []map[string]string {
	if len(svc.Value.Spec.Selector) == 0 {
		return nil
	}
	selects := k8slabels.SelectorFromSet(svc.Value.Spec.Selector)
	var out []map[string]string
	for _, d := range model.Deployments.In(s, svc.Ref.Namespace) {
		if labels := d.Value.Spec.Template.Labels; selects.Matches(k8slabels.Set(labels)) {
			out = append(out, labels)
		}
	}
	return out
}

// evidence returns the routes whose weights say something about the pair: those
// with several legs; failing that those for all requests; failing that all. A
// route that pins some requests to one version says nothing about weights.
func (t Target) evidence() []traffic.Route {
	for _, counts := range []func(traffic.Route) bool{
		func(r traffic.Route) bool { return len(r.Legs) > 1 && !r.ByHeader },
		func(r traffic.Route) bool { return len(r.Legs) > 1 },
		func(r traffic.Route) bool { return r.Match == "" },
		func(traffic.Route) bool { return true },
	} {
		kept := slices.DeleteFunc(slices.Clone(t.Routes), func(r traffic.Route) bool { return r.Fixed != "" || !counts(r) })
		if len(kept) > 0 {
			return kept
		}
	}
	return nil
}

// pinned reports whether each backend has routes of its own and no route knows
// two: then nothing says that they are versions of one thing (/v1 and /v2 of an
// API may be different programs for ever).
func (t Target) pinned() bool {
	var hosts []string
	for _, r := range t.evidence() {
		if len(r.Legs) > 1 || r.Match == "" {
			return false
		}
		for _, l := range r.Legs {
			hosts = append(hosts, l.Host)
		}
	}
	slices.Sort(hosts)
	return len(slices.Compact(hosts)) > 1
}
