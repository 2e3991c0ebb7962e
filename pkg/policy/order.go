// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Ordered checks INV-ORDER on changes in the order in which they are written: no
// change closes a workload while a later one is to let callers in to it, and
// none is deleted before what takes its place is there. One object written twice
// is two changes too: what it says at first holds until it says more.
func Ordered(before *model.Snapshot, changes []plan.Change) []Violation {
	w := newWorld(before, Options{})
	after := make([]*model.Object, len(changes))
	for i, c := range changes {
		after[i] = decoded(c.After, c.Object)
	}
	closed := map[shut]bool{}
	var out []Violation
	for i, c := range changes {
		for _, of := range w.Workloads(c.Object.Namespace) {
			if of.Spec().HostNetwork || !w.closes(c, after[i], of, closed) {
				continue
			}
			for j := i + 1; j < len(changes); j++ {
				later := changes[j].Object
				if later.GroupKind() == c.Object.GroupKind() && admits(after[j], of) {
					out = append(out, Violation{
						ID: invOrder, Object: of.Ref, Reason: fmt.Sprintf("%s closes %s before %s lets its callers in", c.Object, of.Ref.Short(), later),
						Fix: "write " + later.String() + " first",
					})
					break
				}
			}
		}
	}
	return out
}

// decoded is an object with its typed view; nil for none, and for what the API
// server would refuse.
func decoded(raw map[string]any, r ref.Ref) *model.Object {
	if raw == nil {
		return nil
	}
	o, err := model.Decode(raw, r.Namespace)
	if err != nil {
		return nil
	}
	return o
}

// shut is a direction of a workload that a change has closed; the direction is
// empty for AuthorizationPolicies.
type shut struct {
	of  *model.Workload
	way direction
}

// closes reports whether a change closes what is open for a workload, or takes
// away a policy that lets its callers in; it notes what is closed from now on.
func (w *world) closes(c plan.Change, after *model.Object, of *model.Workload, closed map[shut]bool) bool {
	if after == nil {
		return admits(decoded(c.Before, c.Object), of)
	}
	opened := false
	if p, is := model.NetworkPolicies.Of(after); is && takes(p.Value, of) {
		for _, way := range types(p.Value) {
			opened = opened || !closed[shut{of, way}] && len(w.isolating(of, way, "")) == 0
			closed[shut{of, way}] = true
		}
	}
	if p, is := model.AuthorizationPolicies.Of(after); is && chooses(p, of) {
		opened = !closed[shut{of: of}] && len(w.authorizing(of, allow, "")) == 0
		closed[shut{of: of}] = true
	}
	return opened
}

// admits reports whether a policy lets callers in to a workload, or it call
// others.
func admits(o *model.Object, of *model.Workload) bool {
	if o == nil || o.Ref.Namespace != of.Ref.Namespace {
		return false
	}
	if p, is := model.NetworkPolicies.Of(o); is {
		return takes(p.Value, of) && len(p.Value.Spec.Ingress)+len(p.Value.Spec.Egress) > 0
	}
	p, is := model.AuthorizationPolicies.Of(o)
	return is && chooses(p, of) && len(p.Value.Spec.GetRules()) > 0
}

// takes reports whether a NetworkPolicy of the same namespace selects a workload.
func takes(p *networkingv1.NetworkPolicy, of *model.Workload) bool {
	by, err := metav1.LabelSelectorAsSelector(&p.Spec.PodSelector)
	return err == nil && matchesAny(by, of)
}

// chooses reports whether an AuthorizationPolicy of the same namespace lets in to
// a workload only whom it names.
func chooses(p authorization, of *model.Workload) bool {
	spec := &p.Value.Spec
	return spec.GetAction() == allow && spec.GetTargetRef() == nil && len(spec.GetTargetRefs()) == 0 &&
		matchesAny(labels.SelectorFromSet(spec.GetSelector().GetMatchLabels()), of)
}
