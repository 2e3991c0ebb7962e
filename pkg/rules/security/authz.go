// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// policy is an AuthorizationPolicy with its selector ready for use.
type policy struct {
	model.Item[istiosecv1.AuthorizationPolicy]
	selector labels.Selector
}

// spec is the policy's specification.
func (p policy) spec() *securityv1.AuthorizationPolicy { return &p.Value.Spec }

// allows reports whether the policy is one of action ALLOW, which is the default.
func (p policy) allows() bool { return p.spec().GetAction() == securityv1.AuthorizationPolicy_ALLOW }

// denies reports whether the policy is one of action DENY.
func (p policy) denies() bool { return p.spec().GetAction() == securityv1.AuthorizationPolicy_DENY }

// targeted reports whether the policy is for waypoints and gateways of the
// Gateway API; sidecars do not obey it.
func (p policy) targeted() bool {
	return p.spec().GetTargetRef() != nil || len(p.spec().GetTargetRefs()) > 0
}

// dryRun is the annotation of policies that are evaluated and not enforced.
const dryRun = "istio.io/dry-run"

// authz is the view of which AuthorizationPolicies a workload obeys. Istiod
// takes those of the root namespace and of the workload's own whose selector
// matches its labels, all if they have none (pilot/pkg/model/authorization.go
// ListAuthorizationPolicies, pilot/pkg/model/policyattachment.go); policies
// with targetRefs are not for sidecars, those on dry run are not enforced.
type authz struct {
	w *rules.World
	// all are the policies sidecars may obey, byNamespace the same.
	all         []policy
	byNamespace map[string][]policy
}

// authzKey is what the view is kept under.
type authzKey struct{}

// newAuthz reads the policies of a World, those of one Snapshot once.
func newAuthz(w *rules.World) *authz {
	view := model.Once(w.Snapshot, authzKey{}, func() authz { return readAuthz(w) })
	view.w = w
	return &view
}

func readAuthz(w *rules.World) authz {
	out := authz{byNamespace: map[string][]policy{}}
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		p := policy{ap, labels.SelectorFromSet(ap.Value.Spec.GetSelector().GetMatchLabels())}
		if p.targeted() || ap.Value.Annotations[dryRun] == "true" {
			continue
		}
		out.all = append(out.all, p)
		out.byNamespace[ap.Ref.Namespace] = append(out.byNamespace[ap.Ref.Namespace], p)
	}
	return out
}

// of returns the policies that a workload obeys, those of the root namespace first.
func (a *authz) of(workload *model.Workload) []policy {
	candidates := a.byNamespace[a.w.RootNamespace]
	if ns := workload.Ref.Namespace; ns != a.w.RootNamespace {
		candidates = slices.Concat(candidates, a.byNamespace[ns])
	}
	return slices.DeleteFunc(slices.Clone(candidates), func(p policy) bool { return !selects(p.selector, workload) })
}

// workloads returns the workloads that obey a policy.
func (a *authz) workloads(p policy) []*model.Workload {
	if p.Ref.Namespace != a.w.RootNamespace {
		return a.w.Select(p.Ref.Namespace, p.selector).Workloads
	}
	return slices.DeleteFunc(slices.Clone(a.w.Workloads("")), func(of *model.Workload) bool { return !selects(p.selector, of) })
}

// policiesKnown reports whether all policies that a workload of a namespace may
// obey are in view: a file that is missing may hold the one that admits.
func policiesKnown(w *rules.World, namespace string) bool {
	k := model.AuthorizationPolicies.Kind
	return w.Absence(k, namespace) == model.Proven && w.Absence(k, w.RootNamespace) == model.Proven
}

// readable reports whether no policy of a namespace or the root namespace is
// hidden by a lack of rights.
func (a *authz) readable(namespace string) bool {
	gk := model.AuthorizationPolicies.GroupKind
	_, gap := a.w.Gap(gk, namespace)
	_, rootGap := a.w.Gap(gk, a.w.RootNamespace)
	return !gap && !rootGap
}

// selects reports whether a selector matches a workload: its template or a live pod.
func selects(s labels.Selector, of *model.Workload) bool {
	if s.Empty() || s.Matches(labels.Set(of.Template.Labels)) {
		return true
	}
	return slices.ContainsFunc(of.Pods, func(p model.Item[corev1.Pod]) bool { return s.Matches(labels.Set(p.Value.Labels)) })
}
