// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// strictFor demands mutual TLS of a workload, but for ports that callers without
// an identity need.
func strictFor(of *model.Workload, name string, by map[string]string, open []int32) Object {
	spec := map[string]any{"selector": map[string]any{"matchLabels": texts(by)}, "mtls": map[string]any{"mode": "STRICT"}}
	if len(open) > 0 {
		levels := map[string]any{}
		for _, n := range open {
			levels[strconv.Itoa(int(n))] = map[string]any{"mode": "PERMISSIVE"}
		}
		spec["portLevelMtls"] = levels
	}
	o := object(model.PeerAuthentications.Kind, of.Ref.Namespace, name, spec, workloadAnnotation, endOf(of).text(of.Ref.Namespace))
	o.Closes = true
	return o
}

// plaintextPorts are the ports of a workload that are called without an
// identity: by webhooks' API server, by probes that are not rewritten, and more.
func (w *world) plaintextPorts(of *model.Workload, more []int32) []int32 {
	out := slices.Clone(more)
	for _, rule := range w.needsAccess(of) {
		out = append(out, rule.ports...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Strict demands mutual TLS of all workloads of a namespace, or of one of them
// ("deploy/x"; empty for all). Ports that are known to be called in plaintext
// stay open to it, workload by workload; each is a Warning. Where somebody else
// has a PeerAuthentication for the namespace, the older one counts, so that the
// Set holds no object for it but an Offer.
func Strict(s *model.Snapshot, namespace, workload string, o Options) (Set, error) {
	g := newGenerator(s, o)
	if workload != "" {
		e, err := parseWorkload(workload, namespace)
		if err != nil {
			return Set{}, err
		}
		of, err := g.workload(e)
		if err != nil {
			return Set{}, err
		}
		if d, _ := g.dataplane(of); d == NoMesh {
			return Set{}, fault.Refusedf("%s is not in the mesh: a PeerAuthentication has no effect on it", of.Ref).Try("label its namespace istio-injection=enabled")
		}
		g.strict(of, true)
		g.finish()
		return g.set, errors.Join(g.errs...)
	}
	meshed := 0
	for _, of := range g.Workloads(namespace) {
		if d, _ := g.dataplane(of); d == NoMesh {
			continue
		}
		meshed++
		g.strict(of, false)
	}
	if meshed == 0 {
		return Set{}, fault.Refusedf("no workload of namespace %s is in the mesh: a PeerAuthentication has no effect", namespace).Try("label the namespace istio-injection=enabled")
	}
	g.strictNamespace(namespace)
	g.finish()
	return g.set, errors.Join(g.errs...)
}

// strict writes the PeerAuthentication of a workload: always, or only where it
// has to differ from that of the namespace.
func (g *generator) strict(of *model.Workload, always bool) {
	open := g.plaintextPorts(of, g.plaintextCallers(of))
	if len(open) > 0 {
		g.set.Warnings = append(g.set.Warnings, Notice{On: of.Ref, Where: of.Where(""), Text: fmt.Sprintf("ports %v of %s stay open to plaintext: callers without an identity need them", open, of.Ref.Short())})
	}
	if !always && len(open) == 0 {
		return
	}
	by, err := g.selector(of)
	if err != nil {
		g.errs = append(g.errs, err)
		return
	}
	g.add(strictFor(of, g.policyName(of), by, open), nil)
}

// plaintextCallers are the ports that known callers outside the mesh call.
func (g *generator) plaintextCallers(of *model.Workload) []int32 {
	var out []int32
	for _, e := range g.world.callers()[of] {
		if len(e.ports) == 0 {
			continue
		}
		from, err := g.source(e.from)
		if err == nil && from.open {
			g.set.Warnings = append(g.set.Warnings, Notice{On: of.Ref, Where: e.where, Text: fmt.Sprintf("%s calls %s without an identity: %s", e.from.text(of.Ref.Namespace), of.Ref.Short(), e.why), Fix: "take it into the mesh first"})
			out = append(out, slices.DeleteFunc(numbers(e.ports), func(n int32) bool { return slices.Contains(uncaptured, n) })...)
		}
	}
	return out
}

// strictNamespace writes the PeerAuthentication of a namespace.
func (g *generator) strictNamespace(namespace string) {
	for _, pa := range model.PeerAuthentications.In(g.Snapshot, namespace) {
		if len(pa.Value.Spec.GetSelector().GetMatchLabels()) > 0 || ours(pa.Object) {
			continue
		}
		mode, err := patch.Get(pa.Raw(), "/spec/mtls/mode")
		var ops []patch.Op
		switch {
		case mode == "STRICT":
			return
		case err == nil:
			ops = []patch.Op{{Op: patch.Test, Path: "/spec/mtls/mode", Value: mode}, {Op: patch.Replace, Path: "/spec/mtls/mode", Value: "STRICT"}}
		default:
			ops = []patch.Op{{Op: patch.Add, Path: "/spec/mtls", Value: map[string]any{"mode": "STRICT"}}}
			if _, err := patch.Get(pa.Raw(), "/spec"); err != nil {
				ops = []patch.Op{{Op: patch.Add, Path: "/spec", Value: map[string]any{"mtls": map[string]any{"mode": "STRICT"}}}}
			}
		}
		c, err := plan.New(pa.Ref, pa.Raw(), ops, "mutual TLS for all of namespace "+namespace)
		if err != nil {
			g.errs = append(g.errs, err)
			return
		}
		g.set.Offers = append(g.set.Offers, c)
		g.set.Warnings = append(g.set.Warnings, Notice{On: pa.Ref, Where: pa.Where(""), Text: fmt.Sprintf("%s is about the whole namespace already, and of two the older one counts: it has to be changed itself", pa.Ref)})
		return
	}
	o := object(model.PeerAuthentications.Kind, namespace, prefix+"strict", map[string]any{"mtls": map[string]any{"mode": "STRICT"}})
	o.Closes = true
	g.add(o, []string{"mutual TLS for all of namespace " + namespace})
}
