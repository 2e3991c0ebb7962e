// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM9501", Slug: "callee-outside-mesh", Severity: finding.Info, Hygiene: true,
	Short: "Workload that the mesh calls is not in the mesh",
	Why: `A caller with a proxy, or a gateway, calls a workload without one: the connection is in plain text, the callee does
not know who calls, and no AuthorizationPolicy is enforced before it. Every pod that the network lets through can
call it as well.`,
	Fix:       "Add the namespace or the pod to the mesh, or close the workload by NetworkPolicies to all but its callers.",
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/",
	Needs:     tlsKinds,
	Check:     checkCallees,
})

func checkCallees(w *rules.World, emit rules.Emit) {
	table := reachOf(w).mtls()
	targets := map[string]ref.Ref{}
	for _, s := range table.Workloads {
		targets[s.Text] = s.Workload
	}
	callers := map[ref.Ref][]string{}
	for _, x := range table.Edges {
		if x.TLS.Server == mesh.ServerNoProxy && len(x.Declared) > 0 && meshClient(x.TLS.Client) {
			to := plain(targets[x.To])
			if !slices.Contains(callers[to], x.From) {
				callers[to] = append(callers[to], x.From)
			}
		}
	}
	for _, of := range w.Judged("") {
		from := callers[plain(of.Ref)]
		if len(from) == 0 || of.Spec().HostNetwork {
			continue
		}
		_, why := w.Dataplane(of.Peers()[0])
		f := emit(of.Object, of.Existing(of.At, "/metadata/labels", "/metadata"), "%s in the mesh call%s it, and it has no proxy: %s", rules.Few(from, 3), third(len(from)), why)
		f.Reason = "called by the mesh, not in it"
		f.Confidence = finding.Likely
		f.Related = append(f.Related, model.Namespaces.Ref("", of.Ref.Namespace))
	}
}

func third(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// meshClient reports whether a client has a proxy.
func meshClient(c mesh.ClientMode) bool {
	return c != mesh.ClientNoProxy && c != mesh.ClientUnknown
}
