// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7013", Slug: "or-for-and", Severity: finding.Info,
	Short: "NetworkPolicy names a namespace and pods as two peers, which is an or",
	Why: `In one element of from or to, namespaceSelector and podSelector are joined by and: these pods of those
namespaces. As two elements, a dash more, they are joined by or: all pods of those namespaces, and
these pods of the policy's own namespace.`,
	Fix:       "Write both into one element if the pods are in the other namespace: take out the second dash.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Namespaces.Kind}),
	Explains:  []string{"KM7001", "KM7002", "KM7004"},
	Check:     checkOrForAnd,
	Repair:    repairOrForAnd,
})

func checkOrForAnd(w *rules.World, emit rules.Emit) {
	x := newView(w)
	for _, np := range present(w) {
		for _, r := range placedRules(np) {
			if !split(r.peers) {
				continue
			}
			f := emit(np.Object, r.peersAt, "two peers, joined by or: all pods of the namespaces that match, and the pods of namespace %s that match", np.Ref.Namespace)
			f.Confidence = finding.Possible
			f.Hint = "one element with both selectors means: these pods of those namespaces"
			if there := x.elsewhereOnly(np, r.peers[0], r.peers[1]); len(there) > 0 {
				f.Severity, f.Confidence = finding.Warning, finding.Likely
				f.Message += "; there are none of these, but " + rules.FewOf(model.Refs(there)) + " in one of those"
				f.Related = model.Refs(there)
			}
		}
	}
}

// split reports whether peers are a namespaceSelector and a podSelector that may
// have been meant for one.
func split(peers []networkingv1.NetworkPolicyPeer) bool {
	if len(peers) != 2 || peers[0].IPBlock != nil || peers[1].IPBlock != nil {
		return false
	}
	a, b := peers[0], peers[1]
	return a.NamespaceSelector != nil && a.PodSelector == nil && b.NamespaceSelector == nil && b.PodSelector != nil && !blank(b.PodSelector)
}

func blank(s *metav1.LabelSelector) bool { return len(s.MatchLabels)+len(s.MatchExpressions) == 0 }

// elsewhereOnly are the workloads that a podSelector selects in the namespaces of
// the other peer, where it selects none in the policy's own.
func (x *view) elsewhereOnly(np item, namespaces, pods networkingv1.NetworkPolicyPeer) []*model.Workload {
	if own := x.peerWorkloads(np.Ref.Namespace, pods); len(own.workloads) > 0 || !own.sure(x.w) {
		return nil
	}
	return x.peerWorkloads(np.Ref.Namespace, networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaces.NamespaceSelector, PodSelector: pods.PodSelector}).workloads
}

func repairOrForAnd(_ *rules.World, r rules.Result) []rules.Fix {
	pods, err := patch.Get(r.On.Raw(), r.Pointer+"/1/podSelector")
	if err != nil {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "join the two by and", r.On,
		patch.Op{Op: patch.Add, Path: r.Pointer + "/0/podSelector", Value: pods},
		patch.Op{Op: patch.Remove, Path: r.Pointer + "/1"})}
}
