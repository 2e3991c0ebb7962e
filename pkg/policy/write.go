// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
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
	grants := g.grantsFor(d)
	if g.o.Layers.has(Network) {
		g.writeNetwork(d, grants)
	}
	if d.plane == NoMesh {
		if g.o.Layers&(Authorization|MTLS) != 0 && d.ingress() {
			g.warn(d, "/spec/workload", "take it into the mesh: label its namespace istio-injection=enabled", "%s is not in the mesh: AuthorizationPolicies and PeerAuthentications have no effect on it", d.of.Ref.Short())
		}
		return
	}
	if g.o.Layers.has(Authorization) {
		g.writeAccess(d, grants)
	}
	if g.o.Layers.has(MTLS) && d.ingress() {
		g.add(strictFor(d.of, d.name, d.by, g.plaintextPorts(d.of, d.plaintext)), d.comments)
	}
}

// grantsFor takes the grants for the workload of a draft, of the directions that
// its intent does not speak of.
func (g *generator) grantsFor(d *draft) grant {
	out := grant{of: d.of}
	g.grants = slices.DeleteFunc(g.grants, func(x *grant) bool {
		if x.of == d.of {
			out.in, out.out = append(out.in, x.in...), append(out.out, x.out...)
			out.access, out.whys = append(out.access, x.access...), append(out.whys, x.whys...)
		}
		return x.of == d.of
	})
	return out
}

func (g *generator) writeNetwork(d *draft, x grant) {
	ns, comments := d.of.Ref.Namespace, slices.Concat(d.comments, x.whys)
	spec := map[string]any{"podSelector": selects(d.by)}
	var kinds []any
	closes := false
	keptIn, keptOut := g.kept(d, ingress), g.kept(d, egress)
	if d.ingress() || len(x.in) > 0 || keptIn != nil {
		rules := slices.Concat(d.in, x.in)
		if d.ingress() {
			closes = len(g.isolating(d.of, ingress, "")) == 0
			for _, n := range g.needsIn(d.of) {
				rules, comments = append(rules, n.netRule), append(comments, n.why)
			}
		}
		kinds, spec["ingress"] = append(kinds, string(ingress)), union(keptIn, netValues(rules, "from", ns))
	}
	if d.egress() || len(x.out) > 0 || keptOut != nil {
		rules := slices.Concat(d.out, x.out)
		if d.egress() {
			closes = closes || len(g.isolating(d.of, egress, "")) == 0
			for _, n := range g.needsOut(d.of) {
				rules, comments = append(rules, n.netRule), append(comments, n.why)
			}
		}
		kinds, spec["egress"] = append(kinds, string(egress)), union(keptOut, netValues(rules, "to", ns))
	}
	if !d.ingress() && !d.egress() && len(x.in)+len(x.out) == 0 {
		return // what there is of ours stays as it is
	}
	spec["policyTypes"] = kinds
	o := object(model.NetworkPolicies.Kind, ns, d.name, spec, workloadAnnotation, endOf(d.of).text(ns), externalAnnotation, externals(d))
	o.Closes = closes
	g.add(o, comments)
}

// kept are the rules that our policy has for a direction of which the intent says
// nothing; nil where it does not close it.
func (g *generator) kept(d *draft, way direction) []any {
	if way == ingress && d.ingress() || way == egress && d.egress() {
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

// externals are the hosts that rules for all addresses stand for.
func externals(d *draft) string {
	var out []string
	for _, t := range d.targets {
		if _, err := netip.ParseAddr(t.name); t.kind == externalEnd && err != nil {
			out = append(out, t.name+":"+t.port)
		}
	}
	return strings.Join(out, ",")
}

func (g *generator) writeAccess(d *draft, x grant) {
	ns := d.of.Ref.Namespace
	if !d.ingress() && len(x.access) == 0 {
		return
	}
	rules, closes := slices.Concat(d.access, x.access), false
	if d.ingress() {
		closes = len(g.authorizing(d.of, securityv1.AuthorizationPolicy_ALLOW, "")) == 0
		rules = append(rules, g.needsAccess(d.of)...)
	}
	spec := map[string]any{"action": "ALLOW", "selector": map[string]any{"matchLabels": texts(d.by)}}
	if values := accessValues(rules); len(values) > 0 {
		spec["rules"] = values
	}
	o := object(model.AuthorizationPolicies.Kind, ns, d.name, spec, workloadAnnotation, endOf(d.of).text(ns))
	if !d.ingress() {
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
		workloadAnnotation, endOf(d.of).text(ns))
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
	if i := slices.IndexFunc(g.set.Objects, func(other Object) bool { return other.Ref == o.Ref }); i >= 0 {
		g.set.Objects[i] = o
		return
	}
	g.set.Objects = append(g.set.Objects, o)
}

// entry declares a host outside the mesh, for REGISTRY_ONLY meshes and for
// telemetry by name.
func (g *generator) entry(d *draft, to callee) {
	_, err := netip.ParseAddr(to.name)
	if err == nil || d.plane == NoMesh || !g.o.Layers.has(Authorization) {
		return
	}
	ns, number := d.of.Ref.Namespace, to.number()
	name := prefix + strings.ReplaceAll(strings.Replace(to.name, "*", "any", 1), ".", "-")
	if host := g.Resolve(to.name, ns); host.Entry != nil && !ours(host.Entry.Object) {
		for _, p := range host.Entry.Value.Spec.GetPorts() {
			if p.GetNumber() == uint32(number) {
				return
			}
		}
	}
	protocol := map[int32]string{80: "HTTP", 443: "TLS"}[number]
	if protocol == "" {
		protocol = "TCP"
	}
	resolution := "DNS"
	if strings.HasPrefix(to.name, "*") {
		resolution = "NONE"
	}
	p := map[string]any{"number": int64(number), "name": strings.ToLower(protocol) + "-" + strconv.Itoa(int(number)), "protocol": protocol}
	o := object(model.ServiceEntries.Kind, ns, name, map[string]any{
		"hosts": []any{to.name}, "exportTo": []any{"."}, "location": "MESH_EXTERNAL", "resolution": resolution, "ports": []any{p},
	})
	for _, other := range g.set.Objects {
		if other.Ref == o.Ref { // another port of the host
			spec := other.Value["spec"].(map[string]any)
			o.Value["spec"].(map[string]any)["ports"] = withPort(spec["ports"].([]any), p)
			o.Comments = other.Comments
		}
	}
	g.add(o, []string{fmt.Sprintf("called by %s", ref.Ref.Short(d.of.Ref))})
}

func withPort(ports []any, p map[string]any) []any {
	if slices.ContainsFunc(ports, func(o any) bool { return o.(map[string]any)["number"] == p["number"] }) {
		return ports
	}
	return append(slices.Clone(ports), p)
}
