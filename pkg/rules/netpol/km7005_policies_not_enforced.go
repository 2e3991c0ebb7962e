// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7005", Slug: "policies-not-enforced", Severity: finding.Warning,
	Short: "Network plugin of the cluster does not enforce NetworkPolicies",
	Why: `NetworkPolicies are carried out by the network plugin. The API server takes them whether there is one
that does so or not, and no status tells: with flannel alone, say, every policy is inert, and everybody
may call everybody.`,
	Fix: `Install a network plugin that enforces policies, or the part of it that does: Calico beside flannel, the
network policy agent of the Amazon VPC CNI, kube-network-policies.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind, model.DaemonSets.Kind},
	Live:      true,
	Check:     checkEnforced,
})

func checkEnforced(w *rules.World, emit rules.Emit) {
	policies := present(w)
	if _, gap := w.Gap(model.DaemonSets.GroupKind, ""); gap || len(policies) == 0 {
		return
	}
	var lacks []plugin
	for _, d := range model.DaemonSets.In(w.Snapshot, "") {
		switch p := pluginOf(d.Object, &d.Value.Spec.Template.Spec); p.enforces {
		case yes:
			return
		case no:
			lacks = append(lacks, p)
		}
	}
	for _, p := range lacks {
		f := emit(p.on, "", "%s does not enforce NetworkPolicies, and nothing else here does: %s has no effect", p.name, policies[0].Ref)
		f.Reason = p.name + " does not enforce NetworkPolicies"
		f.Confidence, f.Hint = finding.Likely, p.hint
		for _, np := range policies[:min(len(policies), 20)] {
			f.Related = append(f.Related, np.Ref)
		}
		f.Evidence = []finding.Evidence{{Kind: "field", Of: p.on.Ref.String(), Value: p.seen}}
	}
}
