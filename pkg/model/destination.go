// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
)

// Subset is a named part of a host's endpoints.
type Subset struct {
	Name   string
	Labels map[string]string
	// Rule is the DestinationRule that defines it.
	Rule Item[istionetv1.DestinationRule]
}

// Destination is the effective DestinationRule of a host for the clients of
// one namespace.
type Destination struct {
	// Rules are the objects that count, in Istio's order; empty when none does.
	Rules []Item[istionetv1.DestinationRule]
	// Subsets are the merged subsets, the first definition of a name wins.
	Subsets []Subset
}

// Subset returns a subset by name.
func (d Destination) Subset(name string) (Subset, bool) {
	i := slices.IndexFunc(d.Subsets, func(s Subset) bool { return s.Name == name })
	if i < 0 {
		return Subset{}, false
	}
	return d.Subsets[i], true
}

// Destination returns the effective DestinationRule of a host for clients of a
// namespace. Istio looks in the client's namespace, then in the service's, then
// in the root namespace, and stops at the first that has a rule for the host
// (pilot/pkg/model/push_context.go destinationRule). Within a namespace the
// rules of one host are merged: subsets are concatenated, the older rule wins a
// name, and a rule with another exportTo than the oldest is dropped
// (destination_rule.go mergeDestinationRule). Rules with a workloadSelector
// count only for the workloads they select and are left out. The answer is
// shared: nobody may change it.
func (s *Snapshot) Destination(fqdn, namespace string) Destination {
	return s.views.rules.get(s.read != nil, client{fqdn, namespace}, func() Destination { return s.destination(fqdn, namespace) })
}

// client is who asks for a host in a namespace.
type client struct{ fqdn, namespace string }

func (s *Snapshot) destination(fqdn, client string) Destination {
	owner, known := s.owner(fqdn, client)
	namespaces := []string{client}
	if known && owner != client {
		namespaces = append(namespaces, owner)
	}
	if !slices.Contains(namespaces, s.RootNamespace) {
		namespaces = append(namespaces, s.RootNamespace)
	}
	for _, ns := range namespaces {
		if d := s.mergeRules(fqdn, ns, client); len(d.Rules) > 0 {
			return d
		}
	}
	return Destination{}
}

// owner is the namespace that a host belongs to, as clients of a namespace see it.
func (s *Snapshot) owner(fqdn, client string) (string, bool) {
	if ns, _, ok := s.ServiceName(fqdn); ok {
		return ns, true
	}
	if h := s.Resolve(fqdn, client); h.Entry != nil {
		return h.Entry.Ref.Namespace, true
	}
	return "", false
}

// ClientRuleNamespaces lists the namespaces, other than the service's own and
// the root, that have a DestinationRule of their own for a host: its clients
// there do not see the service's rule.
func (s *Snapshot) ClientRuleNamespaces(fqdn string) []string {
	owner, _, _ := s.ServiceName(fqdn)
	var out []string
	for _, r := range DestinationRules.In(s, "") {
		ns := r.Ref.Namespace
		if ns != owner && ns != s.RootNamespace && Covers(s.FQDN(r.Value.Spec.Host, ns), fqdn) {
			out = append(out, ns)
		}
	}
	return slices.Compact(out)
}

func (s *Snapshot) mergeRules(fqdn, namespace, client string) Destination {
	var exact, wild []Item[istionetv1.DestinationRule]
	for _, r := range DestinationRules.In(s, namespace) {
		spec := &r.Value.Spec
		host := s.FQDN(spec.Host, namespace)
		if spec.WorkloadSelector != nil || !Exported(spec.ExportTo, namespace, client) || !Covers(host, fqdn) {
			continue
		}
		if host == fqdn {
			exact = append(exact, r)
		} else {
			wild = append(wild, r)
		}
	}
	rules := exact
	if len(rules) == 0 && len(wild) > 0 {
		rules = mostSpecific(wild)
	}
	slices.SortStableFunc(rules, byAge)
	rules = slices.DeleteFunc(rules, func(r Item[istionetv1.DestinationRule]) bool { return !sameScope(rules[0], r) })
	d := Destination{Rules: rules}
	for _, r := range rules {
		for _, sub := range r.Value.Spec.Subsets {
			if _, taken := d.Subset(sub.Name); !taken {
				d.Subsets = append(d.Subsets, Subset{Name: sub.Name, Labels: sub.Labels, Rule: r})
			}
		}
	}
	return d
}

// sameScope reports whether two rules of a namespace are visible to the same
// namespaces.
func sameScope(a, b Item[istionetv1.DestinationRule]) bool {
	scope := func(r Item[istionetv1.DestinationRule]) []string {
		out := slices.Clone(r.Value.Spec.ExportTo)
		for i, e := range out {
			if e == "." {
				out[i] = r.Ref.Namespace
			}
		}
		if len(out) == 0 {
			out = []string{"*"}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(scope(a), scope(b))
}

// mostSpecific keeps the rules with the longest wildcard host.
func mostSpecific(rules []Item[istionetv1.DestinationRule]) []Item[istionetv1.DestinationRule] {
	longest := slices.MaxFunc(rules, func(a, b Item[istionetv1.DestinationRule]) int {
		return len(a.Value.Spec.Host) - len(b.Value.Spec.Host)
	})
	return slices.DeleteFunc(rules, func(r Item[istionetv1.DestinationRule]) bool {
		return r.Value.Spec.Host != longest.Value.Spec.Host
	})
}

func byAge(a, b Item[istionetv1.DestinationRule]) int {
	return a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time)
}
