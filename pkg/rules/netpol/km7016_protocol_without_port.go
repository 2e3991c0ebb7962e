// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7016", Slug: "protocol-without-port", Severity: finding.Info,
	Short: "NetworkPolicy allows all ports of one protocol, and no other protocol",
	Why: `An entry of ports without a port stands for all ports of its protocol, and an entry without a protocol
is for TCP. So {protocol: UDP} opens every UDP port and closes TCP, and {} opens every TCP port and
closes UDP.`,
	Fix:       "Name the ports. To allow all ports of all protocols, leave ports out.",
	Reference: "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec",
	Needs:     []*model.Kind{model.NetworkPolicies.Kind},
	Check:     checkBareProtocols,
})

func checkBareProtocols(w *rules.World, emit rules.Emit) {
	for _, np := range present(w) {
		for _, r := range placedRules(np) {
			whole := map[string]bool{}
			for _, p := range r.ports {
				if p.Port == nil {
					whole[string(protocolOf(p))] = true
				}
			}
			for i, p := range r.ports {
				if p.Port != nil || len(whole) > 1 {
					continue // several whole protocols side by side are meant
				}
				protocol := protocolOf(p)
				f := emit(np.Object, r.at+patch.Pointer("ports", i), "an entry without a port allows all %s ports, and no port of another protocol", protocol)
				f.Confidence = finding.Possible
				f.Hint = "name the port, or leave ports out to allow all of all protocols"
				if p.Protocol == nil {
					f.Confidence = finding.Likely
					f.Hint = "without a protocol an entry is for TCP: " + f.Hint
				}
			}
		}
	}
}
