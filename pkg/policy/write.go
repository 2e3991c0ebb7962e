// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// The annotations of our objects: which workload they are for, and the hosts
// outside that a rule for all addresses stands for.
const (
	workloadAnnotation = "kubectl-micro.dev/workload"
	externalAnnotation = "kubectl-micro.dev/external"
)

// object makes one of our objects; annotations are pairs of key and value.
func object(kind *model.Kind, namespace, name string, spec map[string]any, annotations ...string) Object {
	meta := map[string]any{"name": name, "namespace": namespace, "labels": map[string]any{managedBy: us}}
	if len(annotations) > 1 {
		all := map[string]any{}
		for i := 0; i+1 < len(annotations); i += 2 {
			if annotations[i+1] != "" {
				all[annotations[i]] = annotations[i+1]
			}
		}
		meta["annotations"] = all
	}
	r := kind.Ref(namespace, name)
	return Object{Ref: r, Value: map[string]any{"apiVersion": r.APIVersion(), "kind": r.Kind, "metadata": meta, "spec": spec}}
}

// write adds the objects of a draft to the Set.
func (g *generator) write(d *draft) {
	d.join()
	grants := g.grantsFor(d)
	if g.o.Layers.has(Network) {
		g.writeNetwork(d, grants)
	}
	if d.plane == NoMesh {
		if g.o.Layers&(Authorization|MTLS) != 0 && d.says(ingress) {
			g.warnEach(d, "/spec/workload", "take it into the mesh: label its namespace istio-injection=enabled", "%s: not in the mesh, where AuthorizationPolicies and PeerAuthentications have no effect", them)
		}
		return
	}
	if g.o.Layers.has(Authorization) {
		g.writeAccess(d, grants)
	}
	if g.o.Layers.has(MTLS) && d.says(ingress) {
		open := d.plaintext
		for _, of := range d.workloads() {
			open = append(open, g.plaintextPorts(of, nil)...)
		}
		slices.Sort(open)
		g.add(strictFor(d.of, d.name, d.by, slices.Compact(open)), d.comments)
	}
}

// grantsFor takes the grants for the workloads of a draft, of the directions that
// its intent does not speak of.
func (g *generator) grantsFor(d *draft) grant {
	out := grant{of: d.of}
	for _, of := range d.workloads() {
		if x := g.grants[of]; x != nil {
			out.in, out.out = append(out.in, x.in...), append(out.out, x.out...)
			out.access, out.whys = append(out.access, x.access...), append(out.whys, x.whys...)
			delete(g.grants, of)
		}
	}
	return out
}

// writeNetwork writes the NetworkPolicy of a draft, with the directions that its
// intents speak of and those that others have closed and callers need.
func (g *generator) writeNetwork(d *draft, x grant) {
	ns, comments := d.of.Ref.Namespace, slices.Concat(d.comments, x.whys)
	spec := map[string]any{"podSelector": selects(d.by)}
	var kinds []any
	closes, said := false, false
	for _, side := range []struct {
		way            direction
		field, peers   string
		rules, granted []netRule
		needs          func(*model.Workload) []need
	}{{ingress, "ingress", "from", d.in, x.in, g.needsIn}, {egress, "egress", "to", d.out, x.out, g.needsOut}} {
		kept := g.kept(d, side.way)
		says := g.writes(d, side.way)
		if !says && len(side.granted) == 0 && kept == nil {
			continue
		}
		rules := side.granted
		if says {
			rules = slices.Concat(side.rules, side.granted)
			for _, of := range d.workloads() {
				closes = closes || len(g.isolating(of, side.way, "")) == 0
				for _, n := range side.needs(of) {
					rules, comments = append(rules, n.netRule), append(comments, n.why)
				}
			}
		}
		said = said || says || len(side.granted) > 0
		kinds, spec[side.field] = append(kinds, string(side.way)), union(kept, netValues(rules, side.peers, ns))
	}
	if !said {
		return // what there is of ours stays as it is
	}
	spec["policyTypes"] = kinds
	o := object(model.NetworkPolicies.Kind, ns, d.name, spec, workloadAnnotation, d.texts(), externalAnnotation, externals(d))
	o.Closes = closes
	g.add(o, comments)
}

// writes reports whether a direction of a draft is to be closed by our policy.
func (g *generator) writes(d *draft, way direction) bool {
	return d.says(way) && !(g.closing && slices.ContainsFunc(d.workloads(), func(of *model.Workload) bool { return g.closedByOthers(of, way) }))
}

// kept are the rules that our policy has for a direction of which the intent says
// nothing; nil where it does not close it.
func (g *generator) kept(d *draft, way direction) []any {
	if g.writes(d, way) {
		return nil
	}
	old, found := model.NetworkPolicies.Get(g.Snapshot, d.of.Ref.Namespace, d.name)
	if !found || !ours(old.Object) || !slices.Contains(types(old.Value), way) {
		return nil
	}
	rules, _ := patch.Get(old.Raw(), "/spec/"+strings.ToLower(string(way)))
	out, _ := rules.([]any)
	return append([]any{}, out...)
}

// union appends the rules that a list lacks.
func union(have, more []any) []any {
	for _, v := range more {
		if !slices.ContainsFunc(have, func(o any) bool { return patch.Equal(o, v) }) {
			have = append(have, v)
		}
	}
	if have == nil {
		return []any{}
	}
	return have
}

func (g *generator) writeAccess(d *draft, x grant) {
	ns := d.of.Ref.Namespace
	says := d.says(ingress) && !(g.closing && slices.ContainsFunc(d.workloads(), g.limitedByOthers))
	if !says && len(x.access) == 0 {
		return
	}
	rules, closes := slices.Concat(d.access, x.access), false
	for _, of := range d.workloads() {
		if says {
			closes = closes || len(g.authorizing(of, allow, "")) == 0
			rules = append(rules, g.needsAccess(of)...)
		}
	}
	spec := map[string]any{"action": "ALLOW", "selector": map[string]any{"matchLabels": texts(d.by)}}
	if values := accessValues(rules); len(values) > 0 {
		spec["rules"] = values
	}
	o := object(model.AuthorizationPolicies.Kind, ns, d.name, spec, workloadAnnotation, d.texts())
	if !says {
		g.extend(o, x.whys, "rules")
		return
	}
	o.Closes = closes
	g.add(o, slices.Concat(d.comments, x.whys))
	if len(d.atWaypoint) == 0 {
		return
	}
	var targets []any
	for _, svc := range g.InFront(d.of) {
		targets = append(targets, map[string]any{"group": "", "kind": "Service", "name": svc.Ref.Name})
	}
	o = object(model.AuthorizationPolicies.Kind, ns, d.name+"-waypoint", map[string]any{"action": "ALLOW", "targetRefs": targets, "rules": accessValues(d.atWaypoint)},
		workloadAnnotation, d.texts())
	o.Closes = true
	g.add(o, d.comments)
}

// add takes an object into the Set, unless somebody else has one of its name.
func (g *generator) add(o Object, comments []string) {
	old, exists := g.Object(o.Ref)
	if exists && !ours(old) {
		g.errs = append(g.errs, fault.Conflictf("%s exists and is not ours", o.Ref).At(old.Where("")).Try("rename it, or label it %s=%s to have it replaced", managedBy, us))
		return
	}
	for _, c := range comments {
		if !slices.Contains(o.Comments, c) {
			o.Comments = append(o.Comments, c)
		}
	}
	i, known := g.placed[o.Ref]
	if known {
		g.set.Objects[i] = o
		return
	}
	g.placed[o.Ref] = len(g.set.Objects)
	g.set.Objects = append(g.set.Objects, o)
}
