// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Known are the intents of the workloads of a namespace as far as manifests tell:
// addresses in command lines, environments and ConfigMaps, routes of gateways,
// monitors, exposed Services and the accounts that AuthorizationPolicies name.
// What only the code knows is not in them. A workload of which no caller is known
// has no list of callers at all; one without ports has an empty list. Calls are
// given with Options.Egress only. The notices are callers that are known but
// cannot be found.
func Known(s *model.Snapshot, namespace string, o Options) ([]api.ServiceIntents, []Notice) {
	return newWorld(s, o).known(namespace)
}

func (w *world) known(namespace string) ([]api.ServiceIntents, []Notice) {
	var out []api.ServiceIntents
	var lost []Notice
	for _, of := range w.Workloads(namespace) {
		if _, err := w.selector(of); err != nil || of.Spec().HostNetwork {
			continue
		}
		in := api.ServiceIntents{TypeMeta: api.Type(api.KindServiceIntents), Metadata: api.IntentsMeta{Name: of.Ref.Name, Namespace: of.Ref.Namespace}}
		in.Spec.Workload, in.Places = endOf(of).text(of.Ref.Namespace), map[string]string{}
		lost = append(lost, w.knownCallers(of, &in)...)
		if in.Spec.Callers == nil && len(w.ports(of)) == 0 {
			in.Spec.Callers = []api.Caller{}
		}
		if w.o.Egress {
			lost = append(lost, w.knownCalls(of, &in)...)
		}
		out = append(out, in)
	}
	return out, lost
}

// knownCallers notes who calls a workload, sorted, the ports of one caller
// together, with the places that tell of it.
func (w *world) knownCallers(of *model.Workload, in *api.ServiceIntents) []Notice {
	ns := of.Ref.Namespace
	ports, where, runs := map[end][]port{}, map[end]string{}, map[end][]*model.Workload{}
	var ends []end
	var lost []Notice
	for _, e := range w.callers()[of] {
		from, err := w.source(e.from)
		if err != nil {
			lost = append(lost, about(of.Ref, e.where, "name it in a ServiceIntents: - from: NAMESPACE/deploy/NAME", "%s: %s, but what runs the caller is not in view", them, e.why))
			continue
		}
		// A gateway may be known as one and as the workload that it is.
		key := e.from
		for _, other := range ends {
			if len(from.workloads) > 0 && slices.Equal(runs[other], from.workloads) {
				key = other
			}
		}
		if _, has := ports[key]; !has {
			ends = append(ends, key)
			where[key], runs[key] = e.where, from.workloads
		}
		ports[key] = append(ports[key], e.ports...)
	}
	slices.SortFunc(ends, compareEnds)
	all := w.ports(of)
	for i, from := range ends {
		c := api.Caller{From: from.text(ns)}
		if need := tidy(ports[from]); from.kind != prometheusEnd && !slices.EqualFunc(need, all, same) {
			c.Ports = numbers(need)
		}
		in.Spec.Callers = append(in.Spec.Callers, c)
		in.Places[patch.Pointer("spec", "callers", i)] = where[from]
	}
	return tidyNotices(lost)
}

// knownCalls notes what a workload calls, as a gateway too, sorted; an empty list
// if nothing.
func (w *world) knownCalls(of *model.Workload, in *api.ServiceIntents) []Notice {
	var ends []end
	var lost []Notice
	where := map[end]string{}
	for _, e := range w.calls()[of] {
		if e.to != nil && e.svc.Name == "" { // Prometheus dials pods
			lost = append(lost, Notice{On: of.Ref, Where: e.where, Text: fmt.Sprintf("%s calls %s without a Service: its egress would be closed to it", of.Ref.Short(), e.to.Ref.Short()), Fix: "leave the egress of " + of.Ref.Short() + " open"})
			continue
		}
		if to := e.call(); !slices.Contains(ends, to) {
			ends = append(ends, to)
			where[to] = e.where
		}
	}
	all := slices.Clone(ends)
	ends = slices.DeleteFunc(ends, func(e end) bool {
		whole := e
		whole.port = ""
		return e.kind == serviceEnd && e.port != "" && slices.Contains(all, whole)
	})
	slices.SortFunc(ends, compareEnds)
	in.Spec.Calls = []api.Call{}
	for i, to := range ends {
		in.Spec.Calls = append(in.Spec.Calls, api.Call{To: to.text(of.Ref.Namespace)})
		in.Places[patch.Pointer("spec", "calls", i)] = where[to]
	}
	return tidyNotices(lost)
}

// authorized are the edges of the accounts that AuthorizationPolicies of others
// let in by name, beside those that are known already.
func (w *world) authorized(told []edge) []edge {
	known := map[[2]*model.Workload]bool{}
	for _, e := range told {
		known[[2]*model.Workload{e.sender, e.to}] = true
	}
	var out []edge
	for _, of := range w.Workloads("") {
		for _, p := range w.authorizing(of, allow, "") {
			if ours(p.Object) {
				continue
			}
			for _, rule := range p.Value.Spec.GetRules() {
				for _, from := range rule.GetFrom() {
					for _, text := range from.GetSource().GetPrincipals() {
						a, ok := parsePrincipal(text)
						if !ok {
							continue
						}
						for _, sender := range w.runningAs(a) {
							if known[[2]*model.Workload{sender, of}] {
								continue // what it is configured with says more
							}
							out = append(out, w.letIn(p, sender, of)...)
						}
					}
				}
			}
		}
	}
	return out
}

// letIn are the edges of a caller that a policy names, by way of the Services of
// what it calls.
func (w *world) letIn(p authorization, sender, of *model.Workload) []edge {
	var out []edge
	for _, svc := range w.InFront(of) {
		all := w.through(edge{from: endOf(sender), sender: sender, by: p.Ref, where: p.Where("/spec/rules"), why: p.Ref.String() + " lets it in"}, svc)
		out = append(out, slices.DeleteFunc(all, func(e edge) bool { return e.to != of })...)
	}
	return out
}

// runningAs are the workloads that run as an account.
func (w *world) runningAs(a account) []*model.Workload {
	return slices.DeleteFunc(slices.Clone(w.Workloads(a.namespace)), func(of *model.Workload) bool { return of.Account() != a.name })
}
