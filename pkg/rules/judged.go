// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// System reports whether a namespace is the cluster's own: what runs there came
// with it and is nobody's to harden.
func System(namespace string) bool {
	return namespace == "kube-system" || namespace == "kube-public" || namespace == "kube-node-lease"
}

// Judged are the workloads of a namespace (all if empty) that somebody could
// mend, for rules of hygiene: not the cluster's own, nor what a controller makes
// of a Gateway, nor what has ended or is on its way out.
func (w *World) Judged(namespace string) []*model.Workload {
	return slices.DeleteFunc(slices.Clone(w.Workloads(namespace)), func(of *model.Workload) bool {
		_, managed := of.Template.Labels["gateway.istio.io/managed"]
		return managed || System(of.Ref.Namespace) || of.Meta().GetDeletionTimestamp() != nil || ended(of)
	})
}

// ended reports whether the pods of a workload have done their work for good.
func ended(of *model.Workload) bool {
	if job, ok := model.Jobs.Of(of.Object); ok && job.Value != nil {
		return model.JobEnded(job.Value, batchv1.JobComplete, batchv1.JobFailed) != nil
	}
	pod, ok := model.Pods.Of(of.Object)
	return ok && pod.Value != nil && model.PodEnded(pod.Value)
}

// FilledIn reports whether a container is a place holder: an injector replaces
// its image, and much of the rest (the gateways of Istio are written so).
func FilledIn(c *corev1.Container) bool { return c.Image == "auto" }
