// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

type autoscaler = model.Item[autoscalingv2.HorizontalPodAutoscaler]

// autoscalersKey is what the autoscalers are kept under.
type autoscalersKey struct{}

// scaler is the autoscaler of a workload; false if it has none.
func scaler(w *rules.World, of *model.Workload) (autoscaler, bool) {
	all := model.Once(w.Snapshot, autoscalersKey{}, func() map[ref.Ref]autoscaler {
		out := map[ref.Ref]autoscaler{}
		for _, h := range model.HorizontalPodAutoscalers.In(w.Snapshot, "") {
			target := h.Value.Spec.ScaleTargetRef
			out[unversioned(ref.Of(target.APIVersion, target.Kind, h.Ref.Namespace, target.Name))] = h
		}
		return out
	})
	h, found := all[unversioned(of.Ref)]
	return h, found
}

func unversioned(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// fewest is how many pods a workload has at least: what it asks for, or the
// minimum of its autoscaler. What names no number has one pod.
func fewest(w *rules.World, of *model.Workload) int32 {
	if h, found := scaler(w, of); found {
		return number(h.Value.Spec.MinReplicas)
	}
	return number(of.Replicas)
}

// number is a number of pods, one where none is named.
func number(n *int32) int32 {
	if n == nil {
		return 1
	}
	return *n
}

// scaledKinds are what the number of pods is told by.
var scaledKinds = append([]*model.Kind{model.HorizontalPodAutoscalers.Kind}, model.WorkloadKinds...)
