// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM7501", Slug: "exposed-to-internet", Severity: finding.Info, Hygiene: true,
	Short: "Workload can be reached from outside of the cluster",
	Why: `A Service of type LoadBalancer or NodePort, or a host port, leads to it, and no policy of the network or of the mesh
keeps addresses from outside out: that is computed from all policies together, not from whether there is one.
Gateways of Istio are left out: being reached is what they are for.`,
	Fix: `Make the Service ClusterIP and let callers in by a gateway. Else say in a NetworkPolicy which addresses may
come, at which ports.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
	Needs:     reachKinds,
	Check:     checkExposedToInternet,
})

func checkExposedToInternet(w *rules.World, emit rules.Emit) {
	all := open(w, func(s reach.Side) bool { return s.Internet })
	edge := atTheEdge(w)
	for _, of := range w.Judged("") {
		connections := all[plain(of.Ref)]
		by, what := door(w, of)
		if len(connections) == 0 || by == "" || edge[of] {
			continue
		}
		f := emit(of.Object, "", "it can be reached from the internet by %s: %s", by, reach.Connections(connections))
		f.Reason = "reached from the internet by " + by
		if what != of.Ref && what != (ref.Ref{}) {
			f.Related = append(f.Related, what)
		}
		doubt(w, f, of, connections)
	}
}

// doubt lowers a finding whose connections may be denied after all.
func doubt(w *rules.World, f *finding.Finding, of *model.Workload, connections []reach.Connection) {
	for _, c := range connections {
		if c.Reason != "" {
			f.Confidence = max(f.Confidence, finding.Likely)
		}
	}
	if absence := w.Absence(model.NetworkPolicies.Kind, of.Ref.Namespace); absence == model.Outside || absence == model.Unknown {
		f.Confidence = finding.Possible // a policy may be elsewhere
	} else if absence == model.NotInSet {
		f.Confidence = max(f.Confidence, finding.Likely)
	}
}
