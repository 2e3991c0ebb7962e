// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// scaler is a HorizontalPodAutoscaler.
type scaler = model.Item[autoscalingv2.HorizontalPodAutoscaler]

// scalers are the autoscalers by what they scale; of several for one workload,
// the first by name.
func scalers(w *rules.World) map[ref.Ref]scaler {
	out := map[ref.Ref]scaler{}
	for _, h := range model.HorizontalPodAutoscalers.In(w.Snapshot, "") {
		of := scaled(h)
		if _, taken := out[of]; !taken {
			out[of] = h
		}
	}
	return out
}

// scaled is what an autoscaler scales, without the version.
func scaled(h scaler) ref.Ref {
	t := h.Value.Spec.ScaleTargetRef
	return unversioned(ref.Of(t.APIVersion, t.Kind, h.Ref.Namespace, t.Name))
}

func unversioned(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// least is the smallest number of pods an autoscaler keeps; the API's default is one.
func least(h scaler) int32 { return wantedBy(h.Value.Spec.MinReplicas) }

// podsWanted is how many pods a workload is sure to have: what it asks for, or the
// minimum of its autoscaler. Known is false where nobody can say: a DaemonSet
// has as many as there are nodes, a manifest without replicas may belong to an
// autoscaler that is not in view, and what a controller of another kind wants
// is not known.
func podsWanted(w *rules.World, wl *model.Workload, by map[ref.Ref]scaler) (n int32, scaler *scaler, known bool) {
	if h, ok := by[unversioned(wl.Ref)]; ok {
		return least(h), &h, true
	}
	switch wl.Ref.GroupKind() {
	case model.Deployments.GroupKind, model.StatefulSets.GroupKind, model.ReplicaSets.GroupKind:
	default:
		return 0, nil, false
	}
	if wl.Replicas != nil {
		return *wl.Replicas, nil, true
	}
	if _, gap := w.Gap(model.HorizontalPodAutoscalers.GroupKind, wl.Ref.Namespace); gap || w.Partial {
		return 0, nil, false
	}
	return 1, nil, true
}
