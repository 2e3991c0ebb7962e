// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Unreadable is the rule about what could not be read: it may be about anything.
const Unreadable = "KM0002"

// Scope is the part of a World that was asked about. Causes outside it are
// shown with what they explain in it.
type Scope struct {
	// Namespace is empty for all.
	Namespace string
	// Target is one object; nil for all in the namespace.
	Target *ref.Ref
	// Selector picks objects, and workloads by the labels of their pods; nil for all.
	Selector labels.Selector
}

// filter returns whether a finding is in the scope.
func (s Scope) filter(w *rules.World) func(rules.Result) bool {
	in := s.objects(w)
	return func(r rules.Result) bool {
		if r.ID == Unreadable || in(r.Object, r.On) {
			return true
		}
		for _, other := range r.Related {
			if s.Target != nil && in(other, nil) {
				return true
			}
		}
		// What belongs to no namespace counts where it has a part in one.
		if r.Object.Namespace == "" && s.Target == nil && s.Selector == nil {
			return s.Namespace == "" || touches(r, s.Namespace)
		}
		return false
	}
}

func touches(r rules.Result, namespace string) bool {
	if r.Object.Kind == "Namespace" && r.Object.Name == namespace {
		return true
	}
	for _, other := range r.Related {
		if other.Namespace == namespace {
			return true
		}
	}
	return false
}

// objects returns whether an object is in the scope.
func (s Scope) objects(w *rules.World) func(ref.Ref, *model.Object) bool {
	if s.Target != nil {
		set := closureOf(w, *s.Target)
		return func(r ref.Ref, _ *model.Object) bool { return set[plain(r)] }
	}
	return func(r ref.Ref, on *model.Object) bool {
		if s.Namespace != "" && r.Namespace != s.Namespace {
			return false
		}
		if s.Selector == nil || s.Selector.Empty() {
			return true
		}
		if on == nil {
			var found bool
			if on, found = w.Object(r); !found {
				return false
			}
		}
		if s.Selector.Matches(labels.Set(on.Meta().GetLabels())) {
			return true
		}
		wl, ok := w.Workload(r)
		return ok && s.Selector.Matches(labels.Set(wl.Template.Labels))
	}
}

// closureOf is what belongs to an object: a workload's Services and a Service's
// workloads, their pods and ReplicaSets, and the objects that route to the
// Services.
func closureOf(w *rules.World, target ref.Ref) map[ref.Ref]bool {
	set := map[ref.Ref]bool{plain(target): true}
	services := map[ref.Ref]bool{}
	var loads []*model.Workload
	switch wl, isWorkload := w.Workload(target); {
	case isWorkload:
		loads = append(loads, wl)
		for _, svc := range w.InFront(wl) {
			services[plain(svc.Ref)] = true
		}
	case target.Kind == "Service":
		services[plain(target)] = true
		if svc, ok := model.Services.Get(w.Snapshot, target.Namespace, target.Name); ok {
			loads = w.Behind(svc).Workloads
		}
	}
	for r := range services {
		set[r] = true
	}
	for _, wl := range loads {
		set[plain(wl.Ref)] = true
		for _, p := range wl.Pods {
			set[plain(p.Ref)] = true
		}
		for _, rs := range wl.ReplicaSets {
			set[plain(rs.Ref)] = true
		}
	}
	for _, r := range routesTo(w, services) {
		set[plain(r)] = true
	}
	return set
}

// routesTo are the VirtualServices and DestinationRules about Services.
func routesTo(w *rules.World, services map[ref.Ref]bool) []ref.Ref {
	var out []ref.Ref
	about := func(host, namespace string) bool {
		ns, name, ok := w.ServiceName(w.FQDN(host, namespace))
		return ok && services[ref.Ref{Kind: "Service", Namespace: ns, Name: name}]
	}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for _, h := range vs.Value.Spec.Hosts {
			if about(h, vs.Ref.Namespace) {
				out = append(out, vs.Ref)
				break
			}
		}
	}
	for _, dr := range model.DestinationRules.In(w.Snapshot, "") {
		if about(dr.Value.Spec.Host, dr.Ref.Namespace) {
			out = append(out, dr.Ref)
		}
	}
	return out
}
