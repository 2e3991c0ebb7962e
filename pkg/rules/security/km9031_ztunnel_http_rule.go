// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9031", Slug: "ztunnel-http-rule", Severity: finding.Warning,
	Short: "AuthorizationPolicy asks ztunnel for what it does not do",
	Why: `In ambient mode ztunnel carries out the policies that select workloads, and it knows connections, not
requests. An ALLOW rule that asks for a method, path, host, header or token is left out, so that it lets
nobody in. A DENY rule that asks for nothing else denies nobody; one that asks for more loses the part
about requests and denies more than it says. The actions AUDIT and CUSTOM do not exist there.`,
	Fix:       "Put rules about requests into a policy with targetRefs, for a waypoint to carry out.",
	Reference: "https://istio.io/latest/docs/ambient/usage/l7-features/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.AuthorizationPolicies.Kind, model.Namespaces.Kind}),
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkZtunnel,
})

func checkZtunnel(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	for _, p := range view.all {
		ambient := slices.DeleteFunc(slices.Clone(view.workloads(p)), func(of *model.Workload) bool { return dataplaneOf(w, of) != model.AmbientProxy })
		if len(ambient) == 0 {
			continue
		}
		say := func(at, format string, args ...any) *finding.Finding {
			f := emit(p.Object, at, format, args...)
			f.Reason = f.Message
			f.Message = "in ambient mode (" + rules.FewOf(model.Refs(ambient)) + ") " + f.Message
			f.Related = model.Refs(ambient[:min(len(ambient), 20)])
			f.Hint = "put rules about requests into a policy with targetRefs, for a waypoint"
			if w.Partial {
				f.Confidence = finding.Likely
			}
			return f
		}
		if !p.allows() && !p.denies() {
			say(p.Existing("/spec", "/action"), "ztunnel does not know action %s", p.spec().GetAction())
			continue
		}
		for i, rule := range p.spec().GetRules() {
			at := httpAttribute(rule, i)
			switch {
			case at == "":
			case p.allows():
				say(at, "%s asks for HTTP attributes, so that ztunnel leaves it out and lets nobody in by it", number(i))
			case onlyRequests(rule):
				say(at, "%s asks for HTTP attributes only, so that ztunnel denies nobody by it", number(i)).Severity = finding.Error
			default:
				say(at, "%s asks for HTTP attributes, which ztunnel does not see: it denies by the rest of the rule", number(i))
			}
		}
	}
}

// onlyRequests reports whether a rule has nothing that a connection shows.
func onlyRequests(rule *securityv1.Rule) bool {
	for _, l := range lists(&securityv1.AuthorizationPolicy{Rules: []*securityv1.Rule{rule}}) {
		if l.is("principals", "namespaces", "serviceAccounts", "trustDomains", "ipBlocks", "ports",
			"source.principal", "source.namespace", "source.serviceAccount", "source.ip", "destination.ip", "destination.port") {
			return false
		}
	}
	return true
}
