// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7006", Slug: "other-policies", Severity: finding.Info,
	Short: "Policies of other APIs decide about traffic too",
	Why: `Cilium, Calico, Antrea and the network policy API of SIG Network have kinds of their own, which can
allow what NetworkPolicies deny and the other way round. Verdicts about traffic that rest on
NetworkPolicies alone are incomplete where there are any: findings that depend on them are lowered.

KM7020 to KM7023 do evaluate AdminNetworkPolicies, BaselineAdminNetworkPolicies and
ClusterNetworkPolicies. What Cilium, Calico and Antrea have besides is not evaluated.`,
	Fix: `Nothing to mend. Ask the tools of the network plugin for the verdict of a connection that its own
policies are about.`,
	Reference: "https://network-policy-api.sigs.k8s.io/",
	Check:     checkOtherPolicies,
})

// foreignKinds are the kinds that decide about traffic besides NetworkPolicies.
// Staged policies of Calico are left out: they only log.
var foreignKinds = map[ref.GroupKind]bool{
	{Group: "cilium.io", Kind: "CiliumNetworkPolicy"}:                       true,
	{Group: "cilium.io", Kind: "CiliumClusterwideNetworkPolicy"}:            true,
	{Group: "crd.projectcalico.org", Kind: "NetworkPolicy"}:                 true,
	{Group: "crd.projectcalico.org", Kind: "GlobalNetworkPolicy"}:           true,
	{Group: "projectcalico.org", Kind: "NetworkPolicy"}:                     true,
	{Group: "projectcalico.org", Kind: "GlobalNetworkPolicy"}:               true,
	{Group: "policy.networking.k8s.io", Kind: "AdminNetworkPolicy"}:         true,
	{Group: "policy.networking.k8s.io", Kind: "BaselineAdminNetworkPolicy"}: true,
	{Group: "policy.networking.k8s.io", Kind: "ClusterNetworkPolicy"}:       true,
	{Group: "crd.antrea.io", Kind: "NetworkPolicy"}:                         true,
	{Group: "crd.antrea.io", Kind: "ClusterNetworkPolicy"}:                  true,
}

// foreignPolicies are the policies of other APIs in the world.
func foreignPolicies(w *rules.World) []*model.Object {
	var out []*model.Object
	for _, o := range w.Objects() {
		if foreignKinds[o.Ref.GroupKind()] {
			out = append(out, o)
		}
	}
	return out
}

func checkOtherPolicies(w *rules.World, emit rules.Emit) {
	byKind := map[ref.GroupKind]*finding.Finding{}
	for _, o := range foreignPolicies(w) {
		gk := o.Ref.GroupKind()
		if f := byKind[gk]; f != nil {
			f.Related = append(f.Related, o.Ref)
			continue
		}
		byKind[gk] = emit(o, "", "%s of %s decides about traffic too: verdicts that rest on NetworkPolicies alone are incomplete", gk.Kind, gk.Group)
	}
}
