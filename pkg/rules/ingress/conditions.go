// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// patience is how long a controller may take to answer.
const patience = 2 * time.Minute

// order is that of causes: what is not accepted is not programmed either.
var order = []string{"Accepted", "ResolvedRefs", "Conflicted", "Programmed"}

// reportConditions reports the first condition that says no. What it is about
// is named for the message: "listener https".
func reportConditions(w *rules.World, emit rules.Emit, on *model.Object, at, about string, conditions []metav1.Condition) *finding.Finding {
	for _, kind := range order {
		i := slices.IndexFunc(conditions, func(c metav1.Condition) bool { return c.Type == kind })
		if i < 0 || conditions[i].ObservedGeneration < on.Meta().GetGeneration() {
			continue // not said, or said of an earlier version
		}
		c := conditions[i]
		bad := metav1.ConditionFalse
		if kind == "Conflicted" {
			bad = metav1.ConditionTrue
		}
		switch {
		case c.Status == bad:
			if (c.Reason == "Pending" || c.Reason == "AddressNotAssigned") && w.Now.Sub(c.LastTransitionTime.Time) < patience {
				return nil
			}
			return reportCondition(emit, on, at, about, c)
		case kind == "Accepted" && c.Status == metav1.ConditionUnknown && silent(w, on):
			f := emit(on, at, "%s: no controller has answered, Accepted is Unknown", about)
			f.Evidence = []finding.Evidence{{Kind: "condition", Of: on.Where(at), Value: "Accepted=Unknown " + c.Reason + ": " + c.Message, Time: c.LastTransitionTime.Time}}
			f.Hint = "is the controller of its class installed and running?"
			return f
		}
	}
	return nil
}

func reportCondition(emit rules.Emit, on *model.Object, at, about string, c metav1.Condition) *finding.Finding {
	f := emit(on, at, "%s: %s is %s (%s)", about, c.Type, c.Status, c.Reason)
	f.Reason, f.Since = f.Message, c.LastTransitionTime.Time
	if said := strings.TrimRight(strings.TrimSpace(c.Message), "."); said != "" {
		f.Message += ": " + said
	}
	f.Evidence = []finding.Evidence{{Kind: "condition", Of: on.Where(at), Value: c.Type + "=" + string(c.Status) + " " + c.Reason, Time: f.Since}}
	return f
}

// silent reports whether an object is older than a controller may take.
func silent(w *rules.World, on *model.Object) bool {
	return w.Now.Sub(on.Meta().GetCreationTimestamp().Time) > patience
}

// reportGateway reports a Gateway that is not in effect, or those of its
// listeners that are not.
func reportGateway(w *rules.World, emit rules.Emit, gw model.Item[gatewayv1.Gateway]) {
	if gw.Value.DeletionTimestamp != nil {
		return
	}
	class := model.GatewayClasses.Ref("", string(gw.Value.Spec.GatewayClassName))
	if absence, missing := w.Missing(model.GatewayClasses.Kind, "", class.Name); missing {
		f := emit(gw.Object, "/spec/gatewayClassName", "%s %s", class, absence)
		f.Related = []ref.Ref{class}
		rules.Weigh(f, absence)
		return
	}
	// Listeners say more exactly what is wrong.
	found := false
	for i, l := range gw.Value.Status.Listeners {
		f := reportConditions(w, emit, gw.Object, patch.Pointer("status", "listeners", i, "conditions"), "listener "+string(l.Name), l.Conditions)
		found = found || f != nil
	}
	if !found {
		if f := reportConditions(w, emit, gw.Object, "/status/conditions", "Gateway", gw.Value.Status.Conditions); f != nil {
			f.Related = []ref.Ref{class}
		}
	}
}

// reportRoute reports the parents at which a route is not in effect.
func reportRoute(w *rules.World, emit rules.Emit, r route) {
	if r.Meta().GetDeletionTimestamp() != nil {
		return
	}
	if len(r.status) == 0 && len(r.parents) > 0 && silent(w, r.Object) {
		unanswered(w, emit, r)
		return
	}
	for i, p := range r.status {
		parent := model.Gateways.Ref(model.NamespaceOf(p.ParentRef.Namespace, r.Ref.Namespace), string(p.ParentRef.Name))
		if p.ParentRef.Kind != nil {
			parent.Kind = string(*p.ParentRef.Kind)
		}
		if p.ParentRef.Group != nil {
			parent.Group = string(*p.ParentRef.Group)
		}
		f := reportConditions(w, emit, r.Object, patch.Pointer("status", "parents", i, "conditions"), "at "+parent.String(), p.Conditions)
		if f == nil {
			continue
		}
		f.Related = append(f.Related, parent)
		for _, b := range routeBackends(r) {
			f.Related = append(f.Related, model.Services.Ref(b.namespace, b.name))
		}
	}
}

// unanswered says why a route has no status: there is nobody to write it.
func unanswered(w *rules.World, emit rules.Emit, r route) {
	before := false
	resolveParents(w, func(on *model.Object, pointer, format string, args ...any) *finding.Finding {
		before = true
		return emit(on, pointer, format, args...)
	}, r)
	if !before {
		f := emit(r.Object, "/spec/parentRefs", "no controller has answered for any parent")
		f.Confidence = finding.Likely
		f.Hint = "is the controller of the Gateway's class installed and running?"
	}
}
