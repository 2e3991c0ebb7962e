// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"fmt"
	"strings"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8012", Slug: "fault-injection", Severity: finding.Warning,
	Short: "Fault injection is on",
	Why: `A route with a fault delays or fails a percentage of its requests on purpose. It is meant for
experiments, and easily left behind: nothing but the VirtualService says that the errors are made by the
proxy. A fault without a percentage does nothing.`,
	Fix:       `Remove the fault, or limit the route to the callers of the experiment with a match on a header.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection",
	Needs:     []*model.Kind{model.VirtualServices.Kind},
	Check:     checkFaults,
	Repair:    repairFault,
})

func checkFaults(w *rules.World, emit rules.Emit) {
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		routes := ways(&vs.Value.Spec)[0]
		for i, r := range vs.Value.Spec.GetHttp() {
			fault := r.GetFault()
			if fault == nil {
				continue
			}
			at := patch.Pointer("spec", "http", i, "fault")
			effects := faults(fault)
			if len(effects) == 0 {
				emit(vs.Object, at, "the fault of %s has no effect: it has no percentage above 0", routeName(vs, routes[i])).Severity = finding.Info
				continue
			}
			f := emit(vs.Object, at, "the proxy injects faults into %s: %s", routeName(vs, routes[i]), strings.Join(effects, ", "))
			if chosen(routes[i]) {
				f.Severity = finding.Info
			}
		}
	}
}

// faults describes what a fault does; the percentages default to 0 in Istio's
// API, whatever older examples say.
func faults(f *networkingv1.HTTPFaultInjection) []string {
	var out []string
	if d := f.GetDelay(); d != nil {
		//lint:ignore SA1019 Istio still reads it
		percent := float64(d.GetPercent())
		if d.GetPercentage() != nil {
			percent = d.GetPercentage().GetValue()
		}
		if percent > 0 {
			out = append(out, fmt.Sprintf("%g%% are delayed by %s", percent, d.GetFixedDelay().AsDuration()))
		}
	}
	if a := f.GetAbort(); a.GetPercentage().GetValue() > 0 {
		answer := fmt.Sprint(a.GetHttpStatus())
		if a.GetGrpcStatus() != "" {
			answer = "gRPC " + a.GetGrpcStatus()
		}
		out = append(out, fmt.Sprintf("%g%% are answered with %s", a.GetPercentage().GetValue(), answer))
	}
	return out
}

// chosen reports whether a route takes the requests of chosen callers only, as
// experiments do: each match asks for a header.
func chosen(x way) bool {
	for _, m := range x.matches {
		if len(m.http.GetHeaders()) == 0 {
			return false
		}
	}
	return true
}

func repairFault(_ *rules.World, r rules.Result) []rules.Fix {
	return []rules.Fix{rules.Change(rules.Review, "remove the fault", r.On, patch.Op{Op: patch.Remove, Path: r.Pointer})}
}
