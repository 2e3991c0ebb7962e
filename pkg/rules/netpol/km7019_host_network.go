// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7019", Slug: "host-network", Severity: finding.Warning,
	Short: "NetworkPolicy counts on pods of the host's network",
	Why: `A pod with hostNetwork has the address of its node. What a NetworkPolicy for it does is not defined, and
most network plugins ignore it. As a peer it is not found by its labels: the connection comes from the
node.`,
	Fix:       "Protect such pods by a firewall of the nodes. As a peer, name the addresses of the nodes (ipBlock).",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Namespaces.Kind}),
	Explains:  []string{"KM7002", "KM7004"},
	Check:     checkHostNetwork,
})

func checkHostNetwork(w *rules.World, emit rules.Emit) {
	if !slices.ContainsFunc(w.Workloads(""), onHost) {
		return
	}
	x := newView(w)
	for _, np := range present(w) {
		if !blank(&np.Value.Spec.PodSelector) { // one for all pods of the namespace is for the others
			reportHosts(w, emit, np, "/spec/podSelector", subjects(w, np), "the policy is for", "on the host's network: most network plugins ignore it there")
		}
		for _, r := range placedRules(np) {
			for i, peer := range r.peers {
				if (peer.PodSelector == nil || blank(peer.PodSelector)) && (peer.NamespaceSelector == nil || blank(peer.NamespaceSelector)) {
					continue // everybody
				}
				at := r.peersAt + patch.Pointer(i)
				reportHosts(w, emit, np, at, x.peerWorkloads(np.Ref.Namespace, peer), "the peer selects", "on the host's network: the address is that of a node, and labels do not find it")
			}
		}
	}
}

func onHost(of *model.Workload) bool { return of.Spec().HostNetwork }

// reportHosts reports workloads of the host's network among those that something
// selects; that is grave only where there are no others.
func reportHosts(w *rules.World, emit rules.Emit, np item, at string, all chosen, what, why string) {
	hosts := slices.DeleteFunc(slices.Clone(all.workloads), func(of *model.Workload) bool { return !onHost(of) })
	if len(hosts) == 0 {
		return
	}
	f := emit(np.Object, at, "%s %s %s", what, rules.FewOf(model.Refs(hosts)), why)
	f.Reason = fmt.Sprintf("%s pods %s", what, why)
	f.Confidence, f.Related = finding.Likely, model.Refs(hosts)
	if len(hosts) < len(all.workloads) || !all.sure(w) {
		f.Severity = finding.Info
	}
}
