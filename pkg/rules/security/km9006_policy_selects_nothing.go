// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"maps"
	"slices"

	typev1beta1 "istio.io/api/type/v1beta1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9006", Slug: "policy-selects-nothing", Severity: finding.Warning,
	Short: "Security policy selects no workload",
	Why: `A policy with a selector is for the pods of its namespace that carry all of the labels (of every
namespace, if it is in Istio's root namespace). When none does, it protects nothing: what it should
deny is allowed, what it should encrypt is not.`,
	Fix:       `Select by labels that the pod template carries, in the namespace of the workload.`,
	Reference: "https://istio.io/latest/docs/reference/config/type/workload-selector/",
	Aliases:   []string{"IST0127", "KIA0004"},
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind, model.RequestAuthentications.Kind, model.WorkloadEntries.Kind,
	}),
	Explains: []string{"KM9007", "KM9009", "KM9010"},
	Check:    checkSelectors,
	Repair:   repairSelector,
})

// selecting is a policy with a selector.
type selecting struct {
	*model.Object
	labels map[string]string
}

// selectors lists the policies of all kinds that select by labels.
func selectors(w *rules.World) []selecting {
	var out []selecting
	add := func(o *model.Object, s *typev1beta1.WorkloadSelector) {
		if len(s.GetMatchLabels()) > 0 {
			out = append(out, selecting{o, s.GetMatchLabels()})
		}
	}
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		add(ap.Object, ap.Value.Spec.GetSelector())
	}
	for _, pa := range model.PeerAuthentications.In(w.Snapshot, "") {
		if pa.Ref.Namespace != w.RootNamespace { // there it is ignored, whatever it selects
			add(pa.Object, pa.Value.Spec.GetSelector())
		}
	}
	for _, ra := range model.RequestAuthentications.In(w.Snapshot, "") {
		add(ra.Object, ra.Value.Spec.GetSelector())
	}
	return out
}

func checkSelectors(w *rules.World, emit rules.Emit) {
	namespaces := workloadNamespaces(w)
	for _, p := range selectors(w) {
		scope := []string{p.Ref.Namespace}
		if p.Ref.Namespace == w.RootNamespace {
			scope = namespaces
		}
		selector := labels.SelectorFromSet(p.labels)
		if selectsAny(w, scope, selector) {
			continue
		}
		absence := w.PodAbsence(p.Ref.Namespace)
		if p.Ref.Namespace == w.RootNamespace {
			absence = w.PodAbsence("")
		}
		if absence == model.Unknown {
			continue
		}
		f := emit(p.Object, "/spec/selector/matchLabels", "no workload %s has the labels %s", where(w, p.Ref.Namespace), labels.Set(p.labels))
		if absence != model.Proven {
			f.Message = fmt.Sprintf("no workload %s in these files has the labels %s", where(w, p.Ref.Namespace), labels.Set(p.labels))
		}
		rules.Weigh(f, absence)
		if near := meant(w, p, namespaces); near.of != nil {
			f.Hint = near.hint
			f.Related = append(f.Related, near.of.Ref)
		}
	}
}

// where names the scope of a policy of a namespace.
func where(w *rules.World, namespace string) string {
	if namespace == w.RootNamespace {
		return "of the mesh"
	}
	return "of namespace " + namespace
}

// selectsAny reports whether something in the namespaces has the labels, in the
// cluster or outside it.
func selectsAny(w *rules.World, namespaces []string, selector labels.Selector) bool {
	for _, ns := range namespaces {
		if !w.Select(ns, selector).Empty() {
			return true
		}
		if w.Foreign(ns, selector) {
			return true
		}
		for _, e := range model.WorkloadEntries.In(w.Snapshot, ns) {
			if selector.Matches(labels.Set(e.Value.Spec.GetLabels())) || selector.Matches(labels.Set(e.Value.Labels)) {
				return true
			}
		}
		if _, gap := w.Gap(model.WorkloadEntries.GroupKind, ns); gap {
			return true
		}
	}
	return false
}

// workloadNamespaces are the namespaces that have workloads, sorted.
func workloadNamespaces(w *rules.World) []string {
	var out []string
	for _, of := range w.Workloads("") {
		out = append(out, of.Ref.Namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// near is what a selector that selects nothing was probably meant for.
type near struct {
	of   *model.Workload
	hint string
	// key and value are the label to write, empty when no single one mends it.
	key, value string
}

// meant looks for the workload that a policy was meant for: in its namespace,
// one that differs in one label and only a little; elsewhere, one that has them all.
func meant(w *rules.World, p selecting, namespaces []string) near {
	for _, key := range slices.Sorted(maps.Keys(p.labels)) {
		others := maps.Clone(p.labels)
		delete(others, key)
		var values []string
		having := map[string]*model.Workload{}
		for _, of := range w.Select(p.Ref.Namespace, labels.SelectorFromSet(others)).Workloads {
			if v, has := of.Template.Labels[key]; has && having[v] == nil {
				values = append(values, v)
				having[v] = of
			}
		}
		slices.Sort(values)
		if close := ref.Closest(p.labels[key], values); len(close) > 0 {
			of := having[close[0]]
			return near{of, fmt.Sprintf("the pods of %s have %s=%s", of.Ref, key, close[0]), key, close[0]}
		}
		for _, of := range w.Workloads(p.Ref.Namespace) {
			if of.Ref.Name == p.labels[key] {
				return near{of: of, hint: fmt.Sprintf("the pods of %s have the labels %s", of.Ref, labels.Set(of.Template.Labels))}
			}
		}
	}
	for _, ns := range namespaces {
		if found := w.Select(ns, labels.SelectorFromSet(p.labels)).Workloads; len(found) > 0 {
			return near{of: found[0], hint: fmt.Sprintf("%s has them: the policy has to be in its namespace", found[0].Ref)}
		}
	}
	return near{}
}

func repairSelector(w *rules.World, r rules.Result) []rules.Fix {
	for _, p := range selectors(w) {
		if p.Object != r.On {
			continue
		}
		if near := meant(w, p, nil); near.key != "" {
			op := patch.Op{Op: patch.Replace, Path: patch.Join(r.Pointer, near.key), Value: near.value}
			return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("select %s=%s", near.key, near.value), r.On, op)}
		}
	}
	return nil
}
