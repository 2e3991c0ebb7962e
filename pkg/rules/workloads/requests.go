// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// need is how much of a quota's resource one pod takes; counted is false when
// the pod does not count for it, or says nothing about it. Requests of init
// containers overlap with those of the others, sidecars run beside them, as in
// https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers.
func need(spec *corev1.PodSpec, of corev1.ResourceName) (amount resource.Quantity, counted bool) {
	switch of {
	case corev1.ResourcePods, "count/pods":
		return *resource.NewQuantity(1, resource.DecimalSI), true
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return sum(spec, of, false)
	}
	if name, ok := strings.CutPrefix(string(of), "requests."); ok && name != "storage" {
		return sum(spec, corev1.ResourceName(name), false)
	}
	if name, ok := strings.CutPrefix(string(of), "limits."); ok {
		return sum(spec, corev1.ResourceName(name), true)
	}
	return resource.Quantity{}, false
}

// sum adds up what the containers of a pod ask for.
func sum(spec *corev1.PodSpec, of corev1.ResourceName, limits bool) (resource.Quantity, bool) {
	var running, starting resource.Quantity
	counted := false
	for _, c := range spec.InitContainers {
		q, ok := asked(c.Resources, of, limits)
		counted = counted || ok
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			running.Add(q)
			q = running.DeepCopy()
		} else {
			q.Add(running)
		}
		if q.Cmp(starting) > 0 {
			starting = q
		}
	}
	for _, c := range spec.Containers {
		q, ok := asked(c.Resources, of, limits)
		counted = counted || ok
		running.Add(q)
	}
	if starting.Cmp(running) > 0 {
		running = starting
	}
	if spec.Resources != nil { // of the pod as a whole, which wins over its containers
		if q, ok := asked(*spec.Resources, of, limits); ok {
			running, counted = q, true
		}
	}
	if q, ok := spec.Overhead[of]; ok && counted {
		running.Add(q)
	}
	return running, counted
}

// asked is what a container asks for; a limit without a request is one too.
func asked(r corev1.ResourceRequirements, of corev1.ResourceName, limits bool) (resource.Quantity, bool) {
	if q, ok := r.Requests[of]; ok && !limits {
		return q.DeepCopy(), true
	}
	q, ok := r.Limits[of]
	return q.DeepCopy(), ok
}

// counts reports whether a quota counts a pod at all. Known is false for scopes
// that cannot be judged from the template.
func counts(q *corev1.ResourceQuotaSpec, spec *corev1.PodSpec) (yes, known bool) {
	for _, s := range q.Scopes {
		in, ok := inScope(s, spec)
		if !ok || !in {
			return false, ok
		}
	}
	if q.ScopeSelector == nil {
		return true, true
	}
	for _, e := range q.ScopeSelector.MatchExpressions {
		var in, ok bool
		if e.ScopeName == corev1.ResourceQuotaScopePriorityClass {
			in, ok = ofClass(e, spec.PriorityClassName), true
		} else {
			in, ok = inScope(e.ScopeName, spec)
		}
		if !ok || !in {
			return false, ok
		}
	}
	return true, true
}

func inScope(s corev1.ResourceQuotaScope, spec *corev1.PodSpec) (in, known bool) {
	switch s {
	case corev1.ResourceQuotaScopeTerminating:
		return spec.ActiveDeadlineSeconds != nil, true
	case corev1.ResourceQuotaScopeNotTerminating:
		return spec.ActiveDeadlineSeconds == nil, true
	case corev1.ResourceQuotaScopeBestEffort:
		return bestEffort(spec), true
	case corev1.ResourceQuotaScopeNotBestEffort:
		return !bestEffort(spec), true
	}
	return false, false
}

func bestEffort(spec *corev1.PodSpec) bool {
	return !slices.ContainsFunc(slices.Concat(spec.InitContainers, spec.Containers), func(c corev1.Container) bool {
		return len(c.Resources.Requests)+len(c.Resources.Limits) > 0
	})
}

func ofClass(e corev1.ScopedResourceSelectorRequirement, class string) bool {
	switch e.Operator {
	case corev1.ScopeSelectorOpIn:
		return slices.Contains(e.Values, class)
	case corev1.ScopeSelectorOpNotIn:
		return !slices.Contains(e.Values, class)
	case corev1.ScopeSelectorOpExists:
		return class != ""
	}
	return class == ""
}
