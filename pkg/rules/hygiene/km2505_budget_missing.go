// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2505", Slug: "budget-missing",
	Short: "Service has no PodDisruptionBudget",
	Why: `A drain of nodes, as each upgrade of a cluster does it, evicts all pods of a service at once when they are on the
nodes that go. A budget has it wait until the others are ready.

A service of one pod is left out: a budget would keep its node from being drained. Polaris asks for one there, too.`,
	Fix:       "Add a PodDisruptionBudget with maxUnavailable: 1, unhealthyPodEvictionPolicy: AlwaysAllow and the labels of the pods.",
	Reference: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
	Aliases: []string{
		"kube-score:deployment-has-poddisruptionbudget", "kube-score:statefulset-has-poddisruptionbudget", "polaris:missingPodDisruptionBudget",
	},
	Needs:  append([]*model.Kind{model.PodDisruptionBudgets.Kind}, scaledKinds...),
	Check:  checkBudgetMissing,
	Repair: addBudget,
})

func checkBudgetMissing(w *rules.World, emit rules.Emit) {
	guarded := map[*model.Workload]bool{}
	for _, b := range model.PodDisruptionBudgets.In(w.Snapshot, "") {
		for _, of := range selected(w, b) {
			guarded[of] = true
		}
	}
	for _, of := range w.Judged("") {
		absence := w.Absence(model.PodDisruptionBudgets.Kind, of.Ref.Namespace)
		if scaled(of) && fewest(w, of) > 1 && !guarded[of] && absence != model.Unknown {
			rules.Weigh(emit(of.Object, "", "no PodDisruptionBudget keeps a drain from evicting all of its pods at once"), absence)
		}
	}
}

// selected are the workloads that a budget is about.
func selected(w *rules.World, b model.Item[policyv1.PodDisruptionBudget]) []*model.Workload {
	selector, err := metav1.LabelSelectorAsSelector(b.Value.Spec.Selector)
	if err != nil {
		return nil
	}
	return w.Select(b.Ref.Namespace, selector).Workloads
}

func addBudget(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || of.Selector == nil || len(of.Selector.MatchLabels) == 0 {
		return nil
	}
	meta := map[string]any{"name": r.On.Ref.Name}
	if ns := r.On.Meta().GetNamespace(); ns != "" {
		meta["namespace"] = ns
	}
	return []rules.Fix{{Title: "add a PodDisruptionBudget that lets one pod go at a time", Risk: rules.Review, Creates: []map[string]any{{
		"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta,
		"spec": map[string]any{
			"maxUnavailable": int64(1), "unhealthyPodEvictionPolicy": string(policyv1.AlwaysAllow),
			"selector": map[string]any{"matchLabels": rules.Decoded(of.Selector.MatchLabels)},
		},
	}}}}
}
