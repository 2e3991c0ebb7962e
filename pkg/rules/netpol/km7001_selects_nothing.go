// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"maps"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7001", Slug: "selects-nothing", Severity: finding.Warning,
	Short: "NetworkPolicy or one of its peers selects no pod",
	Why: `A policy that selects no pod protects nothing, and nobody notices. A peer that selects no pod lets
nobody in: the caller that was meant is shut out, often for a label that is spelt in another way.`,
	Fix:       `Compare the selector with the labels of the pods (` + "`kubectl get pods --show-labels`" + `).`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
	Aliases:   []string{"kube-linter:dangling-networkpolicy", "kube-linter:dangling-networkpolicypeer-podselector", "kube-score:networkpolicy-targets-pod", "kubescape:C-0299"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.NetworkPolicies.Kind}),
	Explains:  []string{"KM7002", "KM7003", "KM7004"},
	Check:     checkSelectors,
})

func checkSelectors(w *rules.World, emit rules.Emit) {
	for _, np := range model.NetworkPolicies.In(w.Snapshot, "") {
		absence := w.PodAbsence(np.Ref.Namespace)
		if absence == model.Unknown || np.Value.DeletionTimestamp != nil {
			continue
		}
		checkSelector(w, emit, np, "/spec/podSelector", &np.Value.Spec.PodSelector, "policy selects no pod", absence)
		for i, r := range np.Value.Spec.Ingress {
			checkPeers(w, emit, np, r.From, patch.Pointer("spec", "ingress", i, "from"), absence)
		}
		for i, r := range np.Value.Spec.Egress {
			checkPeers(w, emit, np, r.To, patch.Pointer("spec", "egress", i, "to"), absence)
		}
	}
}

// checkPeers checks peers of the policy's own namespace; of others, the pods
// may be made at any time by somebody else.
func checkPeers(w *rules.World, emit rules.Emit, np model.Item[networkingv1.NetworkPolicy], peers []networkingv1.NetworkPolicyPeer, at string, absence model.Absence) {
	for i, p := range peers {
		if p.PodSelector != nil && p.NamespaceSelector == nil && p.IPBlock == nil {
			checkSelector(w, emit, np, at+patch.Pointer(i, "podSelector"), p.PodSelector, "peer selects no pod of its namespace", absence)
		}
	}
}

func checkSelector(w *rules.World, emit rules.Emit, np model.Item[networkingv1.NetworkPolicy], at string, selector *metav1.LabelSelector, what string, absence model.Absence) {
	want, err := w.Selector(selector)
	if err != nil || want.Empty() || !w.Select(np.Ref.Namespace, want).Empty() || w.Foreign(np.Ref.Namespace, want) {
		return
	}
	f := emit(np.Object, at, "%s: none in namespace %s carries %s", what, np.Ref.Namespace, want)
	if absence != model.Proven {
		f.Message = what + ": no workload in these files carries " + want.String()
	}
	f.Confidence = finding.Likely // the pods may be still to come
	if near := nearLabels(w, np.Ref.Namespace, selector); near != "" {
		f.Hint = "there are pods with " + near
	}
	rules.Weigh(f, absence)
}

// nearLabels is a label of the namespace's pods that may have been meant: the
// value of another key, or another value of the key that looks alike.
func nearLabels(w *rules.World, namespace string, selector *metav1.LabelSelector) string {
	for _, workload := range w.Workloads(namespace) {
		for _, key := range slices.Sorted(maps.Keys(selector.MatchLabels)) {
			value := selector.MatchLabels[key]
			for _, k := range []string{"app", "app.kubernetes.io/name", "k8s-app", "component"} {
				if workload.Template.Labels[k] == value && k != key && value != "" {
					return k + "=" + value
				}
			}
			if v := workload.Template.Labels[key]; v != "" && len(ref.Closest(value, []string{v})) > 0 && v != value {
				return key + "=" + v
			}
		}
	}
	return ""
}
