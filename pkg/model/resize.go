// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Taken is what a pod that exists takes of its node, as the scheduler counts it:
// PodRequests, the overhead of its RuntimeClass, and while a resize is under way
// the greater of the old and the new (see InForce).
func Taken(p *corev1.Pod) corev1.ResourceList {
	out := askedTogether(&p.Spec, wholePod(p), func(c *corev1.Container) corev1.ResourceList { return Requests(InForce(p, c)) })
	AddResources(out, p.Spec.Overhead)
	return out
}

// Allowed is what a pod that exists may take: PodLimits, with the overhead where
// there is a limit, and while a resize is under way the greater of the old and
// the new. Resources that no container limits are left out; one that some
// containers limit and others do not is in it all the same. Init containers that
// have ended may take nothing any more.
func Allowed(p *corev1.Pod) corev1.ResourceList {
	started := Initialized(p)
	out := together(&p.Spec, wholePod(p).Limits, func(c *corev1.Container) corev1.ResourceList {
		if started && !Sidecar(c) && slices.ContainsFunc(p.Spec.InitContainers, func(i corev1.Container) bool { return i.Name == c.Name }) {
			return nil
		}
		return InForce(p, c).Limits
	})
	for name, more := range p.Spec.Overhead {
		if _, limited := out[name]; limited {
			AddResources(out, corev1.ResourceList{name: more})
		}
	}
	return out
}

// Initialized reports whether the init containers of a pod have done their work.
func Initialized(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodInitialized && c.Status == corev1.ConditionTrue
	})
}

// InForce is what a container of a pod that exists asks for and may take. A
// container can be resized while it runs: until that is done, and where the node
// has refused it for good, what was allocated before still counts
// (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/).
func InForce(p *corev1.Pod, c *corev1.Container) corev1.ResourceRequirements {
	out := c.Resources
	status := ContainerStatus(p, c.Name)
	if status == nil || status.Resources == nil && status.AllocatedResources == nil {
		return out
	}
	return resized(p, out, status.Resources, status.AllocatedResources)
}

// wholePod is InForce of what a pod says as a whole.
func wholePod(p *corev1.Pod) corev1.ResourceRequirements {
	if p.Spec.Resources == nil {
		return corev1.ResourceRequirements{}
	}
	return resized(p, *p.Spec.Resources, p.Status.Resources, p.Status.AllocatedResources)
}

func resized(p *corev1.Pod, wanted corev1.ResourceRequirements, actual *corev1.ResourceRequirements, allocated corev1.ResourceList) corev1.ResourceRequirements {
	never := refused(p)
	if actual == nil {
		actual = &corev1.ResourceRequirements{}
	} else if never {
		wanted.Limits = nil
	}
	if never && len(actual.Requests)+len(allocated) > 0 {
		wanted.Requests = nil
	}
	return corev1.ResourceRequirements{
		Requests: greatest(wanted.Requests, actual.Requests, allocated),
		Limits:   greatest(wanted.Limits, actual.Limits),
	}
}

// refused reports whether the node can never do what the spec asks.
func refused(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodResizePending && c.Reason == corev1.PodReasonInfeasible
	})
}

// greatest takes the greatest amount of each resource. It copies only where
// lists differ: nearly never is a pod being resized.
func greatest(first corev1.ResourceList, others ...corev1.ResourceList) corev1.ResourceList {
	out, copied := first, false
	for _, list := range others {
		for name, q := range list {
			if old, ok := out[name]; ok && old.Cmp(q) >= 0 {
				continue
			}
			if !copied {
				out, copied = maps.Clone(out), true
				if out == nil {
					out = corev1.ResourceList{}
				}
			}
			out[name] = q
		}
	}
	return out
}

// ContainerStatus is what the kubelet says of a container; nil if nothing yet.
func ContainerStatus(p *corev1.Pod, name string) *corev1.ContainerStatus {
	for _, list := range [][]corev1.ContainerStatus{p.Status.ContainerStatuses, p.Status.InitContainerStatuses} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}
