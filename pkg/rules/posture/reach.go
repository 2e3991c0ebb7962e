// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"
	"sync"
	"weak"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// reachKinds are what the connectivity engine looks at for who is exposed,
// tlsKinds for who calls whom and how that is encrypted; and, of kinds that the
// suite has no type for, the policies of other network plugins.
var (
	reachKinds = slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.Namespaces.Kind, model.Services.Kind, model.ConfigMaps.Kind, model.NetworkPolicies.Kind,
		model.AdminNetworkPolicies.Kind, model.BaselineAdminNetworkPolicies.Kind, model.ClusterNetworkPolicies.Kind,
		model.IstioGateways.Kind, model.Gateways.Kind, model.DestinationRules.Kind, model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind,
	})
	tlsKinds = slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.Namespaces.Kind, model.Services.Kind, model.ConfigMaps.Kind, model.Ingresses.Kind, model.NetworkPolicies.Kind,
		model.AdminNetworkPolicies.Kind, model.BaselineAdminNetworkPolicies.Kind, model.ClusterNetworkPolicies.Kind,
		model.IstioGateways.Kind, model.VirtualServices.Kind, model.DestinationRules.Kind, model.HTTPRoutes.Kind, model.ServiceMonitors.Kind, model.PeerAuthentications.Kind,
		model.EnvoyFilters.Kind, model.WasmPlugins.Kind,
	})
)

// computed is what the connectivity engine says about one Snapshot. Several rules
// ask, and the answer costs as much as all of them together.
type computed struct {
	exposed func() reach.Map
	mtls    func() reach.MTLSTable
}

// latest remembers the answers for the Snapshot that was looked at last, without
// keeping it alive.
var latest struct {
	sync.Mutex
	of weak.Pointer[model.Snapshot]
	computed
}

func reachOf(w *rules.World) computed {
	latest.Lock()
	defer latest.Unlock()
	if latest.of.Value() != w.Snapshot {
		s := w.Snapshot
		engine := sync.OnceValue(func() *reach.Engine { return reach.New(s, reach.Options{}) })
		latest.of = weak.Make(s)
		latest.computed = computed{
			exposed: sync.OnceValue(func() reach.Map { return engine().Map(reach.MapOptions{Exposed: true}) }),
			mtls:    sync.OnceValue(func() reach.MTLSTable { return engine().MTLS(reach.MTLSOptions{}) }),
		}
	}
	return latest.computed
}

// open are the connections of each workload from one sort of source.
func open(w *rules.World, from func(reach.Side) bool) map[ref.Ref][]reach.Connection {
	out := map[ref.Ref][]reach.Connection{}
	for _, row := range reachOf(w).exposed().Rows {
		if from(row.From) {
			for _, r := range row.To.Workloads {
				out[plain(r)] = append(out[plain(r)], row.Connections...)
			}
		}
	}
	return out
}

// atTheEdge are the workloads that Gateways of Istio select: to be reached is what
// they are for.
func atTheEdge(w *rules.World) map[*model.Workload]bool {
	out := map[*model.Workload]bool{}
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		for _, of := range gatewayWorkloads(w, gw) {
			out[of] = true
		}
	}
	return out
}

// door is what leads to a workload from outside of the cluster, and the object
// that does; empty for none.
func door(w *rules.World, of *model.Workload) (string, ref.Ref) {
	for _, svc := range w.InFront(of) {
		if t := svc.Value.Spec.Type; t == corev1.ServiceTypeLoadBalancer || t == corev1.ServiceTypeNodePort {
			return svc.Ref.String() + " of type " + string(t), svc.Ref
		}
	}
	for _, c := range of.Containers() {
		for _, p := range c.Ports {
			if p.HostPort != 0 {
				return "host port " + decimal(p.HostPort), of.Ref
			}
		}
	}
	return "", ref.Ref{}
}
