// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"slices"
	"strings"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2010", Slug: "disruption-budget", Severity: finding.Warning,
	Short: "PodDisruptionBudget protects nothing, or lets nothing be drained",
	Why: `A budget that selects no pod protects nothing. One that allows no disruption even while all pods are
healthy makes kubectl drain, node upgrades and cluster autoscalers wait for ever. And the eviction API
answers with an error for a pod that two budgets select, so that it can never be evicted.`,
	Fix: `Let the selector match the labels of the pods, use maxUnavailable: 1 (which follows the number of
pods, unlike minAvailable, and takes its place: the API allows only one of the two), run more than one
pod, and keep one budget for each pod.`,
	Reference: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
	Aliases: []string{
		"POP900", "POP209", "kube-linter:pdb-max-unavailable", "kube-linter:pdb-min-available",
		"polaris:pdbMinAvailableGreaterThanHPAMinReplicas",
		"polaris:pdbDisruptionsIsZero",
	},
	Needs: slices.Concat([]*model.Kind{
		model.PodDisruptionBudgets.Kind, model.HorizontalPodAutoscalers.Kind,
	}, model.WorkloadKinds),
	Check:  checkBudgets,
	Repair: repairBudget,
})

// budget is a PodDisruptionBudget with what it selects.
type budget struct {
	model.Item[policyv1.PodDisruptionBudget]
	selector labels.Selector
	model.Selection
}

func checkBudgets(w *rules.World, emit rules.Emit) {
	by := scalers(w)
	of := map[ref.Ref][]budget{}
	for _, b := range budgets(w) {
		if b.Empty() {
			b.reportNothing(w, emit)
			continue
		}
		b.reportBlock(w, emit, by)
		for _, wl := range b.Workloads {
			of[wl.Ref] = append(of[wl.Ref], b)
		}
	}
	reportSeveral(of, emit)
}

// budgets are those that can be judged, with their selections.
func budgets(w *rules.World) []budget {
	var out []budget
	for _, p := range model.PodDisruptionBudgets.In(w.Snapshot, "") {
		// No selector selects nothing in policy/v1, an empty one everything.
		selector, err := metav1.LabelSelectorAsSelector(p.Value.Spec.Selector)
		if err != nil || p.Value.DeletionTimestamp != nil {
			continue
		}
		out = append(out, budget{p, selector, w.Select(p.Ref.Namespace, selector)})
	}
	return out
}

func (b budget) reportNothing(w *rules.World, emit rules.Emit) {
	absence := w.PodAbsence(b.Ref.Namespace)
	if absence == model.Unknown || b.Live() && b.Value.Status.ExpectedPods > 0 || w.Foreign(b.Ref.Namespace, b.selector) {
		return
	}
	what := "it has no selector"
	if s := b.Value.Spec.Selector; s != nil {
		what = fmt.Sprintf("none with %s %s", b.selector, ended(absence))
	}
	f := rules.Weigh(emit(b.Object, "/spec/selector", "selects no pod in namespace %s: %s", b.Ref.Namespace, what), absence)
	f.State = finding.Latent
	if near := b.near(w); near != nil {
		f.Hint = "did you mean " + format(near) + "?"
	}
}

func (b budget) near(w *rules.World) map[string]string {
	if s := b.Value.Spec.Selector; s != nil && len(s.MatchExpressions) == 0 {
		return nearest(s.MatchLabels, templateLabels(w, b.Ref.Namespace))
	}
	return nil
}

// reportBlock says that not one pod may be evicted.
func (b budget) reportBlock(w *rules.World, emit rules.Emit, by map[ref.Ref]scaler) {
	at, why, scaler := b.blocks(w, by)
	status := b.Value.Status
	current := b.Live() && status.ObservedGeneration >= b.Value.Generation && status.ExpectedPods > 0
	switch {
	case why != "" && current && status.DisruptionsAllowed > 0 && scaler == nil:
		return // the disruption controller counts better
	case why == "" && current && status.DisruptionsAllowed == 0 && status.CurrentHealthy >= status.ExpectedPods:
		at, why = "/spec", fmt.Sprintf("all %d pods are healthy and %d are needed", status.ExpectedPods, status.DesiredHealthy)
	case why == "" && b.failed() != nil:
		c := b.failed()
		f := emit(b.Object, "/spec/selector", "allows no eviction, because the pods cannot be counted: %s", c.Message)
		f.Reason, f.Since = "the pods cannot be counted", c.LastTransitionTime.Time
		f.Related = b.related()
		return
	case why == "":
		return
	}
	f := emit(b.Object, at, "allows no eviction: %s", why)
	f.State, f.Related = finding.Latent, b.related()
	if scaler != nil {
		f.Related = append(f.Related, scaler.Ref)
	}
	if current {
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "status", Of: b.Ref.String(), Value: fmt.Sprintf(
			"disruptionsAllowed %d, currentHealthy %d, desiredHealthy %d, expectedPods %d",
			status.DisruptionsAllowed, status.CurrentHealthy, status.DesiredHealthy, status.ExpectedPods)})
	}
}

// failed is the condition of a budget whose pods have no controller that could
// be asked for their number.
func (b budget) failed() *metav1.Condition {
	for i, c := range b.Value.Status.Conditions {
		if c.Type == policyv1.DisruptionAllowedCondition && c.Status == metav1.ConditionFalse && c.Reason == policyv1.SyncFailedReason {
			return &b.Value.Status.Conditions[i]
		}
	}
	return nil
}

// blocks says why a budget by its own terms never allows an eviction, and at
// which field; the reason is empty when it does, or nobody can tell.
func (b budget) blocks(w *rules.World, by map[ref.Ref]scaler) (at, why string, of *scaler) {
	if m := b.Value.Spec.MaxUnavailable; m != nil {
		if n, err := intstr.GetScaledValueFromIntOrPercent(m, 100, true); err == nil && n <= 0 {
			return "/spec/maxUnavailable", "maxUnavailable is " + m.String(), nil
		}
		return "", "", nil
	}
	m := b.Value.Spec.MinAvailable
	if m == nil {
		return "", "", nil // one pod is kept, or the API's default
	}
	total, names, of := b.total(w, by)
	if total <= 0 {
		return "", "", nil
	}
	// A percentage is rounded up, as the disruption controller does.
	need, err := intstr.GetScaledValueFromIntOrPercent(m, int(total), true)
	if err != nil || need < int(total) {
		return "", "", nil
	}
	return "/spec/minAvailable", fmt.Sprintf("minAvailable is %s and %s", m.String(), strings.Join(names, ", ")), of
}

// total is how many pods there are at least, 0 when nobody can tell, with what
// says so and the last autoscaler among it.
func (b budget) total(w *rules.World, by map[ref.Ref]scaler) (total int32, names []string, of *scaler) {
	for _, wl := range b.Workloads {
		n, scaler, known := podsWanted(w, wl, by)
		if !known {
			return 0, nil, nil
		}
		total += n
		name := fmt.Sprintf("%s has %d", wl.Ref, n)
		if scaler != nil {
			of, name = scaler, fmt.Sprintf("%s goes down to %d", scaler.Ref, n)
		}
		names = append(names, name)
	}
	return total, names, of
}

func (b budget) related() []ref.Ref {
	var out []ref.Ref
	for _, wl := range b.Workloads {
		out = append(out, wl.Ref)
	}
	return out
}

// reportSeveral finds the workloads whose pods several budgets select, and says
// so once for each pair, on the later by name.
func reportSeveral(of map[ref.Ref][]budget, emit rules.Emit) {
	type pair struct{ first, second ref.Ref }
	found := map[pair]*finding.Finding{}
	var refs []ref.Ref
	for r := range of {
		refs = append(refs, r)
	}
	slices.SortFunc(refs, ref.Compare)
	for _, r := range refs {
		list := of[r]
		for i, second := range list {
			for _, first := range list[:i] {
				if !overlap(first, second, r) {
					continue
				}
				p := pair{first.Ref, second.Ref}
				if f := found[p]; f != nil {
					f.Related = append(f.Related, r)
					continue
				}
				f := emit(second.Object, "/spec/selector", "selects pods of %s, as %s does: a pod with two budgets cannot be evicted", r, first.Ref)
				f.Severity, f.State, f.Related = finding.Error, finding.Latent, []ref.Ref{first.Ref, r}
				found[p] = f
			}
		}
	}
}

// overlap reports whether one pod of a workload is selected by both budgets,
// which may also select pods of different templates.
func overlap(a, b budget, of ref.Ref) bool {
	both := func(set map[string]string) bool {
		return a.selector.Matches(labels.Set(set)) && b.selector.Matches(labels.Set(set))
	}
	for _, wl := range b.Workloads {
		if wl.Ref != of {
			continue
		}
		if both(wl.Template.Labels) {
			return true
		}
		for _, p := range wl.Pods {
			if both(p.Value.Labels) {
				return true
			}
		}
	}
	return false
}
