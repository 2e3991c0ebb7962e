// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// ends are the peers of a workload that policies may tell apart.
func ends(of *model.Workload) []model.Peer {
	var out []model.Peer
	for _, p := range of.Peers() {
		if !slices.ContainsFunc(out, func(o model.Peer) bool { return maps.Equal(alike(o.Labels), alike(p.Labels)) }) {
			out = append(out, p)
		}
	}
	return out
}

// alike are labels without those that every pod has for itself.
func alike(set labels.Set) labels.Set {
	out := maps.Clone(set)
	delete(out, "apps.kubernetes.io/pod-index")
	delete(out, "statefulset.kubernetes.io/pod-name")
	return out
}

func endsOfAll(all []*model.Workload) []model.Peer {
	var out []model.Peer
	for _, of := range all {
		out = append(out, ends(of)...)
	}
	return out
}

// usual is a pod that is not in view, where it usually is.
func usual(namespace, key, value string) []model.Peer {
	return []model.Peer{{Namespace: namespace, Labels: labels.Set{key: value}, Spec: &corev1.PodSpec{}}}
}
