// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// late are kinds that matter to few namespaces, with what tells that they
// matter to one: a second round of requests reads them then. There may be
// thousands of nodes, and a namespace that is well needs none of them. What is
// not asked for leaves room for the logs of what fails.
var late = map[*model.Kind]func(*model.Snapshot) bool{
	model.Nodes.Kind:             needsNodes,
	model.PersistentVolumes.Kind: needsVolumes,
	model.StorageClasses.Kind:    waitsForVolume,
	model.IngressClasses.Kind:    holds(model.Ingresses.Kind),
	model.GatewayClasses.Kind:    holds(model.Gateways.Kind),
	model.ReferenceGrants.Kind:   needsGrants,
	model.LimitRanges.Kind:       needsLimits,
	model.PrometheusRules.Kind:   monitored,
	model.Prometheuses.Kind:      monitored,
	model.PrometheusAgents.Kind:  monitored,
	model.ThanosRulers.Kind:      monitored,
}

func holds(k *model.Kind) func(*model.Snapshot) bool {
	return func(s *model.Snapshot) bool { return len(s.OfKind(k.GroupKind)) > 0 }
}

// monitored reports whether the cluster goes by objects of the Prometheus
// Operator: where there are rules there are monitors.
func monitored(s *model.Snapshot) bool {
	return len(s.OfKind(model.ServiceMonitors.GroupKind))+len(s.OfKind(model.PodMonitors.GroupKind)) > 0
}

// needsNodes reports whether a pod is not well, or a Service sends only to pods
// of the node that a connection comes to.
func needsNodes(s *model.Snapshot) bool {
	for _, p := range model.Pods.In(s, "") {
		if p.Value.DeletionTimestamp != nil || p.Value.Status.Phase != corev1.PodSucceeded && !model.PodReady(p.Value) {
			return true
		}
	}
	return slices.ContainsFunc(model.Services.In(s, ""), func(svc model.Item[corev1.Service]) bool {
		return svc.Value.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
	})
}

// waitsForVolume reports whether a claim has no volume yet, or no longer.
func waitsForVolume(s *model.Snapshot) bool {
	return slices.ContainsFunc(model.PersistentVolumeClaims.In(s, ""), func(c model.Item[corev1.PersistentVolumeClaim]) bool {
		return c.Value.Status.Phase != corev1.ClaimBound
	})
}

// needsVolumes reports whether a volume may be what a claim or a pod waits for.
func needsVolumes(s *model.Snapshot) bool {
	return waitsForVolume(s) || len(model.PersistentVolumeClaims.In(s, "")) > 0 &&
		slices.ContainsFunc(model.Pods.In(s, ""), func(p model.Item[corev1.Pod]) bool { return p.Value.Status.Phase == corev1.PodPending })
}

// needsGrants reports whether a route or a Gateway names something in another
// namespace. That of a parent needs no grant.
func needsGrants(s *model.Snapshot) bool {
	for _, k := range []*model.Kind{model.HTTPRoutes.Kind, model.GRPCRoutes.Kind, model.Gateways.Kind} {
		for _, o := range s.OfKind(k.GroupKind) {
			if leaves(o.Raw()["spec"], o.Ref.Namespace) {
				return true
			}
		}
	}
	return false
}

// leaves reports whether a value holds a reference out of a namespace.
func leaves(value any, home string) bool {
	switch value := value.(type) {
	case map[string]any:
		if ns, is := value["namespace"].(string); is && ns != home {
			return true
		}
		for field, below := range value {
			if field != "parentRefs" && leaves(below, home) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, func(item any) bool { return leaves(item, home) })
	}
	return false
}

// needsLimits reports whether pods were refused, or an autoscaler goes by
// requests that no pod is there to show.
func needsLimits(s *model.Snapshot) bool {
	return slices.ContainsFunc(model.Events.In(s, ""), func(e model.Item[corev1.Event]) bool { return e.Value.Reason == "FailedCreate" }) ||
		slices.ContainsFunc(model.ReplicaSets.In(s, ""), func(r model.Item[appsv1.ReplicaSet]) bool {
			return slices.ContainsFunc(r.Value.Status.Conditions, func(c appsv1.ReplicaSetCondition) bool { return c.Type == appsv1.ReplicaSetReplicaFailure })
		}) ||
		slices.ContainsFunc(model.Deployments.In(s, ""), func(d model.Item[appsv1.Deployment]) bool {
			return slices.ContainsFunc(d.Value.Status.Conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == appsv1.DeploymentReplicaFailure })
		}) ||
		len(model.HorizontalPodAutoscalers.In(s, "")) > 0 &&
			slices.ContainsFunc(s.Workloads(""), func(wl *model.Workload) bool { return len(wl.Pods) == 0 })
}
