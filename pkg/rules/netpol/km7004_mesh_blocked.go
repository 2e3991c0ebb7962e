// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// The ports of Istio that policies have to leave open: istiod's for proxies, and
// that of the tunnels between ambient pods.
const (
	istiodPort = 15012
	hbonePort  = 15008
)

var _ = family.Add(rules.Rule{
	ID: "KM7004", Slug: "mesh-blocked", Severity: finding.Error,
	Short: "NetworkPolicy keeps out what the pods depend on",
	Why: `A policy that lists who may call a workload shuts out everybody else, also those that nobody thinks of
as callers: the gateway that routes to it, Prometheus, the API server that calls a webhook. Pods with
an Istio sidecar need istiod on port 15012 for certificates and configuration; pods in ambient mode
get all traffic of the mesh on port 15008, whatever port the application listens on.`,
	Fix:       `Add a rule for each to the policy, with the namespace it comes from and the port of the pods.`,
	Reference: "https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.NetworkPolicies.Kind, model.Namespaces.Kind, model.Services.Kind, model.Ingresses.Kind, model.HTTPRoutes.Kind,
		model.VirtualServices.Kind, model.IstioGateways.Kind, model.ServiceMonitors.Kind, model.PodMonitors.Kind,
		model.ValidatingWebhookConfigurations.Kind, model.MutatingWebhookConfigurations.Kind,
	}),
	Explains: []string{"KM1014", "KM1015"},
	Check:    checkNeeds,
})

func checkNeeds(w *rules.World, emit rules.Emit) {
	x := newPolicies(w)
	if len(x.byNamespace) == 0 {
		return
	}
	checkIstio(x, emit)
	type group struct {
		on  *model.Object
		who string
	}
	found := map[group]*finding.Finding{}
	for _, d := range slices.Concat(routed(w), exposed(w), scraped(w), admission(w)) {
		isolating := x.isolating(d.namespace, d.labels, ingress)
		if _, gap := w.Gap(model.NetworkPolicies.GroupKind, d.namespace); gap || len(isolating) == 0 || !x.blocks(isolating, d) {
			continue
		}
		p := blamed(isolating, ingress)
		seen := finding.Evidence{Kind: "field", Of: d.by.String(), Value: d.why}
		f := found[group{p.Object, d.who}]
		if f == nil {
			f = emit(p.Object, pointerOf(p, ingress), "ingress of %s is isolated and no rule lets in %s: %s", d.of, d.who, d.why)
			f.Reason, f.Hint, f.Severity = "no rule lets in "+d.who, d.hint, d.severity
			found[group{p.Object, d.who}] = f
			x.weigh(f, d.exact)
		}
		if !slices.Contains(f.Evidence, seen) {
			f.Evidence = append(f.Evidence, seen)
		}
		for _, r := range []ref.Ref{d.of, d.by} {
			if !slices.Contains(f.Related, r) {
				f.Related = append(f.Related, r)
			}
		}
	}
}

// weigh lowers what rests on a guess about the sender, on files that may lack a
// policy, or on NetworkPolicies alone where there are others.
func (x *policies) weigh(f *finding.Finding, exact bool) {
	if x.foreign || !exact {
		f.Severity = min(f.Severity, finding.Warning)
	}
	if x.foreign || !exact || x.w.Partial {
		f.Confidence = finding.Likely
	}
	if x.foreign {
		f.Confidence = finding.Possible
	}
}

// blocks reports whether none of the places that a demand may come from gets
// through to any of its ports.
func (x *policies) blocks(isolating []policy, d demand) bool {
	if len(d.ports) == 0 {
		return false
	}
	for _, from := range d.from {
		for _, to := range d.ports {
			if x.allow(isolating, ingress, from, to) != no {
				return false
			}
		}
	}
	return true
}

// checkIstio checks what Istio itself needs, one finding a policy.
func checkIstio(x *policies, emit rules.Emit) {
	istiod := endpoint{namespace: x.w.RootNamespace, labels: labels.Set{"app": "istiod"}}
	cuts, tunnels := map[*model.Object]*cut{}, map[*model.Object]*cut{}
	note := func(in map[*model.Object]*cut, p policy, workload *model.Workload) {
		if in[p.Object] == nil {
			in[p.Object] = &cut{policy: p}
		}
		in[p.Object].workloads = append(in[p.Object].workloads, workload)
	}
	for _, workload := range x.w.Workloads("") {
		ns, set := workload.Ref.Namespace, workload.Template.Labels
		if _, gap := x.w.Gap(model.NetworkPolicies.GroupKind, ns); gap || len(x.byNamespace[ns]) == 0 || workload.Spec().HostNetwork {
			continue
		}
		out, in, ambient := x.isolating(ns, set, egress), x.isolating(ns, set, ingress), isAmbient(x.w, workload)
		if len(out) > 0 && !ambient && x.w.Mesh(workload) == rules.MeshIn &&
			x.allow(out, egress, istiod, port{protocol: corev1.ProtocolTCP, number: istiodPort}) == no {
			note(cuts, blamed(out, egress), workload)
		}
		if ambient && namesPorts(in) && !opens(in, hbonePort) {
			note(tunnels, blamedForPorts(in), workload)
		}
	}
	for _, c := range sorted(cuts) {
		f := emit(c.Object, pointerOf(c.policy, egress), "egress of %s is isolated and no rule allows istiod (TCP %d)", rules.FewOf(model.Refs(c.workloads)), istiodPort)
		f.Hint = "allow TCP 15012 to pods app=istiod of namespace " + x.w.RootNamespace
		f.Reason = "no rule allows istiod"
		x.finish(f, c)
	}
	for _, c := range sorted(tunnels) {
		f := emit(c.Object, pointerOf(c.policy, ingress), "ingress of %s, in ambient mode, is isolated to ports without %d, where the mesh's traffic arrives", rules.FewOf(model.Refs(c.workloads)), hbonePort)
		f.Hint = "add TCP 15008 to the ports of the rules"
		f.Reason = "ingress of ambient pods is isolated to ports without 15008"
		x.finish(f, c)
	}
}

func (x *policies) finish(f *finding.Finding, c *cut) {
	x.weigh(f, true)
	for _, workload := range c.workloads {
		f.Related = append(f.Related, workload.Ref)
	}
}

func sorted(cuts map[*model.Object]*cut) []*cut {
	var out []*cut
	for _, c := range cuts {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *cut) int {
		return cmp.Or(ref.Compare(a.Ref, b.Ref), strings.Compare(a.Where(""), b.Where("")))
	})
	return out
}

// namesPorts reports whether policies let anything in at all.
func namesPorts(isolating []policy) bool {
	return slices.ContainsFunc(isolating, func(p policy) bool { return len(p.rules(ingress)) > 0 })
}

// opens reports whether a rule of the policies may take in a port of the pods.
func opens(isolating []policy, number int32) bool {
	return slices.ContainsFunc(isolating, func(p policy) bool {
		return slices.ContainsFunc(p.rules(ingress), func(r rule) bool {
			return ports(r.ports, port{protocol: corev1.ProtocolTCP, number: number}) != no
		})
	})
}

// blamedForPorts is the first policy whose rules name ports.
func blamedForPorts(isolating []policy) policy {
	i := slices.IndexFunc(isolating, func(p policy) bool { return len(p.rules(ingress)) > 0 })
	return isolating[max(i, 0)]
}
