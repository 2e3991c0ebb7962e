// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// availability is what keeps enough pods there, and not too many.
func (s *service) availability() []runtime.Object {
	if !s.runs() {
		return nil
	}
	var out []runtime.Object
	// The only pod may not be guarded: its node could never be drained.
	if s.floor() > 1 {
		one, always := intstr.FromInt32(1), policyv1.AlwaysAllow
		budget := &policyv1.PodDisruptionBudget{
			TypeMeta:   metav1.TypeMeta{APIVersion: "policy/v1", Kind: "PodDisruptionBudget"},
			ObjectMeta: s.meta(),
			Spec: policyv1.PodDisruptionBudgetSpec{
				MaxUnavailable: &one, Selector: &metav1.LabelSelector{MatchLabels: s.selects()}, UnhealthyPodEvictionPolicy: &always,
			},
		}
		if !s.of.has(unhealthyEviction) {
			budget.Spec.UnhealthyPodEvictionPolicy = nil
			budget.Annotations = map[string]string{"ignore-check.kube-linter.io/pdb-unhealthy-pod-eviction-policy": "the field is younger than the oldest cluster"}
		}
		out = append(out, budget)
	}
	if s.Scale != nil {
		for _, e := range s.editions() {
			out = append(out, e.autoscaler())
		}
	}
	return out
}

// autoscaler grows fast and shrinks slowly.
func (s *service) autoscaler() runtime.Object {
	target := autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: new(cmp.Or(s.Scale.CPU, 70))}
	metric := autoscalingv2.MetricSpec{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{Name: corev1.ResourceCPU, Target: target}}
	if s.of.Platform.Mesh == meshSidecar && s.of.has(containerMetrics) { // the proxy's use says nothing about that of the program
		metric = autoscalingv2.MetricSpec{
			Type:              autoscalingv2.ContainerResourceMetricSourceType,
			ContainerResource: &autoscalingv2.ContainerResourceMetricSource{Container: s.name, Name: corev1.ResourceCPU, Target: target},
		}
	}
	percent := func(value, seconds int32) []autoscalingv2.HPAScalingPolicy {
		return []autoscalingv2.HPAScalingPolicy{{Type: autoscalingv2.PercentScalingPolicy, Value: value, PeriodSeconds: seconds}}
	}
	kind := "Deployment"
	if s.Kind == kindStateful {
		kind = "StatefulSet"
	}
	return &autoscalingv2.HorizontalPodAutoscaler{
		TypeMeta:   metav1.TypeMeta{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"},
		ObjectMeta: s.meta(),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			Behavior: &autoscalingv2.HorizontalPodAutoscalerBehavior{
				ScaleDown: &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: new(int32(300)), Policies: percent(50, 60)},
				ScaleUp:   &autoscalingv2.HPAScalingRules{Policies: percent(100, 15)},
			},
			MaxReplicas:    s.Scale.Max,
			Metrics:        []autoscalingv2.MetricSpec{metric},
			MinReplicas:    &s.Scale.Min,
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: kind, Name: s.instance},
		},
	}
}
