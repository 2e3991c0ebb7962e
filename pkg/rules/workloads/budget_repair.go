// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// repairBudget corrects a misspelt selector, or lets one pod go at a time.
func repairBudget(w *rules.World, r rules.Result) []rules.Fix {
	p, ok := model.PodDisruptionBudgets.Of(r.On)
	if !ok {
		return nil
	}
	spec := p.Value.Spec
	switch {
	case r.Pointer == "/spec/selector" && r.Severity != finding.Error:
		near := budget{Item: p}.near(w)
		if near == nil {
			return nil
		}
		return []rules.Fix{rules.Change(rules.Review, "select "+format(near), r.On, valueOps("/spec/selector/matchLabels", spec.Selector.MatchLabels, near)...)}
	case r.Pointer == "/spec/maxUnavailable":
		return []rules.Fix{oneAtATime(r, spec)}
	case r.Pointer == "/spec/minAvailable":
		return append(lower(w, r, p), oneAtATime(r, spec))
	}
	return nil
}

// lower is the fix that writes into minAvailable what leaves one pod to go. It
// comes before the one with maxUnavailable: that has to take minAvailable away,
// beside which the API allows none, and kubectl apply takes nothing away that
// somebody else has written.
func lower(w *rules.World, r rules.Result, p model.Item[policyv1.PodDisruptionBudget]) []rules.Fix {
	selector, err := metav1.LabelSelectorAsSelector(p.Value.Spec.Selector)
	if err != nil {
		return nil
	}
	b := budget{p, selector, w.Select(p.Ref.Namespace, selector)}
	total, _, _ := b.total(w, scalers(w))
	if total < 1 {
		return nil
	}
	var value any = int64(total - 1)
	if p.Value.Spec.MinAvailable.Type == intstr.String {
		value = fmt.Sprintf("%d%%", 100*(total-1)/total) // rounded down, as it is rounded up again
	}
	return []rules.Fix{r.Replace(rules.Review, fmt.Sprintf("let one pod go: minAvailable %v", value), value)}
}

// oneAtATime is the fix that writes maxUnavailable: 1. The API takes no budget that
// has minAvailable beside it.
func oneAtATime(r rules.Result, s policyv1.PodDisruptionBudgetSpec) rules.Fix {
	var ops []patch.Op
	if s.MinAvailable != nil {
		ops = append(ops, patch.Op{Op: patch.Remove, Path: "/spec/minAvailable"})
	}
	set := patch.Op{Op: patch.Add, Path: "/spec/maxUnavailable", Value: int64(1)}
	if s.MaxUnavailable != nil {
		set.Op = patch.Replace
	}
	return rules.Change(rules.Review, "let one pod go at a time: maxUnavailable 1", r.On, append(ops, set)...)
}
