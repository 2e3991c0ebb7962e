// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7502", Slug: "exposed-to-cluster", Severity: finding.Info, Hygiene: true,
	Short: "Workload can be reached from all namespaces",
	Why: `Every workload of every namespace gets through to it: no policy of the network, and none of the mesh, tells its callers
from others. Who breaks into any pod of the cluster can go on from there. It is computed from all policies
together. Gateways of Istio are left out.`,
	Fix:       `Say who may call it: "kubectl micro secure allow" writes the policies of an edge, "secure deny-by-default" the rest.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
	Needs:     reachKinds,
	Check:     checkExposedToCluster,
})

func checkExposedToCluster(w *rules.World, emit rules.Emit) {
	namespaces := map[string]bool{}
	for _, of := range w.Workloads("") {
		namespaces[of.Ref.Namespace] = true
	}
	if len(namespaces) < 2 {
		return // that all of one namespace get through says nothing about others
	}
	all := open(w, func(s reach.Side) bool { return s.Everybody })
	edge := atTheEdge(w)
	for _, of := range w.Judged("") {
		connections := all[plain(of.Ref)]
		if len(connections) == 0 || edge[of] {
			continue
		}
		f := emit(of.Object, "", "all workloads of all namespaces get through to it: %s", reach.Connections(connections))
		f.Reason = "reached from all namespaces"
		doubt(w, f, of, connections)
	}
}
