// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// repairSubset renames a mistyped subset, defines it where the DestinationRule
// is or should be, or takes it out of a route that has no other destination.
func repairSubset(w *rules.World, r rules.Result) []rules.Fix {
	vs, ok := model.VirtualServices.Of(r.On)
	if !ok {
		return nil
	}
	c := newClients(w)
	for _, p := range grouped(w, vs, routed(&vs.Value.Spec), true) {
		if p.subset == "" || p.all[0].at+"/subset" != r.Pointer || c.defined(vs, p) {
			continue
		}
		var out []rules.Fix
		view := c.view(p.fqdn, vs.Ref.Namespace)
		if near := closest(p.subset, subsetNames(view)); len(near) > 0 {
			var ops []patch.Op
			for _, d := range p.all {
				ops = append(ops, patch.Op{Op: patch.Replace, Path: d.at + "/subset", Value: near[0]})
			}
			out = append(out, rules.Change(rules.Review, "route to subset "+near[0], vs.Object, ops...))
		}
		out = append(out, define(c, vs, p.fqdn)...)
		if !slices.ContainsFunc(p.all, func(d destination) bool { return !d.lone }) {
			var ops []patch.Op
			for _, d := range p.all {
				ops = append(ops, patch.Op{Op: patch.Remove, Path: d.at + "/subset"})
			}
			out = append(out, rules.Change(rules.Review, "route to all pods of host "+nameOf(w, p.fqdn, vs.Ref.Namespace)+", without a subset", vs.Object, ops...))
		}
		return out
	}
	return nil
}

// define adds every subset that routes use and callers in the VirtualService's
// namespace miss to the host's DestinationRule, or creates one.
func define(c *clients, vs virtualService, fqdn string) []rules.Fix {
	view := c.view(fqdn, vs.Ref.Namespace)
	risk, subsets, names := rules.Safe, []any{}, []string{}
	for _, name := range used(c.w, fqdn) {
		if _, ok := view.Subset(name); ok {
			continue
		}
		want, carried := map[string]string{versionLabel: name}, false
		ns, service, _ := c.w.ServiceName(fqdn)
		if svc, found := model.Services.Get(c.w.Snapshot, ns, service); found {
			if b, ok := behind(c.w, svc); ok {
				want, carried = b.labelled(name)
			}
		}
		if !carried {
			risk = rules.Review
		}
		names = append(names, name)
		subsets = append(subsets, map[string]any{"name": name, "labels": rules.Decoded(want)})
	}
	if len(view.Rules) == 0 {
		if slices.Contains(c.withRules(fqdn), c.owner(fqdn)) {
			return nil // there is one that exportTo hides: another would be merged with it
		}
		if c.w.Partial {
			risk = rules.Review // the cluster may have one
		}
		return []rules.Fix{{
			Title: "create a DestinationRule that defines " + plural("subset", names), Risk: risk,
			Creates: []map[string]any{newRule(c.w, vs, fqdn, subsets)},
		}}
	}
	rule := view.Rules[0]
	if c.w.FQDN(rule.Value.Spec.GetHost(), rule.Ref.Namespace) != fqdn {
		return nil // one for many hosts: a rule for this host alone would replace it
	}
	var ops []patch.Op
	if _, err := patch.Get(rule.Raw(), "/spec/subsets/0"); err != nil {
		ops = []patch.Op{{Op: patch.Add, Path: "/spec/subsets", Value: subsets}}
	} else {
		for _, s := range subsets {
			ops = append(ops, patch.Op{Op: patch.Add, Path: "/spec/subsets/-", Value: s})
		}
	}
	return []rules.Fix{rules.Change(risk, "define "+plural("subset", names)+" in "+rule.Ref.String(), rule.Object, ops...)}
}

// used are the subsets of a host that routes anywhere name, sorted.
func used(w *rules.World, fqdn string) []string {
	var out []string
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for _, d := range destinations(&vs.Value.Spec) {
			if d.GetSubset() != "" && w.FQDN(d.GetHost(), vs.Ref.Namespace) == fqdn {
				out = append(out, d.GetSubset())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// newRule is a DestinationRule with subsets, in the namespace of the Service,
// where every caller sees it.
func newRule(w *rules.World, vs virtualService, fqdn string, subsets []any) map[string]any {
	ns, name, isService := w.ServiceName(fqdn)
	if !isService {
		ns, name = vs.Ref.Namespace, strings.ReplaceAll(fqdn, ".", "-")
	}
	host := nameOf(w, fqdn, ns)
	for _, taken := model.DestinationRules.Get(w.Snapshot, ns, name); taken; _, taken = model.DestinationRules.Get(w.Snapshot, ns, name) {
		name += "-subsets"
	}
	meta := map[string]any{"name": name, "namespace": ns}
	if _, err := patch.Get(vs.Raw(), "/metadata/namespace"); err != nil && ns == vs.Ref.Namespace {
		delete(meta, "namespace") // the file leaves it to kubectl
	}
	return map[string]any{
		"apiVersion": vs.Ref.APIVersion(), "kind": model.DestinationRules.Kind.Kind, "metadata": meta,
		"spec": map[string]any{"host": host, "subsets": subsets},
	}
}

// plural writes "subset v1" or "subsets v1, v2".
func plural(word string, names []string) string {
	if len(names) != 1 {
		word += "s"
	}
	return word + " " + strings.Join(names, ", ")
}
