// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// enforceLabel is what the admission controller of the API server goes by.
const enforceLabel = "pod-security.kubernetes.io/enforce"

var _ = add(rules.Rule{
	ID: "KM1512", Slug: "pod-security-label", Severity: finding.Info, Hygiene: true,
	Short: "Namespace could demand a stricter Pod Security Standard than it does, or demands one that its pods do not meet",
	Why: `The label ` + "`" + enforceLabel + "`" + ` has the API server refuse pods below a level. What runs in the namespace
meets a stricter one already: setting it breaks no pod that is known, and keeps out the first that
would. A namespace without the label takes any pod.

Where the label asks for more than a workload meets, its next pod is refused: the old ones run on until then.`,
	Fix: `Set the label to the level that is named. To be sure set ` + "`pod-security.kubernetes.io/warn`" + ` first, and try
with "kubectl label --dry-run=server". Pods that were injected with a sidecar need the CNI plugin
of Istio: istio-init, which stands in for it, asks for NET_ADMIN.`,
	Reference: "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
	Needs:     withKinds(model.WorkloadKinds, model.Namespaces.Kind),
	Check:     checkNamespaceLevels,
	Repair:    enforceLevel,
})

func checkNamespaceLevels(w *rules.World, emit rules.Emit) {
	for _, ns := range model.Namespaces.In(w.Snapshot, "") {
		if rules.System(ns.Ref.Name) || ns.Value.DeletionTimestamp != nil || w.PodAbsence(ns.Ref.Name) == model.Unknown {
			continue
		}
		worst, least := reached(w, ns.Ref.Name)
		if worst == "" {
			continue // nothing runs there: any level would do
		}
		enforced, labelled := ns.Value.Labels[enforceLabel]
		if rank(enforced) < 0 {
			enforced = Privileged // the default, and what a misspelt level means
		}
		at := ns.Existing("", patch.Pointer("metadata", "labels", enforceLabel), "/metadata/labels", "/metadata")
		var f *finding.Finding
		switch {
		case rank(worst) < rank(enforced):
			says := "it has no label " + enforceLabel
			if labelled {
				says = "it enforces " + ns.Value.Labels[enforceLabel]
			}
			f = emit(ns.Object, at, "%s, %s", together(len(w.Judged(ns.Ref.Name)), worst), says)
			f.Reason = worst + " is met, " + enforced + " enforced"
			f.Hint = fmt.Sprintf("%s: %s would be refused by no pod that is known", enforceLabel, worst)
		case rank(worst) > rank(enforced):
			f = emit(ns.Object, at, "it enforces %s, which %s not meet: new pods are refused", enforced, short(least))
			f.Reason = enforced + " is enforced, " + worst + " met"
			f.Hint = "the level that all workloads meet is " + worst
		default:
			continue
		}
		for _, x := range least {
			f.Related = append(f.Related, x.of.Ref)
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: x.of.Where(rules.Nearest(x.of.Object, x.of.At+x.why.Pointer)), Value: x.why.Text})
		}
		if w.Partial || w.NamespaceMesh(ns.Ref.Name) == rules.MeshIn {
			f.Confidence = finding.Likely // other workloads, and what injection adds, are not in view
		}
	}
}

// shortcoming is a workload that keeps its namespace from a stricter level.
type shortcoming struct {
	of  *model.Workload
	why Reason
}

// reached is the level that all workloads of a namespace meet, by their templates
// and their live pods, and the first reason of each that keeps it from being
// stricter. It is empty where there is no workload.
func reached(w *rules.World, namespace string) (worst string, least []shortcoming) {
	for _, of := range w.Judged(namespace) {
		level, reasons := levelOf(of)
		if worst == "" || rank(level) > rank(worst) {
			worst, least = level, nil
		}
		if level == worst && len(reasons) > 0 {
			least = append(least, shortcoming{of, reasons[0]})
		}
	}
	return worst, least
}

// levelOf is the level of a workload: that of its template, or of a live pod that
// meets less, as injection makes of them.
func levelOf(of *model.Workload) (string, []Reason) {
	spec := of.Spec().DeepCopy()
	injected := func(c corev1.Container) bool { return rules.FilledIn(&c) }
	spec.Containers, spec.InitContainers = slices.DeleteFunc(spec.Containers, injected), slices.DeleteFunc(spec.InitContainers, injected)
	level, reasons := Level(spec, of.Template.Annotations)
	for _, p := range of.Pods {
		if l, why := Level(&p.Value.Spec, p.Value.Annotations); rank(l) > rank(level) {
			level, reasons = l, why
		}
	}
	return level, reasons
}

// short names the workloads that fall short, with their verb.
func short(least []shortcoming) string {
	if len(least) == 1 {
		return least[0].of.Ref.String() + " does"
	}
	return plural(len(least), "workload") + " do"
}

// together says that so many workloads meet a level.
func together(n int, level string) string {
	if n == 1 {
		return "its one workload meets level " + level
	}
	return fmt.Sprintf("all of its %d workloads meet level %s", n, level)
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// enforceLevel sets the label where that only makes it stricter.
func enforceLevel(w *rules.World, r rules.Result) []rules.Fix {
	worst, _ := reached(w, r.On.Ref.Name)
	ns, ok := model.Namespaces.Of(r.On)
	if !ok || worst == "" {
		return nil
	}
	have := ns.Value.Labels[enforceLabel]
	if rank(have) >= 0 && rank(have) <= rank(worst) {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "have the API server refuse pods below level "+worst, r.On,
		rules.Set(r.On, patch.Pointer("metadata", "labels", enforceLabel), worst))}
}
