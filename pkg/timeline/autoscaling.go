// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// autoscaling returns what autoscalers say of themselves: when they last changed
// the replicas, unless an event tells that, and why they do not.
func autoscaling(s *model.Snapshot, namespace string, events []Entry) []Entry {
	var out []Entry
	for _, h := range model.HorizontalPodAutoscalers.In(s, namespace) {
		v := h.Value
		add := func(at metav1.Time, kind, reason, message string) {
			if !at.IsZero() {
				out = append(out, Entry{
					Kind: Scaling, First: at.UTC(), Last: at.UTC(), Count: 1, Type: kind, Reason: reason, Message: message,
					Object: h.Ref, Source: "horizontal-pod-autoscaler",
				})
			}
		}
		told := slices.ContainsFunc(events, func(e Entry) bool {
			return e.Reason == "SuccessfulRescale" && e.Object.Same(h.Ref) && v.Status.LastScaleTime != nil && e.Last.Sub(v.Status.LastScaleTime.Time).Abs() < time.Minute
		})
		if v.Status.LastScaleTime != nil && !told {
			add(*v.Status.LastScaleTime, corev1.EventTypeNormal, "Scaled",
				fmt.Sprintf("%s/%s to %d replicas (%d to %d)", strings.ToLower(v.Spec.ScaleTargetRef.Kind), v.Spec.ScaleTargetRef.Name, v.Status.DesiredReplicas, least(v), v.Spec.MaxReplicas))
		}
		for _, c := range v.Status.Conditions {
			stuck := c.Type != autoscalingv2.ScalingLimited && c.Status == corev1.ConditionFalse
			if limited := c.Type == autoscalingv2.ScalingLimited && c.Status == corev1.ConditionTrue; stuck || limited {
				add(c.LastTransitionTime, corev1.EventTypeWarning, c.Reason, c.Message)
			}
		}
	}
	return out
}

// least is minReplicas, whose default is 1.
func least(h *autoscalingv2.HorizontalPodAutoscaler) int32 {
	if h.Spec.MinReplicas == nil {
		return 1
	}
	return *h.Spec.MinReplicas
}
