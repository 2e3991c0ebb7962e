// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7014", Slug: "absent-key", Severity: finding.Info,
	Short: "Selector of a NetworkPolicy also selects what lacks the label",
	Why: `NotIn is true of what does not have the key at all, and so is DoesNotExist, of course. As a peer, such a
selector lets in whatever nobody has labelled, also what is made tomorrow; as the selector of the
policy, it isolates that.`,
	Fix:       "Ask for the key as well (operator: Exists), or name the values that are meant (operator: In).",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Namespaces.Kind}),
	Check:     checkAbsentKeys,
	Repair:    repairAbsentKey,
})

func checkAbsentKeys(w *rules.World, emit rules.Emit) {
	for _, np := range present(w) {
		podsOf := func(s *metav1.LabelSelector, key string) []ref.Ref { return podsWithout(w, np.Ref.Namespace, s, key) }
		absentKeys(emit, np, &np.Value.Spec.PodSelector, "/spec/podSelector", podsOf)
		for _, r := range placedRules(np) {
			for i, peer := range r.peers {
				at := r.peersAt + patch.Pointer(i)
				absentKeys(emit, np, peer.NamespaceSelector, at+"/namespaceSelector", func(s *metav1.LabelSelector, key string) []ref.Ref {
					return namespacesWithout(w, s, key)
				})
				pods := podsOf
				if peer.NamespaceSelector != nil {
					pods = func(*metav1.LabelSelector, string) []ref.Ref { return nil } // of some other namespace
				}
				absentKeys(emit, np, peer.PodSelector, at+"/podSelector", pods)
			}
		}
	}
}

// absentKeys reports the expressions of a selector that hold without their key.
func absentKeys(emit rules.Emit, np item, s *metav1.LabelSelector, at string, lacking func(*metav1.LabelSelector, string) []ref.Ref) {
	if s == nil {
		return
	}
	for i, e := range s.MatchExpressions {
		plain := e.Operator == metav1.LabelSelectorOpDoesNotExist
		if !plain && e.Operator != metav1.LabelSelectorOpNotIn || asksFor(s, e.Key) {
			continue
		}
		lack := lacking(s, e.Key)
		if plain && len(lack) == 0 {
			continue // says what it does
		}
		also := "also "
		if plain {
			also = ""
		}
		f := emit(np.Object, at+patch.Pointer("matchExpressions", i), "%s of %s %sselects whatever has no label %s", e.Operator, e.Key, also, e.Key)
		f.Confidence, f.Related = finding.Possible, lack
		if !plain {
			f.Hint = fmt.Sprintf("add {key: %s, operator: Exists} if only what is labelled is meant", e.Key)
		}
		if len(lack) > 0 {
			f.Reason = f.Message
			f.Message += ": " + rules.FewOf(lack)
			f.Confidence = finding.Likely
		}
	}
}

// asksFor reports whether another part of a selector makes sure of a key.
func asksFor(s *metav1.LabelSelector, key string) bool {
	if _, named := s.MatchLabels[key]; named {
		return true
	}
	return slices.ContainsFunc(s.MatchExpressions, func(e metav1.LabelSelectorRequirement) bool {
		return e.Key == key && (e.Operator == metav1.LabelSelectorOpExists || e.Operator == metav1.LabelSelectorOpIn)
	})
}

func podsWithout(w *rules.World, namespace string, s *metav1.LabelSelector, key string) []ref.Ref {
	want, err := w.Selector(s)
	if err != nil {
		return nil
	}
	return model.Refs(slices.DeleteFunc(slices.Clone(w.Select(namespace, want).Workloads), func(of *model.Workload) bool {
		_, has := of.Template.Labels[key]
		return has
	}))
}

func namespacesWithout(w *rules.World, s *metav1.LabelSelector, key string) []ref.Ref {
	want, err := w.Selector(s)
	if err != nil {
		return nil
	}
	var out []ref.Ref
	for _, ns := range model.Namespaces.In(w.Snapshot, "") {
		if _, has := ns.Value.Labels[key]; !has && want.Matches(labels.Set(ns.Value.Labels)) {
			out = append(out, ns.Ref)
		}
	}
	return out
}

func repairAbsentKey(_ *rules.World, r rules.Result) []rules.Fix {
	list, _ := patch.Split(r.Pointer)
	key, err := patch.Get(r.On.Raw(), r.Pointer+"/key")
	operator, _ := patch.Get(r.On.Raw(), r.Pointer+"/operator")
	if err != nil || operator != string(metav1.LabelSelectorOpNotIn) {
		return nil
	}
	ask := map[string]any{"key": key, "operator": string(metav1.LabelSelectorOpExists)}
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("ask for the label %v as well", key), r.On, patch.Op{Op: patch.Add, Path: list + "/-", Value: ask})}
}
