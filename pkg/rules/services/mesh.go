// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// istioKinds are the kinds whose objects show that a namespace uses the mesh.
var istioKinds = []*model.Kind{
	model.VirtualServices.Kind, model.DestinationRules.Kind, model.Sidecars.Kind,
	model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind, model.RequestAuthentications.Kind,
}

// meshKinds are what mesh looks at.
var meshKinds = slices.Concat(model.WorkloadKinds, rules.MeshKinds, istioKinds, []*model.Kind{model.Services.Kind})

// mesh tells which Services Istio's rules apply to.
type mesh struct {
	*rules.World
	// used are the namespaces that Istio objects are in or refer to.
	used map[string]bool
}

func newMesh(w *rules.World) mesh {
	return mesh{w, model.Once(w.Snapshot, usedKey{}, func() map[string]bool { return used(w) })}
}

// usedKey is what the view of used is kept under.
type usedKey struct{}

func used(w *rules.World) map[string]bool {
	out := map[string]bool{}
	for _, k := range istioKinds {
		for _, o := range w.OfKind(k.GroupKind) {
			out[o.Ref.Namespace] = true
		}
	}
	for _, o := range routers(w) {
		for _, f := range fieldsOf(o) {
			if ns, _, ok := w.ServiceName(w.FQDN(f.host, o.Ref.Namespace)); ok {
				out[ns] = true
			}
		}
	}
	return out
}

// covers reports whether a Service has pods in the mesh. Where nobody can tell
// that of its pods, Istio objects of its namespace make it likely. Services of
// gateways are not covered: what listens there is set by Gateway objects.
func (m mesh) covers(svc service) (finding.Confidence, bool) {
	behind := selected(m.World, svc).Workloads
	if slices.ContainsFunc(behind, gateway) || svc.Value.Labels[gatewayLabel] != "" {
		return finding.Certain, false
	}
	member := rules.MeshOut
	for _, c := range behind {
		switch m.Mesh(c) {
		case rules.MeshIn:
			return finding.Certain, true
		case rules.MeshUnknown:
			member = rules.MeshUnknown
		}
	}
	if len(behind) == 0 {
		member = m.NamespaceMesh(svc.Ref.Namespace)
	}
	return finding.Likely, member == rules.MeshIn || (member == rules.MeshUnknown && m.used[svc.Ref.Namespace])
}

// gateway reports whether a workload is a proxy at the edge of the mesh.
func gateway(of *model.Workload) bool {
	t := of.Template
	return strings.Contains(t.Annotations["inject.istio.io/templates"], "gateway") ||
		t.Labels[gatewayLabel] != "" || strings.HasSuffix(t.Labels["istio"], "gateway")
}
