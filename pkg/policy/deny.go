// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// DenyByDefault closes the ingress of a namespace, with Options.Egress its egress
// too, but for what is known (see Known). The policies that let callers in come
// first, what denies the rest last. A workload without a known caller is a Risk:
// nobody could call it any more. What policies of others have closed already
// stays as they have it: nothing is opened.
func DenyByDefault(s *model.Snapshot, namespace string, o Options) (Set, error) {
	g := newGenerator(s, o)
	g.closing = true
	intents, lost := g.known(namespace)
	var unknown, already []Notice
	intents = slices.DeleteFunc(intents, func(in api.ServiceIntents) bool {
		e, _ := parseWorkload(in.Spec.Workload, namespace)
		of, err := g.workload(e)
		if err != nil || !g.shutByOthers(of) {
			return false
		}
		already = append(already, about(of.Ref, of.Where(""), "see who gets in: kubectl micro secure map -n "+namespace, "policies of others have closed %s already: they stay as they are", them))
		return true
	})
	for i := range intents {
		if intents[i].Spec.Callers != nil {
			continue
		}
		intents[i].Spec.Callers = []api.Caller{}
		e, _ := parseWorkload(intents[i].Spec.Workload, namespace)
		unknown = append(unknown, about(e.resource.Ref(namespace, e.name), "", "say who calls: kubectl micro secure allow CALLER "+them+" -n "+namespace,
			"%s: %s: no caller is known, nobody could call any more", invSelf, them))
	}
	lost = slices.DeleteFunc(lost, func(n Notice) bool {
		return slices.ContainsFunc(already, func(other Notice) bool { return other.On == n.On })
	})
	set, err := g.generate(intents)
	set.Warnings = tidyNotices(slices.Concat(already, set.Warnings))
	set.Risks = tidyNotices(slices.Concat(unknown, lost, set.Risks))
	for _, of := range g.Workloads(namespace) {
		if _, err := g.selector(of); err != nil && !of.Spec().HostNetwork {
			set.Risks = append(set.Risks, Notice{On: of.Ref, Where: of.Where(of.At), Text: err.Error(), Fix: "label its pods"})
		}
	}
	set.Objects = slices.DeleteFunc(set.Objects, hollow)
	set.Objects = append(set.Objects, g.denials(namespace)...)
	return set, err
}

// shutByOthers reports whether policies of others close a workload in all layers
// that are to be written.
func (w *world) shutByOthers(of *model.Workload) bool {
	if w.o.Layers.has(Network) && (!w.closedByOthers(of, ingress) || w.o.Egress && !w.closedByOthers(of, egress)) {
		return false
	}
	if d, _ := w.dataplane(of); d != NoMesh && w.o.Layers.has(Authorization) && !w.limitedByOthers(of) {
		return false
	}
	return w.o.Layers&MTLS == 0
}

// hollow reports whether a policy of a workload lets nothing through: the denial
// for the whole namespace says the same.
func hollow(o Object) bool {
	spec, _ := o.Value["spec"].(map[string]any)
	for _, field := range []string{"ingress", "egress", "rules"} {
		if rules, _ := spec[field].([]any); len(rules) > 0 {
			return false
		}
	}
	return o.Ref.Kind == model.NetworkPolicies.Kind.Kind || o.Ref.Kind == model.AuthorizationPolicies.Kind.Kind
}

// denials are the policies that deny what no other allows, as far as nobody else
// has such.
func (w *world) denials(namespace string) []Object {
	const name = prefix + "default-deny"
	var out []Object
	kinds := []any{}
	for _, way := range []direction{ingress, egress} {
		if (way == ingress || w.o.Egress) && !slices.ContainsFunc(w.networkIn(namespace), func(p netPolicy) bool {
			return !ours(p.Object) && p.by.Empty() && slices.Contains(p.types, way)
		}) {
			kinds = append(kinds, string(way))
		}
	}
	if w.o.Layers.has(Network) && len(kinds) > 0 {
		out = append(out, object(model.NetworkPolicies.Kind, namespace, name, map[string]any{"podSelector": map[string]any{}, "policyTypes": kinds}))
	}
	limited := slices.ContainsFunc(w.accessIn(namespace), func(p accessPolicy) bool {
		return !ours(p.Object) && p.by.Empty() && p.Value.Spec.GetAction() == allow
	})
	meshed := slices.ContainsFunc(w.Workloads(namespace), func(of *model.Workload) bool {
		d, _ := w.dataplane(of)
		return d != NoMesh
	})
	if w.o.Layers.has(Authorization) && meshed && !limited {
		out = append(out, object(model.AuthorizationPolicies.Kind, namespace, name, map[string]any{}))
	}
	for i := range out {
		out[i].Closes = true
		out[i].Comments = []string{"denies what no other policy of namespace " + namespace + " allows"}
	}
	return out
}
