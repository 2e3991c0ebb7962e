// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7002", Slug: "intent-blocked", Severity: finding.Error,
	Short: "NetworkPolicy denies traffic that other objects show is meant to be",
	Why: `A connection has to be allowed at both ends: by the policies for egress of the caller and by those
for ingress of the called. Here an object says that one workload calls another (an AuthorizationPolicy
lets it in, an environment variable names its Service) and a policy denies just that: calls end in a
time-out, whatever the AuthorizationPolicy says.`,
	Fix:       `Add the rule to the policy that is named, or drop what says that the traffic is meant to be.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.NetworkPolicies.Kind, model.Namespaces.Kind, model.Services.Kind, model.AuthorizationPolicies.Kind,
	}),
	Explains: []string{"KM1001", "KM1015"},
	Check:    checkIntents,
})

func checkIntents(w *rules.World, emit rules.Emit) {
	x := newPolicies(w)
	if len(x.byNamespace) == 0 {
		return
	}
	type pair struct {
		policy *model.Object
		d      direction
		from   string
		to     ref.Ref
	}
	found := map[pair]*finding.Finding{}
	for _, i := range slices.Concat(called(w), authorized(w)) {
		if i.to.Spec().HostNetwork || len(i.ports) == 0 || slices.ContainsFunc(i.from, func(f *model.Workload) bool { return f.Ref.Same(i.to.Ref) }) {
			continue
		}
		for _, d := range []direction{ingress, egress} {
			p, blocked := x.stops(i, d)
			if !blocked {
				continue
			}
			key := pair{p.Object, d, i.sender(), i.to.Ref}
			seen := finding.Evidence{Kind: "field", Of: i.by.String(), Value: i.why}
			if f := found[key]; f != nil {
				if !slices.Contains(f.Evidence, seen) {
					f.Evidence = append(f.Evidence, seen)
				}
				continue
			}
			f := reportIntent(emit, p, i, d)
			f.Evidence = []finding.Evidence{seen}
			f.Confidence = finding.Likely
			if x.foreign {
				x.weigh(f, false)
			}
			found[key] = f
		}
	}
}

// stops finds the policy that keeps an intent from all of its ports.
func (x *policies) stops(i intent, d direction) (policy, bool) {
	other := i.endpoints()
	isolating := x.isolating(i.to.Ref.Namespace, i.to.Template.Labels, ingress)
	namespace := i.to.Ref.Namespace
	if d == egress {
		if len(i.from) != 1 || i.from[0].Spec().HostNetwork {
			return policy{}, false
		}
		namespace = i.from[0].Ref.Namespace
		isolating = x.isolating(namespace, i.from[0].Template.Labels, egress)
		other = []endpoint{{namespace: i.to.Ref.Namespace, labels: labelsOf(i.to)}}
	}
	if _, gap := x.w.Gap(model.NetworkPolicies.GroupKind, namespace); gap || len(isolating) == 0 {
		return policy{}, false
	}
	for _, from := range other {
		for _, to := range i.ports {
			if x.allow(isolating, d, from, to) != no {
				return policy{}, false
			}
		}
	}
	return blamed(isolating, d), true
}

func reportIntent(emit rules.Emit, p policy, i intent, d direction) *finding.Finding {
	f := emit(p.Object, pointerOf(p, d), "%s may not reach %s%s: its %s is isolated and no rule allows it, but %s",
		i.sender(), i.to.Ref, portText(i.ports), strings.ToLower(string(d)), i.why)
	if d == ingress {
		f.Message = fmt.Sprintf("%s does not let in %s%s: its ingress is isolated and no rule allows it, but %s", i.to.Ref, i.sender(), portText(i.ports), i.why)
	}
	f.Related = []ref.Ref{i.to.Ref}
	for _, from := range i.from {
		f.Related = append(f.Related, from.Ref)
	}
	if !slices.Contains(f.Related, i.by) {
		f.Related = append(f.Related, i.by)
	}
	f.Hint = "the rule that would allow it: " + allowing(p, i, d)
	return f
}

// allowing writes the rule that a policy lacks.
func allowing(p policy, i intent, d direction) string {
	key, namespace, pods := "from", i.namespace, labels.Set(nil)
	if len(i.from) > 0 {
		namespace = i.from[0].Ref.Namespace
	}
	if len(i.from) == 1 {
		pods = selectorOf(i.from[0])
	}
	if d == egress {
		key, namespace, pods = "to", i.to.Ref.Namespace, selectorOf(i.to)
	}
	var peer []string
	if namespace != p.Ref.Namespace {
		peer = append(peer, "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "+namespace+"}}")
	}
	if len(pods) > 0 || len(peer) == 0 {
		peer = append(peer, "podSelector: {matchLabels: {"+strings.ReplaceAll(strings.ReplaceAll(pods.String(), "=", ": "), ",", ", ")+"}}")
	}
	out := "{" + key + ": [{" + strings.Join(peer, ", ") + "}]"
	if i.ports[0].number != 0 {
		out += fmt.Sprintf(", ports: [{port: %d}]", i.ports[0].number)
	}
	return out + "}"
}

// selectorOf are the labels that tell a workload's pods from others.
func selectorOf(w *model.Workload) labels.Set {
	if w.Selector != nil && len(w.Selector.MatchLabels) > 0 {
		return w.Selector.MatchLabels
	}
	return w.Template.Labels
}

func portText(ports []port) string {
	if len(ports) == 0 || ports[0].number == 0 {
		return ""
	}
	return fmt.Sprintf(" on port %d", ports[0].number)
}
