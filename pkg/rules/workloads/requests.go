// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// need is how much of a quota's resource one pod takes; counted is false when
// the pod does not count for it, or says nothing about it.
func need(spec *corev1.PodSpec, of corev1.ResourceName) (amount resource.Quantity, counted bool) {
	switch of {
	case corev1.ResourcePods, "count/pods":
		return *resource.NewQuantity(1, resource.DecimalSI), true
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return take(spec, model.PodRequests(spec), of)
	}
	if name, ok := strings.CutPrefix(string(of), "requests."); ok && name != "storage" {
		return take(spec, model.PodRequests(spec), corev1.ResourceName(name))
	}
	if name, ok := strings.CutPrefix(string(of), "limits."); ok {
		return take(spec, model.PodLimits(spec), corev1.ResourceName(name))
	}
	return resource.Quantity{}, false
}

// take picks one resource, with what the pod takes of it besides its containers.
func take(spec *corev1.PodSpec, all corev1.ResourceList, of corev1.ResourceName) (amount resource.Quantity, counted bool) {
	amount, counted = all[of]
	if more, ok := spec.Overhead[of]; ok && counted {
		amount.Add(more)
	}
	return amount, counted
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
