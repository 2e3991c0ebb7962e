// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9001", Slug: "namespace-not-injected", Severity: finding.Warning,
	Short: "Namespace with Istio policies gets no proxies",
	Why: `Policies of Istio are carried out by the proxy beside each pod, and a pod gets one when it is made in
a namespace whose label asks for it: istio-injection=enabled, or istio.io/rev with the name of a
revision. Without the label, with a revision that is not installed, or with no webhook to answer, pods
start without a proxy and without an error, and no policy holds for them. With both labels,
istio-injection is the one that counts.`,
	Fix: `Label the namespace with the revision that is installed and restart its workloads. Take one of two
labels away.`,
	Reference: "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/",
	Aliases:   []string{"IST0102", "IST0123"},
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.Namespaces.Kind, model.MutatingWebhookConfigurations.Kind,
		model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind, model.RequestAuthentications.Kind,
	}),
	Explains: []string{"KM9002", "KM9009", "KM9004", "KM9030", "KM9034"},
	Check:    checkInjection,
	Repair:   repairInjection,
})

func checkInjection(w *rules.World, emit rules.Emit) {
	webhooks := newInjectors(w)
	for _, ns := range model.Namespaces.In(w.Snapshot, "") {
		if ns.Value.DeletionTimestamp == nil {
			checkNamespaceLabels(w, ns, webhooks, emit)
		}
	}
	var unseen []string
	inert := map[string][]selectingPolicy{}
	for _, p := range workloadPolicies(w) {
		ns := p.Ref.Namespace
		if ns == w.RootNamespace || ns == "kube-system" || !outOfMesh(w, p) {
			continue
		}
		if len(inert[ns]) == 0 {
			unseen = append(unseen, ns)
		}
		inert[ns] = append(inert[ns], p)
	}
	for _, ns := range unseen {
		reportInert(w, ns, inert[ns], emit)
	}
}

// selectingPolicy is a policy for workloads, with the selector that it uses.
type selectingPolicy struct {
	*model.Object
	selector labels.Selector
}

// workloadPolicies lists the policies that proxies beside workloads carry out.
func workloadPolicies(w *rules.World) []selectingPolicy {
	var out []selectingPolicy
	add := func(o *model.Object, l map[string]string) {
		out = append(out, selectingPolicy{o, labels.SelectorFromSet(l)})
	}
	for _, p := range newAuthz(w).all {
		add(p.Object, p.spec().GetSelector().GetMatchLabels())
	}
	for _, pa := range model.PeerAuthentications.In(w.Snapshot, "") {
		add(pa.Object, pa.Value.Spec.GetSelector().GetMatchLabels())
	}
	for _, ra := range model.RequestAuthentications.In(w.Snapshot, "") {
		if ra.Value.Spec.GetTargetRef() == nil && len(ra.Value.Spec.GetTargetRefs()) == 0 {
			add(ra.Object, ra.Value.Spec.GetSelector().GetMatchLabels())
		}
	}
	return out
}

// outOfMesh reports whether a policy selects workloads and none that is known to
// be in the mesh.
func outOfMesh(w *rules.World, p selectingPolicy) bool {
	if w.PodAbsence(p.Ref.Namespace) == model.Unknown {
		return false
	}
	if _, gap := w.Gap(model.Namespaces.GroupKind, ""); gap {
		return false
	}
	workloads := w.Select(p.Ref.Namespace, p.selector).Workloads
	return len(workloads) > 0 && !slices.ContainsFunc(workloads, func(of *model.Workload) bool {
		young := len(of.Pods) == 0 && of.Live() && w.NamespaceMesh(of.Ref.Namespace) == rules.MeshIn
		return w.Mesh(of) == rules.MeshIn || young
	})
}

// reportInert emits what policies without a proxy come to: about the namespace,
// or about a policy where the namespace is not in view.
func reportInert(w *rules.World, name string, policies []selectingPolicy, emit rules.Emit) {
	var refs []ref.Ref
	for _, p := range policies {
		refs = append(refs, p.Ref)
	}
	ns, found := model.Namespaces.Get(w.Snapshot, "", name)
	if !found {
		f := emit(policies[0].Object, "/metadata/namespace", "Namespace %s is not in these files: without the label %s=enabled its pods get no proxy, and nothing enforces %s", name, injectionLabel, rules.FewOf(refs))
		if _, has := metadata(policies[0].Object)["namespace"]; !has {
			f.Pointer, f.Where = "/metadata", policies[0].Where("/metadata")
		}
		f.Severity, f.Confidence = finding.Info, finding.Possible
		f.Related = append([]ref.Ref{model.Namespaces.Ref("", name)}, refs[1:]...)
		return
	}
	if asks(ns.Value.Labels) {
		return // it is the workloads that decline, or KM9002
	}
	at := "/metadata"
	if len(ns.Value.Labels) > 0 {
		at = "/metadata/labels"
	}
	f := emit(ns.Object, at, "its workloads have no proxy, so that nothing enforces %s", rules.FewOf(refs))
	f.Reason = "its workloads have no proxy"
	f.Confidence, f.Related = finding.Likely, refs
	f.Evidence = []finding.Evidence{{Kind: "field", Of: ns.Where(at), Value: fmt.Sprintf("labels: {%s}", labels.Set(ns.Value.Labels))}}
	f.Hint = fmt.Sprintf("label the namespace %s=enabled, then: kubectl rollout restart deployment -n %s", injectionLabel, name)
}

func metadata(o *model.Object) map[string]any {
	m, _ := o.Raw()["metadata"].(map[string]any)
	return m
}

// checkNamespaceLabels looks at labels that contradict each other or that no
// webhook answers.
func checkNamespaceLabels(w *rules.World, ns model.Item[corev1.Namespace], webhooks injectors, emit rules.Emit) {
	l := ns.Value.Labels
	injection, both := l[injectionLabel]
	_, revision := l[revisionLabel]
	if both && revision && l[dataplaneLabel] != "ambient" {
		f := emit(ns.Object, "/metadata/labels/istio.io~1rev", "%s=%s has no effect beside %s=%s, which goes before it", revisionLabel, l[revisionLabel], injectionLabel, injection)
		f.Hint = "keep one of the two labels"
		return
	}
	if !asks(l) || !webhooks.known || len(webhooks.configs) == 0 || webhooks.take(l) {
		return
	}
	at, asked := "/metadata/labels/"+injectionLabel, injectionLabel+"=enabled"
	if revision {
		at, asked = "/metadata/labels/istio.io~1rev", revisionLabel+"="+l[revisionLabel]
	}
	f := emit(ns.Object, at, "no injection webhook answers to %s: new pods get no proxy", asked)
	f.Severity = finding.Error
	f.Hint = "revisions that are installed: " + rules.Few(webhooks.revisions(), 3)
	if near := ref.Closest(l[revisionLabel], webhooks.revisions()); revision && len(near) > 0 {
		f.Hint = "did you mean " + near[0] + "?"
	}
	for _, c := range webhooks.configs {
		f.Related = append(f.Related, c.Ref)
	}
}

func repairInjection(w *rules.World, r rules.Result) []rules.Fix {
	ns, ok := model.Namespaces.Of(r.On)
	if !ok {
		return nil
	}
	change := func(title string, op patch.Op) rules.Fix { return rules.Change(rules.Review, title, r.On, op) }
	_, both := ns.Value.Labels[injectionLabel]
	switch near := ref.Closest(ns.Value.Labels[revisionLabel], newInjectors(w).revisions()); {
	case r.Pointer == "/metadata":
		return []rules.Fix{change("label the namespace for injection", patch.Op{Op: patch.Add, Path: "/metadata/labels", Value: map[string]any{injectionLabel: "enabled"}})}
	case r.Pointer == "/metadata/labels":
		return []rules.Fix{change("label the namespace for injection", patch.Op{Op: patch.Add, Path: "/metadata/labels/" + injectionLabel, Value: "enabled"})}
	case r.Pointer == "/metadata/labels/istio.io~1rev" && both:
		return []rules.Fix{
			change("let the revision count", patch.Op{Op: patch.Remove, Path: "/metadata/labels/" + injectionLabel}),
			change("drop the revision", patch.Op{Op: patch.Remove, Path: r.Pointer}),
		}
	case r.Pointer == "/metadata/labels/istio.io~1rev" && len(near) > 0:
		return []rules.Fix{r.Replace(rules.Review, "ask for revision "+near[0], near[0])}
	}
	return nil
}
