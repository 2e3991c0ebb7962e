// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM9504", Slug: "any-egress", Severity: finding.Info, Hygiene: true,
	Short: "Workloads of the mesh may call any host outside of it",
	Why: `outboundTrafficPolicy ALLOW_ANY, which is the default, passes on calls to hosts that nobody declared: whoever gets into a
pod can fetch tools and send data away, and nothing says which hosts a service needs.

It is no wall: a process can go past its sidecar. NetworkPolicies for egress have to say the same.`,
	Fix:       "Declare the hosts by ServiceEntries, then set outboundTrafficPolicy.mode: REGISTRY_ONLY in a Sidecar of the namespace, or in the configuration of the mesh.",
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/#restrict-egress-traffic",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Namespaces.Kind, model.ConfigMaps.Kind, model.Sidecars.Kind}),
	Check:     checkAnyEgress,
})

func checkAnyEgress(w *rules.World, emit rules.Emit) {
	config := w.MeshConfig()
	if config.From == nil || config.Outbound != "ALLOW_ANY" || registryOnly(w, config.RootNamespace) {
		return
	}
	if _, gap := w.Gap(model.Sidecars.GroupKind, ""); gap {
		return
	}
	namespaces, _ := meshed(w)
	free := slices.DeleteFunc(namespaces, func(ns string) bool { return registryOnly(w, ns) })
	if len(free) == 0 {
		return
	}
	f := emit(config.From, "/data/mesh", "workloads of %s may call any host: the mesh has outboundTrafficPolicy ALLOW_ANY, and no Sidecar there says REGISTRY_ONLY", rules.Few(free, 3))
	f.Reason = "outboundTrafficPolicy is ALLOW_ANY"
	for _, ns := range free {
		f.Related = append(f.Related, model.Namespaces.Ref("", ns))
	}
}

// registryOnly reports whether a Sidecar for all of a namespace (of the root
// namespace: of the mesh) limits calls to hosts that are declared.
func registryOnly(w *rules.World, ns string) bool {
	return slices.ContainsFunc(model.Sidecars.In(w.Snapshot, ns), func(s model.Item[istionetv1.Sidecar]) bool {
		p := s.Value.Spec.GetOutboundTrafficPolicy()
		return len(s.Value.Spec.GetWorkloadSelector().GetLabels()) == 0 && p != nil && p.GetMode() == networkingv1.OutboundTrafficPolicy_REGISTRY_ONLY
	})
}
