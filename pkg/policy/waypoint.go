// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// The labels that put a waypoint in front of workloads in ambient mode.
const (
	useWaypoint          = "istio.io/use-waypoint"
	useWaypointNamespace = "istio.io/use-waypoint-namespace"
	ingressUseWaypoint   = "istio.io/ingress-use-waypoint"
)

// way is the waypoint of a workload.
type way struct{ namespace, name string }

// peer is the waypoint in NetworkPolicies.
func (x way) peer() peer {
	return peer{namespace: x.namespace, labels: map[string]string{gatewayLabel: x.name}}
}

// waypoint is the waypoint that takes the requests to a workload's Services: the
// label of a Service goes before that of the Namespace.
func (w *world) waypoint(of *model.Workload) (way, bool) {
	if d, _ := w.dataplane(of); d != Ambient {
		return way{}, false
	}
	var sets []map[string]string
	for _, svc := range w.InFront(of) {
		sets = append(sets, svc.Value.Labels)
	}
	if ns, found := model.Namespaces.Get(w.Snapshot, "", of.Ref.Namespace); found {
		sets = append(sets, ns.Value.Labels)
	}
	for _, set := range sets {
		switch name := set[useWaypoint]; name {
		case "":
		case "none":
			return way{}, false
		default:
			return way{cmp.Or(set[useWaypointNamespace], of.Ref.Namespace), name}, true
		}
	}
	return way{}, false
}

// passesWaypoint reports whether what a source sends comes by way of the waypoint:
// gateways go around it unless the Service asks for it, and so does who dials
// pods.
func (w *world) passesWaypoint(from source, of *model.Workload) bool {
	switch from.kind {
	case prometheusEnd, kubeletEnd, internetEnd:
		return false
	case gatewayEnd:
		for _, svc := range w.InFront(of) {
			if svc.Value.Labels[ingressUseWaypoint] == "true" {
				return true
			}
		}
		return false
	}
	return !from.open
}
