// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"cmp"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// evaluated are the kinds that the engine evaluates, by the tier they decide in.
// ClusterNetworkPolicy is in two.
var evaluated = map[ref.GroupKind][]tier{
	model.NetworkPolicies.GroupKind:              {namespaced},
	model.AdminNetworkPolicies.GroupKind:         {admin},
	model.BaselineAdminNetworkPolicies.GroupKind: {baseline},
	model.ClusterNetworkPolicies.GroupKind:       {admin, baseline},
}

// foreign are the kinds of other APIs that decide about connections, and whether
// they do so in their own namespace only. Staged policies of Calico are left out:
// they only log.
var foreign = map[ref.GroupKind]bool{
	{Group: "cilium.io", Kind: "CiliumNetworkPolicy"}:             true,
	{Group: "cilium.io", Kind: "CiliumClusterwideNetworkPolicy"}:  false,
	{Group: "crd.projectcalico.org", Kind: "NetworkPolicy"}:       true,
	{Group: "crd.projectcalico.org", Kind: "GlobalNetworkPolicy"}: false,
	{Group: "projectcalico.org", Kind: "NetworkPolicy"}:           true,
	{Group: "projectcalico.org", Kind: "GlobalNetworkPolicy"}:     false,
	{Group: "crd.antrea.io", Kind: "NetworkPolicy"}:               true,
	{Group: "crd.antrea.io", Kind: "ClusterNetworkPolicy"}:        false,
}

// caveats are the gaps of what decides about connections.
func caveats(s *model.Snapshot) []Caveat {
	var out []Caveat
	for _, g := range s.Gaps() {
		if evaluated[g.Kind] != nil && !g.Missing {
			out = append(out, Caveat{Kind: g.Kind, Namespace: g.Namespace, Known: g.Known, Reason: g.Reason})
		}
	}
	kinds := []func(*model.Object) bool{
		typed(model.NetworkPolicies), typed(model.AdminNetworkPolicies),
		typed(model.BaselineAdminNetworkPolicies), typed(model.ClusterNetworkPolicies),
	}
	for gk := range evaluated {
		for _, o := range s.OfKind(gk) {
			if !slices.ContainsFunc(kinds, func(fits func(*model.Object) bool) bool { return fits(o) }) {
				out = append(out, Caveat{Kind: gk, Namespace: o.Ref.Namespace, Reason: o.Ref.String() + " does not fit the schema of a known version"})
			}
		}
	}
	for gk, namespaced := range foreign {
		for _, o := range s.OfKind(gk) {
			of := o.Ref
			if !namespaced { // files may have lent it one, as nobody knows the kind
				of.Namespace = ""
			}
			c := Caveat{Kind: gk, Namespace: of.Namespace, Foreign: true, Reason: of.String() + " of " + gk.Group + " may decide otherwise"}
			if !slices.ContainsFunc(out, func(x Caveat) bool { return x.Kind == gk && x.Namespace == c.Namespace }) {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, compareCaveats)
	return out
}

// typed tells whether objects fit the Go type of a kind.
func typed[T any](k model.KindOf[T]) func(*model.Object) bool {
	return func(o *model.Object) bool {
		_, fits := k.Of(o)
		return fits
	}
}

// unread is why policies of a tier may be missing for the pods of a namespace;
// empty if they are all there.
func (e *Engine) unread(t tier, namespace string) string {
	for _, c := range e.caveats {
		if !c.Foreign && slices.Contains(evaluated[c.Kind], t) && c.concerns(namespace) {
			return c.Reason
		}
	}
	return ""
}

// otherAPI is why a policy of another API may decide about the pods of a
// namespace; empty if there is none.
func (e *Engine) otherAPI(namespace string) string {
	for _, c := range e.caveats {
		if c.Foreign && c.concerns(namespace) {
			return c.Reason
		}
	}
	return ""
}

func compareCaveats(a, b Caveat) int {
	return cmp.Or(
		cmp.Compare(a.Kind.Group, b.Kind.Group), cmp.Compare(a.Kind.Kind, b.Kind.Kind),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Reason, b.Reason),
	)
}

// Caveats returns what decides about connections and is not evaluated, sorted.
func (e *Engine) Caveats() []Caveat { return slices.Clone(e.caveats) }
