// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1533", Slug: "anti-affinity",
	Short: "Pods of a service are not kept off each other's nodes",
	Why: `Three pods on one node are one pod when the node goes. A preferred anti-affinity is enough: the scheduler then puts
two on a node only where there is no other. Linters ask for kubernetes.io/hostname and for a selector that matches the
pod's own labels.`,
	Fix:       "Add a preferred podAntiAffinity with topologyKey kubernetes.io/hostname and the labels of the pods; spread constraints do the same and more, but linters look for both.",
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity",
	Aliases: []string{
		"kube-linter:no-anti-affinity", "kube-score:deployment-has-host-podantiaffinity", "kube-score:statefulset-has-host-podantiaffinity",
	},
	Needs:  model.WorkloadKinds,
	Check:  eachPod(together),
	Repair: keepApart,
})

func together(of *model.Workload, spec *corev1.PodSpec) (field, text string) {
	if !scaled(of) || of.Replicas != nil && *of.Replicas < 2 {
		return "", ""
	}
	if spec.Affinity == nil || spec.Affinity.PodAntiAffinity == nil {
		return "/affinity/podAntiAffinity", "its pods may all be put on one node: they have no anti-affinity"
	}
	apart := spec.Affinity.PodAntiAffinity
	terms := slices.Clone(apart.RequiredDuringSchedulingIgnoredDuringExecution)
	for _, t := range apart.PreferredDuringSchedulingIgnoredDuringExecution {
		terms = append(terms, t.PodAffinityTerm)
	}
	for _, t := range terms {
		selector, err := metav1.LabelSelectorAsSelector(t.LabelSelector)
		if err == nil && t.TopologyKey == corev1.LabelHostname && selector.Matches(labels.Set(of.Template.Labels)) {
			return "", ""
		}
	}
	return "/affinity/podAntiAffinity", "its anti-affinity does not keep its own pods apart by " + corev1.LabelHostname
}

// keepApart prefers nodes without a pod that the workload's own selector selects.
func keepApart(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || of.Selector == nil || len(of.Selector.MatchLabels) == 0 || len(of.Selector.MatchExpressions) > 0 ||
		of.Spec().Affinity != nil && of.Spec().Affinity.PodAntiAffinity != nil {
		return nil
	}
	return inPod(rules.Review, "prefer nodes without a pod of the same service", "/affinity/podAntiAffinity", map[string]any{
		"preferredDuringSchedulingIgnoredDuringExecution": []any{map[string]any{"weight": int64(100), "podAffinityTerm": map[string]any{
			"labelSelector": map[string]any{"matchLabels": rules.Decoded(of.Selector.MatchLabels)}, "topologyKey": corev1.LabelHostname,
		}}},
	})(w, r)
}
