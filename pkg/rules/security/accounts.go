// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// account names a ServiceAccount.
type account struct{ namespace, name string }

// ref is the reference of the account.
func (a account) ref() ref.Ref {
	return model.ServiceAccounts.Ref(a.namespace, a.name)
}

// accounts is the view of who runs as which ServiceAccount.
type accounts struct {
	w *rules.World
	// users are the workloads that run as an account, named those that run as an
	// account of that name in any namespace.
	users map[account][]*model.Workload
	named map[string][]*model.Workload
	// outside are the accounts of workloads that are not in view: outside the cluster,
	// and those of Gateways in files.
	outside map[account]bool
	// trust are the names of the mesh's trust domain.
	trust      []string
	trustKnown bool
}

// accountKinds are the kinds that accounts reads.
var accountKinds = slices.Concat(model.WorkloadKinds, []*model.Kind{
	model.ServiceAccounts.Kind, model.WorkloadEntries.Kind, model.ConfigMaps.Kind, model.Gateways.Kind,
})

// unsuffixed are the classes of Gateways whose pods run as an account of the
// Gateway's name. That of others is followed by their class: shared-istio.
var unsuffixed = []string{"istio-waypoint", "istio-east-west"}

func newAccounts(w *rules.World) *accounts {
	out := &accounts{w: w, users: map[account][]*model.Workload{}, named: map[string][]*model.Workload{}, outside: map[account]bool{}}
	for _, of := range w.Workloads("") {
		a := account{of.Ref.Namespace, of.Account()}
		out.users[a] = append(out.users[a], of)
		out.named[a.name] = append(out.named[a.name], of)
	}
	for _, e := range model.WorkloadEntries.In(w.Snapshot, "") {
		out.outside[account{e.Ref.Namespace, e.Value.Spec.GetServiceAccount()}] = true
	}
	for _, g := range model.Gateways.In(w.Snapshot, "") {
		if !g.Live() { // the pods of one that is live are there to be seen
			out.outside[account{g.Ref.Namespace, gatewayAccount(g.Value)}] = true
		}
	}
	out.trust, out.trustKnown = trustDomains(w)
	return out
}

// gatewayAccount is the account that istiod makes for the pods of a Gateway
// (https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment).
func gatewayAccount(g *gatewayv1.Gateway) string {
	class := string(g.Spec.GatewayClassName)
	switch given := g.Annotations["gateway.istio.io/service-account"]; {
	case given != "":
		return given
	case slices.Contains(unsuffixed, class):
		return g.Name
	}
	return g.Name + "-" + class
}

// principal is the identity of whoever runs as an account.
func (x *accounts) principal(a account) principal {
	return principal{x.trust[0], a.namespace, a.name}
}

// missing tells what is known of an account that nobody runs as. exists is true
// when there is such a ServiceAccount all the same.
func (x *accounts) missing(a account) (absence model.Absence, exists, missing bool) {
	if len(x.users[a]) > 0 || x.outside[a] {
		return model.Unknown, false, false
	}
	workloads := x.w.PodAbsence(a.namespace)
	absence, gone := x.w.Missing(model.ServiceAccounts.Kind, a.namespace, a.name)
	if a.name == "default" {
		gone = false // every namespace has it
	}
	switch {
	case !gone:
		_, unknown := x.w.Gap(model.ServiceAccounts.GroupKind, a.namespace)
		return workloads, true, !unknown && workloads >= model.NotInSet
	case absence == model.Proven || absence == model.NotInSet || workloads == model.NotInSet:
		return max(absence, model.NotInSet), false, true
	}
	// Few run anything in namespace default; a policy of a file that names it has
	// more often been copied from somewhere.
	return absence, false, absence == model.Outside && (len(x.near(a)) > 0 || a.namespace == "default")
}

// near are the workloads that somebody may have meant: in their own namespace
// they run as an account of that name, or have that name themselves.
func (x *accounts) near(a account) []*model.Workload {
	out := slices.Clone(x.named[a.name])
	if a.name == "default" {
		out = nil // is everywhere
	}
	for _, of := range x.users[account{a.namespace, "default"}] {
		if of.Ref.Name == a.name {
			out = append(out, of)
		}
	}
	return out
}

// closest is an account of the namespace that somebody runs as and whose name
// is nearly this one.
func (x *accounts) closest(a account) (account, bool) {
	var names []string
	for _, of := range x.w.Workloads(a.namespace) {
		names = append(names, of.Account())
	}
	slices.Sort(names)
	if near := ref.Closest(a.name, slices.Compact(names)); len(near) > 0 {
		return account{a.namespace, near[0]}, true
	}
	return account{}, false
}
