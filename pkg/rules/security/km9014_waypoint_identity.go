// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9014", Slug: "waypoint-identity", Severity: finding.Error,
	Short: "AuthorizationPolicy with a selector keeps the waypoint out",
	Why: `In ambient mode a policy that selects workloads is carried out by ztunnel at the server. Where a
waypoint stands in between, ztunnel sees the waypoint's identity, not that of the client: a policy that
lets in clients by their identity denies everything that comes through the waypoint.`,
	Fix: `Let the waypoint in by the policy with the selector, and say who may call the Service in a policy with
targetRefs, which the waypoint carries out.`,
	Reference: "https://istio.io/latest/docs/ambient/usage/l4-policy/",
	Needs:     slices.Concat(waypointKinds, []*model.Kind{model.AuthorizationPolicies.Kind, model.Services.Kind, model.ConfigMaps.Kind}),
	Check:     checkWaypointIdentity,
	Repair:    repairWaypointIdentity,
})

// shutWaypoint is a waypoint that a policy keeps out of a Service.
type shutWaypoint struct {
	waypoint
	policy  policy
	service service
	of      *model.Workload
	// name is the principal to let in.
	name string
}

func shutWaypoints(w *rules.World) []shutWaypoint {
	view := newAuthz(w)
	if len(view.all) == 0 {
		return nil
	}
	trust, _ := trustDomains(w)
	var out []shutWaypoint
	for _, svc := range model.Services.In(w.Snapshot, "") {
		through, found := waypointOf(w, svc)
		if !found || !view.readable(svc.Ref.Namespace) {
			continue
		}
		id := through.identity(w)
		for _, b := range ambientBehind(w, svc) {
			policies := view.of(b.Workload)
			r := request{caller: caller{Namespace: id.namespace, Account: id.name, TrustDomains: trust}, Port: b.Port}
			i := slices.IndexFunc(policies, func(p policy) bool { return p.allows() && len(identities(p.spec())) > 0 })
			if i >= 0 && allowed(policies, r) == no {
				out = append(out, shutWaypoint{through, policies[i], svc, b.Workload, principal{trust[0], id.namespace, id.name}.String()})
			}
		}
	}
	return out
}

func checkWaypointIdentity(w *rules.World, emit rules.Emit) {
	type key struct {
		policy *model.Object
		by     ref.Ref
	}
	told := map[key]bool{}
	for _, s := range shutWaypoints(w) {
		k := key{s.policy.Object, s.ref}
		if told[k] {
			continue
		}
		told[k] = true
		f := emit(s.policy.Object, "/spec/rules", "requests to %s come through the waypoint %s, whose identity no rule lets in to %s", s.service.Ref, s.ref, s.of.Ref)
		f.Related = []ref.Ref{s.service.Ref, s.of.Ref, s.ref}
		f.Evidence = []finding.Evidence{{Kind: "field", Of: s.by.Where("/metadata/labels" + patch.Pointer(useWaypoint)), Value: useWaypoint + ": " + s.ref.Name}}
		f.Hint = "let " + s.name + " in, and name the clients in a policy with targetRefs"
		if w.Partial {
			f.Severity, f.Confidence = finding.Warning, finding.Likely
		}
	}
}

func repairWaypointIdentity(w *rules.World, r rules.Result) []rules.Fix {
	for _, s := range shutWaypoints(w) {
		if s.policy.Object == r.On {
			return []rules.Fix{rules.Change(rules.Review, "let the waypoint in", r.On, patch.Op{Op: patch.Add, Path: "/spec/rules/-", Value: principalFor(s.name)})}
		}
	}
	return nil
}
