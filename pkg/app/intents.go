// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// Intents are the calls of a system as package policy takes them: one for each
// workload, by name. A System that [Generate] refuses has none.
//
// The policies of [Generate] let through just that, which is tested: they are
// written here, and not by package policy, as they have other names and select by
// one label, which linters ask for. Callers that no intent can name (all pods of a
// namespace, an Ingress controller) leave the callers of a workload unsaid.
func Intents(s api.System) []api.ServiceIntents {
	if check(s) != nil {
		return nil
	}
	y := fill(s, Options{})
	var out []api.ServiceIntents
	for _, s := range y.services {
		callers, calls := s.intendedCallers(), s.intendedCalls()
		for _, e := range s.editions() {
			out = append(out, api.ServiceIntents{
				TypeMeta: api.Type(api.KindServiceIntents),
				Metadata: api.IntentsMeta{Name: e.instance, Namespace: y.Metadata.Namespace},
				Spec:     api.ServiceIntentsSpec{Workload: e.workloadName(), Callers: slices.Clone(callers), Calls: slices.Clone(calls)},
			})
		}
	}
	return out
}

// workloadName is how intents call what runs an edition.
func (s *service) workloadName() string {
	short := map[string]string{kindStateful: "sts", kindJob: "job", kindCronJob: "cronjob"}[s.Kind]
	if short == "" {
		short = "deploy"
	}
	return short + "/" + s.instance
}

// intendedCallers are nil where somebody may call whom no intent can name.
func (s *service) intendedCallers() []api.Caller {
	if s.Open || s.Expose != nil && s.of.Platform.Ingress.API == edgeIngress {
		return nil
	}
	out := []api.Caller{}
	for _, c := range s.callers {
		for _, e := range c.from.editions() {
			out = append(out, api.Caller{From: e.workloadName(), Ports: []int32{c.port.target}, HTTP: s.intendedRequests(c)})
		}
	}
	if s.Expose != nil {
		out = append(out, api.Caller{From: fmt.Sprintf("gateway/%s/%s", s.of.gatewayNS, s.of.gateway), Ports: []int32{s.main().target}})
	}
	if s.reachedFromOutside() {
		out = append(out, api.Caller{From: "internet", Ports: targets(s.serving())})
	}
	if m := s.metrics(); m != nil {
		out = append(out, api.Caller{From: "prometheus", Ports: []int32{m.target}})
	}
	return out
}

// intendedRequests are what one caller may ask for; none stands for all.
func (s *service) intendedRequests(c call) []api.HTTPRequests {
	var out []api.HTTPRequests
	for _, a := range s.allowed(c) {
		out = append(out, api.HTTPRequests{Methods: a.Methods, Paths: a.Paths})
	}
	return out
}

func (s *service) intendedCalls() []api.Call {
	out := []api.Call{}
	for _, c := range s.calls {
		out = append(out, api.Call{To: fmt.Sprintf("svc/%s:%d", c.to.name, c.port.number)})
	}
	for _, o := range s.of.outside {
		switch {
		case !o.calledBy(s):
		case o.backing != nil:
			out = append(out, api.Call{To: fmt.Sprintf("%s/svc/%s:%d", o.namespace(), o.service(), o.port)})
		default:
			out = append(out, api.Call{To: fmt.Sprintf("external/%s:%d", o.host, o.port)})
		}
	}
	return out
}

func targets(ports []port) []int32 {
	var out []int32
	for _, p := range ports {
		out = append(out, p.target)
	}
	return out
}
