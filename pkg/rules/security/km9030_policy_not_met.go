// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9030", Slug: "policy-not-met", Severity: finding.Warning,
	Short: "AuthorizationPolicy is met by no request",
	Why: `Policies are carried out by the proxy. Pods without one, and pods of the host's network, which never get
one, take every request; and so does a port that the proxy is told to leave alone
(traffic.sidecar.istio.io/excludeInboundPorts) and those of the proxy itself: 15020, 15021 and 15090.`,
	Fix:       "Bring the workload into the mesh, or take the port out of the annotation.",
	Reference: "https://istio.io/latest/docs/reference/config/annotations/#SidecarTrafficExcludeInboundPorts",
	Needs:     slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{model.AuthorizationPolicies.Kind}),
	Explains:  []string{"KM9009"},
	Check:     checkNotMet,
})

func checkNotMet(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	for _, p := range view.all {
		if p.selector.Empty() {
			continue // for whoever comes
		}
		workloads := view.workloads(p)
		if len(workloads) == 0 {
			continue
		}
		if bare, why := withoutProxy(w, workloads); why != "" {
			f := emit(p.Object, "/spec/selector", "no request to %s meets the policy: %s", rules.FewOf(model.Refs(bare)), why)
			f.Reason = "no request meets the policy: " + why
			f.Confidence, f.Related = finding.Likely, model.Refs(bare)
			continue
		}
		for _, l := range lists(p.spec()) {
			if !l.is("ports", "destination.port") || l.Not {
				continue
			}
			for _, of := range workloads {
				if passed(of, l.Texts) {
					f := emit(p.Object, l.At, "the proxy of %s leaves %s alone: no request to it meets the rule", of.Ref, shorten(l.Texts))
					f.Confidence, f.Related = finding.Likely, []ref.Ref{of.Ref}
					f.Hint = "see the annotations traffic.sidecar.istio.io/excludeInboundPorts and includeInboundPorts"
					break
				}
			}
		}
	}
}

// withoutProxy tells why none of some workloads meets a policy; empty if one may.
func withoutProxy(w *rules.World, workloads []*model.Workload) ([]*model.Workload, string) {
	hosts := 0
	for _, of := range workloads {
		if of.Spec().HostNetwork {
			hosts++
			continue
		}
		if w.Mesh(of) != rules.MeshOut || !optedOut(of) {
			return nil, "" // KM9001 and KM9002 have the others
		}
	}
	if hosts == len(workloads) {
		return workloads, "it is on the host's network, where no proxy is"
	}
	return workloads, "its pods are not to have a proxy"
}

// optedOut reports whether a workload says itself that it gets no proxy.
func optedOut(of *model.Workload) bool {
	labels := of.Template.Labels
	return labels[injectLabel] == "false" || labels[dataplaneLabel] == "none" || of.Template.Annotations[injectLabel] == "false"
}

// passed reports whether the proxy of a workload leaves all ports of a list alone.
func passed(of *model.Workload, ports []string) bool {
	return !slices.ContainsFunc(ports, func(text string) bool {
		n, err := strconv.ParseUint(text, 10, 16)
		return err != nil || captured(of, int32(n))
	})
}
