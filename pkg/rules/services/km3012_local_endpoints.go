// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3012", Slug: "local-endpoints", Severity: finding.Warning,
	Short: "Traffic policy Local, but nodes without an endpoint",
	Why: `With internalTrafficPolicy: Local a client reaches only pods on its own node; on a node without
one, connections are dropped. With externalTrafficPolicy: Local a node drops what arrives from
outside unless it has such a pod. The health checks of a load balancer find that out; clients of a
node port do not.

Both suit DaemonSets. Of other workloads, nobody says on which nodes the pods are.`,
	Fix: `Use Cluster, run the pods as a DaemonSet, or spread them over all nodes. Where only locality is
wanted, trafficDistribution: PreferClose prefers near endpoints without dropping anything.`,
	Reference: "https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Services.Kind, model.Nodes.Kind}),
	Check:     checkLocality,
})

func checkLocality(w *rules.World, emit rules.Emit) {
	var nodes []ref.Ref // found once, when the first Service asks
	for _, svc := range model.Services.In(w.Snapshot, "") {
		spec := &svc.Value.Spec
		at, message := "", ""
		switch {
		case spec.InternalTrafficPolicy != nil && *spec.InternalTrafficPolicy == corev1.ServiceInternalTrafficPolicyLocal:
			at, message = "/spec/internalTrafficPolicy", "clients on nodes without a pod of it cannot reach it"
		case spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal && spec.Type == corev1.ServiceTypeNodePort:
			at, message = "/spec/externalTrafficPolicy", "nodes without a pod of it drop what comes to its node ports"
		default:
			continue
		}
		selection := selected(w, svc)
		if selection.Empty() || headless(svc) || !slices.ContainsFunc(selection.Workloads, placed) {
			continue
		}
		if selection.Planned {
			f := emit(svc.Object, at, "%s: %s may be on any node", message, listed(model.Refs(selection.Workloads)))
			f.Confidence, f.Related = finding.Likely, model.Refs(selection.Workloads)
			continue
		}
		if nodes == nil {
			nodes = usable(w)
		}
		holes := without(nodes, selection.Pods)
		if selection.Ready == 0 || len(holes) == 0 {
			continue // nothing is ready at all: KM3002
		}
		f := emit(svc.Object, at, "%s: %d of %d nodes have none", message, len(holes), len(nodes))
		f.Reason = message
		f.Hint = "without a ready pod: " + listed(holes)
		f.Confidence, f.Related = finding.Likely, model.Refs(selection.Workloads)
	}
}

// placed reports whether the scheduler chooses the nodes of a workload's pods;
// a DaemonSet is on all that it should be on.
func placed(of *model.Workload) bool { return of.Ref.Kind != model.DaemonSets.Kind.Kind }

// usable are the nodes that take ordinary pods, so that clients may run there.
func usable(w *rules.World) []ref.Ref {
	out := []ref.Ref{}
	if _, gap := w.Gap(model.Nodes.GroupKind, ""); gap {
		return out
	}
	for _, n := range model.Nodes.In(w.Snapshot, "") {
		repels := slices.ContainsFunc(n.Value.Spec.Taints, func(t corev1.Taint) bool { return t.Effect != corev1.TaintEffectPreferNoSchedule })
		if !n.Value.Spec.Unschedulable && !repels && n.Value.DeletionTimestamp == nil {
			out = append(out, n.Ref)
		}
	}
	return out
}

// without are the nodes on which none of the pods is ready.
func without(nodes []ref.Ref, pods []model.Item[corev1.Pod]) []ref.Ref {
	has := map[string]bool{}
	for _, p := range pods {
		if model.PodReady(p.Value) {
			has[p.Value.Spec.NodeName] = true
		}
	}
	var out []ref.Ref
	for _, n := range nodes {
		if !has[n.Name] {
			out = append(out, n)
		}
	}
	return out
}
