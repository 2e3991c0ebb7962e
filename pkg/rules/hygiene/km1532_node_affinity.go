// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1532", Slug: "node-affinity",
	Short: "Pod says nothing about the nodes that it can run on",
	Why: `In a cluster with nodes of several operating systems, architectures or sizes a pod without node affinity is put on
any of them, and fails there.`,
	Fix:       "Say at least which operating system: a required node affinity of kubernetes.io/os In [linux].",
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity",
	Aliases:   []string{"kube-linter:no-node-affinity"},
	Needs:     model.WorkloadKinds,
	Check: eachPod(func(_ *model.Workload, spec *corev1.PodSpec) (field, text string) {
		if spec.Affinity != nil && spec.Affinity.NodeAffinity != nil {
			return "", ""
		}
		return "/affinity/nodeAffinity", "its pods have no node affinity: they may be put on a node that they cannot run on"
	}),
	Repair: inPod(rules.Review, "keep the pods on Linux", "/affinity/nodeAffinity", map[string]any{
		"requiredDuringSchedulingIgnoredDuringExecution": map[string]any{"nodeSelectorTerms": []any{map[string]any{
			"matchExpressions": []any{map[string]any{"key": corev1.LabelOSStable, "operator": "In", "values": []any{"linux"}}},
		}}},
	}),
})
