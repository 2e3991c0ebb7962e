// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2003", Slug: "selector-mismatch", Severity: finding.Error,
	Short: "Selector does not match the labels of the pod template",
	Why: `A controller finds its pods by its selector. If the pods that it makes from its own template
do not match, it would make more and more of them; the API server therefore rejects the object.`,
	Fix: `Give the template the labels that the selector asks for. The selector of an object that is in
a cluster already cannot be changed, so that it is the template that has to follow.`,
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
	Aliases: []string{
		"POP508", "kube-linter:mismatching-selector", "kube-score:deployment-pod-selector-labels-match-template-metadata-labels",
		"kube-score:statefulset-pod-selector-labels-match-template-metadata-labels", "kubescape:C-0296",
	},
	Check:  checkSelectors,
	Repair: repairSelector,
})

func checkSelectors(w *rules.World, emit rules.Emit) {
	for _, o := range authored(w) {
		selector, set, ok := selectorOf(o)
		if ok && len(set) > 0 && !selector.Matches(set) {
			emit(o, "/spec/selector", "selector %s does not match the labels of the template, %s", selector, set)
		}
	}
}

// selectorOf returns the selector of a controller and the labels of its template.
// ok is false for other kinds, and where one of the two cannot be read: that is
// for other rules to say.
func selectorOf(o *model.Object) (selector labels.Selector, set labels.Set, ok bool) {
	at, makesPods := templates[o.Ref.GroupKind()]
	if !makesPods || !selects(o.Ref.GroupKind()) {
		return nil, nil, false
	}
	set, ok = texts(mapping(o.Raw(), at+"/metadata")["labels"])
	if !ok {
		return nil, nil, false
	}
	raw := mapping(o.Raw(), "/spec/selector")
	if o.Ref.Kind == "ReplicationController" {
		wanted, ok := texts(map[string]any(raw))
		return labels.SelectorFromSet(wanted), set, ok
	}
	var typed metav1.LabelSelector
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &typed); err != nil {
		return nil, nil, false
	}
	selector, err := metav1.LabelSelectorAsSelector(&typed)
	return selector, set, err == nil
}

// repairSelector gives the template the labels that are asked for. Whatever else
// selects the pods may go by the old ones.
func repairSelector(_ *rules.World, r rules.Result) []rules.Fix {
	o := r.On
	_, set, ok := selectorOf(o)
	asked := mapping(o.Raw(), "/spec/selector")
	wanted, plain := texts(asked["matchLabels"])
	if o.Ref.Kind == "ReplicationController" {
		wanted, plain = texts(asked)
	}
	if !ok || !plain {
		return nil
	}
	at := templates[o.Ref.GroupKind()] + "/metadata/labels"
	var ops []patch.Op
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		have, has := set[key]
		switch {
		case has && have != wanted[key]:
			ops = append(ops, patch.Op{Op: patch.Replace, Path: patch.Join(at, key), Value: wanted[key]})
		case !has:
			ops = append(ops, patch.Op{Op: patch.Add, Path: patch.Join(at, key), Value: wanted[key]})
		}
	}
	if len(ops) == 0 { // it is an expression that does not match
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "label the template "+labels.Set(wanted).String(), o, ops...)}
}
