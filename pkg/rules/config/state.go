// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// over reports whether a workload will make no pods any more, so that nothing it
// names needs to be there: a Job or bare pod that has ended, anything that is
// being deleted.
func over(wl *model.Workload) bool {
	if wl.Meta().GetDeletionTimestamp() != nil {
		return true
	}
	if j, ok := model.Jobs.Of(wl.Object); ok {
		return model.JobEnded(j.Value) != nil
	}
	if p, ok := model.Pods.Of(wl.Object); ok {
		return model.PodEnded(p.Value)
	}
	return false
}

// waiting are the names of the live pods that have not started all containers
// and that a predicate holds for, and how many pods it holds for.
func waiting(wl *model.Workload, concerned func(*corev1.PodSpec) bool) (names []string, of int) {
	for _, p := range wl.Pods {
		if p.Value.DeletionTimestamp != nil || !concerned(&p.Value.Spec) {
			continue
		}
		of++
		if !started(p.Value) {
			names = append(names, p.Ref.Name)
		}
	}
	return names, of
}

// started reports whether every container of a pod has run at least once.
func started(p *corev1.Pod) bool {
	if p.Status.Phase != corev1.PodPending && len(p.Status.ContainerStatuses) == 0 {
		return true // an excerpt of a pod: its phase has to do
	}
	for _, c := range p.Status.ContainerStatuses {
		if c.State.Running == nil && c.State.Terminated == nil && c.LastTerminationState.Terminated == nil {
			return false
		}
	}
	return p.Status.Phase != corev1.PodPending
}

// short reports whether a live workload has fewer pods than it wants. Where it
// does not say how many (a DaemonSet), having none is short.
func short(wl *model.Workload) bool {
	if wl.Replicas == nil {
		return len(wl.Pods) == 0 && !wl.Ends()
	}
	return len(wl.Pods) < int(*wl.Replicas)
}

// latent is the state of a fault that hurts only pods that are yet to be made.
func latent(wl *model.Workload, hurts bool) finding.State {
	if wl.Live() && !hurts {
		return finding.Latent
	}
	return finding.Broken
}

// keysOf are the keys of a ConfigMap or Secret. They are not known of objects
// that hold no data, which is how a cluster is read, and of those that somebody
// else fills in.
func keysOf(o *model.Object) (keys []string, known bool) {
	raw := o.Raw()
	if t, _ := raw["type"].(string); t == string(corev1.SecretTypeServiceAccountToken) {
		return nil, false
	}
	all := map[string]bool{}
	for _, field := range []string{"data", "stringData", "binaryData"} {
		data, ok := raw[field].(map[string]any)
		if !ok {
			continue
		}
		known = true
		for k := range data {
			all[k] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), known
}
