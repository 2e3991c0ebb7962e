// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3002", Slug: "none-ready", Severity: finding.Error,
	Short: "Service selects pods, but none is ready",
	Why: `Only ready pods are endpoints. With none, connections to the Service are refused or time out,
and proxies answer 503.

This is nearly always the effect of something else: pods that crash, cannot be scheduled, or fail
their readiness probe. Pods that are still within the time their probes give them, and those of a
rollout that advances, are not counted as a fault.`,
	Fix: `Mend the pods: see the finding about their workload. If clients must reach pods that are not
ready (peers of a database that is being formed), set publishNotReadyAddresses.`,
	Reference: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#does-the-service-have-any-endpointslices",
	Aliases:   []string{"POP1105"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Services.Kind}),
	Live:      true,
	Explains:  []string{"KM1014", "KM3015", "KM4001", "KM6008", "KM6009", "KM8022"},
	Check:     checkReadiness,
})

func checkReadiness(w *rules.World, emit rules.Emit) {
	for _, svc := range model.Services.In(w.Snapshot, "") {
		selection := selected(w, svc)
		pods := present(selection.Pods)
		if len(pods) == 0 && !selection.Planned {
			checkPodless(w, svc, selection.Workloads, emit)
		}
		if len(pods) == 0 || selection.Ready > 0 || selection.Planned || svc.Value.Spec.PublishNotReadyAddresses {
			continue
		}
		if slices.ContainsFunc(pods, func(p model.Item[corev1.Pod]) bool { return starting(w, p) }) {
			continue
		}
		owners := model.Refs(selection.Workloads)
		f := emit(svc.Object, "", "none of the pods of %s is ready (0 of %d)", listed(owners), len(pods))
		f.Reason = "none of the pods of " + listed(owners) + " is ready"
		f.Related = append(owners, nodesOf(pods)...)
		f.Since = readySince(pods)
		f.Of = len(pods)
		for _, p := range pods {
			f.Pods = append(f.Pods, p.Ref.Name)
		}
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "status", Of: listed(owners), Value: summary(pods), Time: f.Since})
	}
}

// checkPodless reports a Service whose workloads want pods and get none: they
// are refused (quota, webhook, ServiceAccount), or the controllers are down.
func checkPodless(w *rules.World, svc model.Item[corev1.Service], behind []*model.Workload, emit rules.Emit) {
	for _, wl := range behind {
		wants := wl.Live() && wl.Replicas != nil && *wl.Replicas > 0 && !wl.Ends()
		young := w.Now.Sub(wl.Meta().GetCreationTimestamp().Time) < 2*grace
		if !wants || young || len(wl.Pods) > 0 || rollingOut(wl) && !refused(wl) {
			return
		}
	}
	if len(behind) == 0 {
		return
	}
	owners := model.Refs(behind)
	f := emit(svc.Object, "", "%s has no pods at all, so that requests reach nobody", listed(owners))
	f.Related = owners
	f.Evidence = append(f.Evidence, finding.Evidence{Kind: "absence", Of: listed(owners), Value: "no pod"})
}

// refused reports whether a Deployment says that its pods cannot be created.
func refused(wl *model.Workload) bool {
	d, ok := model.Deployments.Of(wl.Object)
	return ok && slices.ContainsFunc(d.Value.Status.Conditions, func(c appsv1.DeploymentCondition) bool {
		return c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue
	})
}

// nodesOf are the nodes that pods are on.
func nodesOf(pods []model.Item[corev1.Pod]) []ref.Ref {
	var out []ref.Ref
	for _, p := range pods {
		if p.Value.Spec.NodeName != "" {
			out = append(out, model.Nodes.Ref("", p.Value.Spec.NodeName))
		}
	}
	return unique(out)
}
