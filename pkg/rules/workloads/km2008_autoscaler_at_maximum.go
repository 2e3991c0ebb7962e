// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"math"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2008", Slug: "autoscaler-at-maximum", Severity: finding.Warning,
	Short: "HorizontalPodAutoscaler wants more pods than its maximum",
	Why: `The metric is above its target and the autoscaler may add no more pods: load that grows further is
carried by the pods there are, until they slow down or fail. An autoscaler at its minimum
is not reported: there is nothing to do.`,
	Fix: `Raise maxReplicas if the cluster has room, or look for what made the load: a retry storm, a slow
dependency, a change that costs more. What one pod can take may also have fallen.`,
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details",
	Needs:     []*model.Kind{model.HorizontalPodAutoscalers.Kind},
	Live:      true,
	Check:     checkMaximum,
	Repair:    repairMaximum,
})

func checkMaximum(w *rules.World, emit rules.Emit) {
	for _, h := range model.HorizontalPodAutoscalers.In(w.Snapshot, "") {
		c := scalerCondition(h, autoscalingv2.ScalingLimited)
		if c == nil || c.Status != corev1.ConditionTrue || c.Reason != "TooManyReplicas" || w.Now.Sub(c.LastTransitionTime.Time) < settling {
			continue
		}
		most := h.Value.Spec.MaxReplicas
		if h.Value.Status.CurrentReplicas < most {
			continue // it is still getting there
		}
		f := emit(h.Object, "/spec/maxReplicas", "runs its maximum of %d pods and wants more", most)
		f.Since = c.LastTransitionTime.Time
		f.Related = append(f.Related, scaled(h))
		f.Evidence = append(f.Evidence, evidenceOf(h, c))
		if least(h) == most {
			f.Severity = finding.Info // somebody has fixed the number
		}
		for _, u := range utilizations(h) {
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "status", Of: h.Ref.String(), Value: fmt.Sprintf("%s is at %d%% of the requests, target %d%%", u.of, u.now, u.target)})
		}
	}
}

// utilization is a metric that is given in percent of requests.
type utilization struct {
	of          corev1.ResourceName
	now, target int32
}

func utilizations(h scaler) []utilization {
	var out []utilization
	for _, m := range h.Value.Spec.Metrics {
		if m.Resource == nil || m.Resource.Target.AverageUtilization == nil || *m.Resource.Target.AverageUtilization <= 0 {
			continue
		}
		for _, s := range h.Value.Status.CurrentMetrics {
			if s.Resource != nil && s.Resource.Name == m.Resource.Name && s.Resource.Current.AverageUtilization != nil {
				out = append(out, utilization{s.Resource.Name, *s.Resource.Current.AverageUtilization, *m.Resource.Target.AverageUtilization})
			}
		}
	}
	return out
}

// repairMaximum raises the maximum to what the autoscaler would ask for now:
// desired = ceil(current * metric / target), see Reference; at most to twice of
// what it is, since the load may have a cause that more pods do not cure.
func repairMaximum(_ *rules.World, r rules.Result) []rules.Fix {
	h, ok := model.HorizontalPodAutoscalers.Of(r.On)
	if !ok {
		return nil
	}
	most := h.Value.Spec.MaxReplicas
	desired := int64(0)
	for _, u := range utilizations(h) {
		desired = max(desired, int64(math.Ceil(float64(h.Value.Status.CurrentReplicas)*float64(u.now)/float64(u.target))))
	}
	desired = min(desired, 2*int64(most))
	if desired <= int64(most) {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("allow %d pods", desired), r.On,
		patch.Op{Op: patch.Replace, Path: "/spec/maxReplicas", Value: desired})}
}
