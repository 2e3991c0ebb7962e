// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
)

// Requests is what a container asks for. A limit without a request is one too,
// as the API server fills in.
func Requests(r corev1.ResourceRequirements) corev1.ResourceList {
	if len(r.Limits) == 0 {
		return r.Requests
	}
	out := maps.Clone(r.Limits)
	maps.Copy(out, r.Requests)
	return out
}

// PodRequests is what the containers of a pod ask for together, without the
// overhead of its RuntimeClass. Resources that no container names are left out.
func PodRequests(spec *corev1.PodSpec) corev1.ResourceList {
	var whole corev1.ResourceRequirements
	if spec.Resources != nil {
		whole = *spec.Resources
	}
	return askedTogether(spec, whole, func(c *corev1.Container) corev1.ResourceList { return Requests(c.Resources) })
}

// askedTogether is what containers ask for, or what the pod says as a whole. A limit
// of the pod stands in only for what neither the pod nor any container asks for
// (defaultPodRequests in pkg/apis/core/v1/defaults.go of Kubernetes).
func askedTogether(spec *corev1.PodSpec, whole corev1.ResourceRequirements, of func(*corev1.Container) corev1.ResourceList) corev1.ResourceList {
	out := together(spec, whole.Requests, of)
	for name, limit := range whole.Limits {
		if _, asked := out[name]; !asked {
			out[name] = limit.DeepCopy()
		}
	}
	return out
}

// PodLimits is what the containers of a pod may take together, without the
// overhead. Resources that no container limits are left out.
func PodLimits(spec *corev1.PodSpec) corev1.ResourceList {
	var whole corev1.ResourceList
	if spec.Resources != nil {
		whole = spec.Resources.Limits
	}
	return together(spec, whole, func(c *corev1.Container) corev1.ResourceList { return c.Resources.Limits })
}

// together adds up as the scheduler does: init containers one after the other,
// each beside the sidecars that started before it; then all others at once. What
// the pod says as a whole goes before that
// (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
func together(spec *corev1.PodSpec, whole corev1.ResourceList, of func(*corev1.Container) corev1.ResourceList) corev1.ResourceList {
	running, peak := corev1.ResourceList{}, corev1.ResourceList{}
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		if Sidecar(c) {
			AddResources(running, of(c))
			continue
		}
		starting := running.DeepCopy()
		AddResources(starting, of(c))
		raise(peak, starting)
	}
	for i := range spec.Containers {
		AddResources(running, of(&spec.Containers[i]))
	}
	raise(running, peak)
	maps.Copy(running, whole.DeepCopy())
	return running
}

// AddResources adds amounts to those of a list, in place.
func AddResources(to, more corev1.ResourceList) {
	for name, q := range more {
		sum := to[name].DeepCopy()
		sum.Add(q)
		to[name] = sum
	}
}

// raise lifts the amounts of a list to the least they have to be.
func raise(to, least corev1.ResourceList) {
	for name, q := range least {
		if old, ok := to[name]; !ok || old.Cmp(q) < 0 {
			to[name] = q
		}
	}
}
