// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// rbacPractices is where Kubernetes says which rights amount to more than they seem.
const rbacPractices = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"

// roleKinds and bindingKinds are the kinds of RBAC.
var (
	roleKinds    = []*model.Kind{model.Roles.Kind, model.ClusterRoles.Kind}
	bindingKinds = []*model.Kind{model.RoleBindings.Kind, model.ClusterRoleBindings.Kind}
)

func withKinds(list []*model.Kind, more ...*model.Kind) []*model.Kind {
	return slices.Concat(list, more)
}

// binding is a RoleBinding or a ClusterRoleBinding.
type binding struct {
	*model.Object
	role     rbacv1.RoleRef
	subjects []rbacv1.Subject
}

// bindings are those that are not the cluster's own.
func bindings(w *rules.World) []binding {
	var out []binding
	for _, b := range model.RoleBindings.In(w.Snapshot, "") {
		out = append(out, binding{b.Object, b.Value.RoleRef, b.Value.Subjects})
	}
	for _, b := range model.ClusterRoleBindings.In(w.Snapshot, "") {
		out = append(out, binding{b.Object, b.Value.RoleRef, b.Value.Subjects})
	}
	return slices.DeleteFunc(out, func(b binding) bool { return builtIn(b.Object) })
}

// gives is the role that a binding gives.
func (b binding) gives() ref.Ref {
	if b.role.Kind == model.Roles.Kind.Kind {
		return model.Roles.Ref(b.Ref.Namespace, b.role.Name)
	}
	return model.ClusterRoles.Ref("", b.role.Name)
}

// builtIn reports whether an object of RBAC came with the cluster.
func builtIn(o *model.Object) bool {
	return rules.System(o.Ref.Namespace) || strings.HasPrefix(o.Ref.Name, "system:") || o.Meta().GetLabels()["kubernetes.io/bootstrapping"] != ""
}

// grants files bindings under the ServiceAccounts that they give rights to.
type grants struct {
	byAccount map[ref.Ref][]binding
	// byGroup are those of all accounts, or of all accounts of a namespace.
	byGroup map[string][]binding
}

// allAccounts is the group of all ServiceAccounts; with a colon and a namespace
// behind it, of those of that namespace.
const allAccounts = "system:serviceaccounts"

func grantsOf(w *rules.World) grants {
	out := grants{map[ref.Ref][]binding{}, map[string][]binding{}}
	for _, b := range bindings(w) {
		for _, s := range b.subjects {
			if r, ok := account(b, s); ok {
				out.byAccount[r] = append(out.byAccount[r], b)
			} else if s.Kind == rbacv1.GroupKind {
				out.byGroup[s.Name] = append(out.byGroup[s.Name], b)
			}
		}
	}
	return out
}

// to are the bindings that give rights to an account.
func (g grants) to(namespace, name string) []binding {
	return slices.Concat(g.byAccount[model.ServiceAccounts.Ref(namespace, name)], g.byGroup[allAccounts], g.byGroup[allAccounts+":"+namespace])
}

// account is the ServiceAccount that a subject of a binding names; one in a
// RoleBinding may leave out the namespace.
func account(b binding, s rbacv1.Subject) (ref.Ref, bool) {
	ns := s.Namespace
	if ns == "" {
		ns = b.Ref.Namespace
	}
	return model.ServiceAccounts.Ref(ns, s.Name), s.Kind == rbacv1.ServiceAccountKind && s.Name != ""
}

// runAs are the workloads that run as each ServiceAccount.
func runAs(w *rules.World) map[ref.Ref][]*model.Workload {
	out := map[ref.Ref][]*model.Workload{}
	for _, of := range w.Workloads("") {
		r := model.ServiceAccounts.Ref(of.Ref.Namespace, of.Account())
		out[r] = append(out[r], of)
	}
	return out
}

// role is a Role or a ClusterRole that is not the cluster's own.
type role struct {
	*model.Object
	rules      []rbacv1.PolicyRule
	aggregated bool
}

func roles(w *rules.World) []role {
	var out []role
	for _, r := range model.Roles.In(w.Snapshot, "") {
		out = append(out, role{r.Object, r.Value.Rules, false})
	}
	for _, r := range model.ClusterRoles.In(w.Snapshot, "") {
		out = append(out, role{r.Object, r.Value.Rules, r.Value.AggregationRule != nil})
	}
	return slices.DeleteFunc(out, func(r role) bool { return builtIn(r.Object) })
}

// granting is the check of a rule about what roles allow: the verdict is on one
// rule of a role, and names the field and what it allows; empty for nothing.
func granting(verdict func(r rbacv1.PolicyRule) (field, text string)) func(*rules.World, rules.Emit) {
	return func(w *rules.World, emit rules.Emit) {
		given := holders(w)
		for _, r := range roles(w) {
			for i, rule := range r.rules {
				field, text := verdict(rule)
				if text == "" {
					continue
				}
				at := patch.Pointer("rules", i, field)
				f := emit(r.Object, rules.Nearest(r.Object, at), "%s", text)
				noteHolders(f, given[r.Ref])
			}
		}
	}
}

// holders are the bindings that give each role.
func holders(w *rules.World) map[ref.Ref][]binding {
	out := map[ref.Ref][]binding{}
	for _, b := range bindings(w) {
		out[b.gives()] = append(out[b.gives()], b)
	}
	return out
}

// noteHolders says who has the rights that a finding is about.
func noteHolders(f *finding.Finding, given []binding) {
	for _, b := range given {
		var who []string
		for _, s := range b.subjects {
			if r, ok := account(b, s); ok {
				who = append(who, r.String())
				f.Related = append(f.Related, r)
			} else {
				who = append(who, s.Kind+" "+s.Name)
			}
		}
		f.Related = append(f.Related, b.Ref)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: b.Where("/subjects"), Value: "given to " + rules.Few(who, 3)})
	}
}

// onResource reports whether a rule is about one of some resources of a group. A
// wildcard for all resources is not looked at here: it is a finding of its own.
func onResource(r rbacv1.PolicyRule, group string, resources ...string) (string, bool) {
	if !slices.Contains(r.APIGroups, group) && !slices.Contains(r.APIGroups, rbacv1.APIGroupAll) {
		return "", false
	}
	for _, have := range r.Resources {
		if slices.Contains(resources, have) {
			return have, true
		}
	}
	return "", false
}

// withVerb finds one of some verbs in a rule; "*" is all of them.
func withVerb(r rbacv1.PolicyRule, verbs ...string) (string, bool) {
	for _, have := range r.Verbs {
		if have == rbacv1.VerbAll || slices.Contains(verbs, have) {
			return have, true
		}
	}
	return "", false
}
