// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

var _ = family.Add(rules.Rule{
	ID: "KM8009", Slug: "weights", Severity: finding.Error,
	Short: "Weights of a route that Istio rejects or ignores",
	Why: `Weights are ratios: a destination gets its weight divided by the sum of the route's weights, which
need not be 100. Istio rejects negative weights and a sum of 0. A route's only destination gets
every request, whatever its weight says, even 0; and beside others, a destination without a weight
gets nothing.`,
	Fix:       `Give each of several destinations a weight, and an only destination none.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination",
	Aliases:   []string{"KIA1104"},
	Needs:     []*model.Kind{model.VirtualServices.Kind},
	Check:     checkWeights,
	Repair:    repairWeights,
})

func checkWeights(w *rules.World, emit rules.Emit) {
	for _, r := range allRoutes(w) {
		checkRoute(emit, r.vs, r.Route)
	}
}

func checkRoute(emit rules.Emit, o *model.Object, r traffic.Route) {
	sum := 0
	for _, l := range r.Legs {
		sum += l.Written
		if l.Written < 0 {
			emit(o, l.Pointer+"/weight", "weight %d of %s is negative, which Istio rejects", l.Written, l.Backend)
		}
	}
	if len(r.Legs) == 1 {
		lone(emit, o, r.Legs[0])
		return
	}
	if len(r.Legs) > 1 && sum == 0 {
		f := emit(o, r.Pointer+"/route", "all %d destinations of %s have weight 0, which Istio rejects", len(r.Legs), r.ID())
		f.Reason = "sum of weights 0"
		return
	}
	for _, l := range r.Legs {
		if !l.Explicit {
			f := emit(o, l.Pointer, "%s has no weight beside others that have one: it gets no requests", l.Backend)
			f.Severity = finding.Warning
			f.Hint = "write weight: 0 if that is meant"
		}
	}
}

// lone reports the weight of a route's only destination, which is ignored.
func lone(emit rules.Emit, o *model.Object, l traffic.Leg) {
	if !l.Explicit || l.Written < 0 {
		return
	}
	f := emit(o, l.Pointer+"/weight", "weight %d of %s is ignored: the only destination of a route gets every request", l.Written, l.Backend)
	f.Severity = finding.Info
	if l.Written == 0 {
		f.Severity = finding.Warning
		f.Hint = "to send it nothing, route somewhere else, or answer with directResponse"
	}
}

// repairWeights drops what is ignored and writes out what is left to the default.
func repairWeights(w *rules.World, r rules.Result) []rules.Fix {
	router, _ := traffic.RouterOf(model.VirtualServices.GroupKind)
	for _, route := range router.Routes(w.Snapshot, r.On) {
		for _, l := range route.Legs {
			weight := l.Pointer + "/weight"
			switch {
			case r.Pointer == weight && len(route.Legs) == 1 && l.Written >= 0:
				return []rules.Fix{rules.Change(rules.Safe, "drop the weight of the only destination", r.On, patch.Op{Op: patch.Remove, Path: weight})}
			case r.Pointer == l.Pointer && len(route.Legs) > 1 && !l.Explicit:
				title := fmt.Sprintf("write weight 0 for %s", l.Backend)
				return []rules.Fix{rules.Change(rules.Safe, title, r.On, patch.Op{Op: patch.Add, Path: weight, Value: int64(0)})}
			}
		}
	}
	return nil
}
