// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// The labels that lead to a waypoint, and the one by which it says what it is for
// (https://istio.io/latest/docs/ambient/usage/waypoint/).
const (
	useWaypoint          = "istio.io/use-waypoint"
	useWaypointNamespace = "istio.io/use-waypoint-namespace"
	waypointFor          = "istio.io/waypoint-for"
	gatewayName          = "gateway.networking.k8s.io/gateway-name"
)

// waypointKinds are the kinds that waypointOf and identity read.
var waypointKinds = slices.Concat(model.WorkloadKinds, []*model.Kind{model.Namespaces.Kind, model.Gateways.Kind})

// waypoint is a proxy that requests to a Service pass in ambient mode.
type waypoint struct {
	ref ref.Ref
	// by is the object whose label says so.
	by *model.Object
}

// waypointOf is the waypoint of a Service: the one that it names, else that of
// its namespace. One that is for workloads alone is none for a Service.
func waypointOf(w *rules.World, svc service) (waypoint, bool) {
	by, set := svc.Object, svc.Value.Labels
	if set[useWaypoint] == "" {
		ns, found := model.Namespaces.Get(w.Snapshot, "", svc.Ref.Namespace)
		if !found {
			return waypoint{}, false
		}
		by, set = ns.Object, ns.Value.Labels
	}
	name := set[useWaypoint]
	if name == "" || name == "none" {
		return waypoint{}, false
	}
	namespace := set[useWaypointNamespace]
	if namespace == "" {
		namespace = svc.Ref.Namespace
	}
	gw, found := model.Gateways.Get(w.Snapshot, namespace, name)
	if found && slices.Contains([]string{"workload", "none"}, gw.Value.Labels[waypointFor]) {
		return waypoint{}, false
	}
	return waypoint{model.Gateways.Ref(namespace, name), by}, true
}

// identity is the ServiceAccount that a waypoint runs as: that of its pods, else
// the one that istiod makes, which is called like the Gateway.
func (p waypoint) identity(w *rules.World) account {
	pods := w.Select(p.ref.Namespace, labels.SelectorFromSet(labels.Set{gatewayName: p.ref.Name})).Workloads
	if len(pods) > 0 {
		return account{p.ref.Namespace, pods[0].Account()}
	}
	return account{p.ref.Namespace, p.ref.Name}
}

// ambientBehind are the workloads behind a Service whose traffic ztunnel takes.
func ambientBehind(w *rules.World, svc service) []backend {
	var out []backend
	for _, b := range behind(w, door{Service: svc, Port: portOf(svc, 0, "")}) {
		if dataplaneOf(w, b.Workload) == model.AmbientProxy {
			out = append(out, b)
		}
	}
	return out
}

// principalFor is the rule that lets an identity in.
func principalFor(name string) map[string]any {
	return map[string]any{"from": []any{map[string]any{"source": map[string]any{"principals": []any{name}}}}}
}
