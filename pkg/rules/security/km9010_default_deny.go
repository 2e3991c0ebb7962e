// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9010", Slug: "default-deny", Severity: finding.Warning,
	Short: "ALLOW policy shuts callers out that nobody had in mind",
	Why: `Without an ALLOW policy a workload takes every request. The first one turns that round: whoever no
rule of any ALLOW policy matches is denied, on every port. An ALLOW policy without rules, and that is
what an empty spec means, therefore denies everything.`,
	Fix: `Write a rule for each caller there is. To allow everything, write one empty rule: rules: [{}]. Name
a policy that is meant to deny all so that one can see it: deny-all.`,
	Reference: "https://istio.io/latest/docs/concepts/security/#implicit-enablement",
	Needs: slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.Services.Kind, model.Ingresses.Kind, model.ConfigMaps.Kind, model.ServiceMonitors.Kind,
	}),
	Check: checkDefaultDeny,
})

func checkDefaultDeny(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	shut := newShutOut(w, view)
	for _, p := range view.all {
		switch {
		case !p.allows():
		case len(p.spec().GetRules()) == 0:
			denyAll(w, view, p, emit)
		case view.readable(p.Ref.Namespace) && p.Ref.Namespace != w.RootNamespace:
			shut.report(p, emit)
		}
	}
}

// denyAll reports a policy that denies by having no rules.
func denyAll(w *rules.World, view *authz, p policy, emit rules.Emit) {
	workloads := view.workloads(p)
	denied := slices.DeleteFunc(slices.Clone(workloads), func(of *model.Workload) bool {
		return slices.ContainsFunc(view.of(of), func(o policy) bool { return o.allows() && len(o.spec().GetRules()) > 0 })
	})
	if len(denied) == 0 && (len(workloads) > 0 || !p.selector.Empty()) || p.selector.Empty() && len(denied) < len(workloads) {
		return // nothing is denied by it, or it is the floor on which others build
	}
	at := ""
	if _, has := p.Raw()["spec"]; has {
		at = "/spec"
	}
	whom := "workloads " + where(w, p.Ref.Namespace)
	if len(denied) > 0 {
		whom = rules.FewOf(model.Refs(denied))
	}
	f := emit(p.Object, at, "an ALLOW policy without rules denies every request to %s", whom)
	f.Related = model.Refs(denied)
	f.Hint = "rules: [{}] would allow every request"
	if p.selector.Empty() || meantToDeny(p) {
		f.Severity = finding.Info
	}
}

// meantToDeny reports whether a policy says of itself that it denies.
func meantToDeny(p policy) bool {
	words := []string{"deny", "nothing", "nobody", "block", "lock", "default", "isolat", "quarantine"}
	said := strings.ToLower(p.Ref.Name + fmt.Sprint(p.Value.Annotations))
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(said, word) })
}

// shutOut finds known callers that no rule lets in.
type shutOut struct {
	w        *rules.World
	view     *authz
	trust    []string
	services map[string][]service
	refs     map[string][]reference
	doors    map[string][]door
}

func newShutOut(w *rules.World, view *authz) *shutOut {
	x := &shutOut{w: w, view: view, services: map[string][]service{}, doors: map[string][]door{}}
	if len(view.all) == 0 {
		return x // the search for callers is the dear part
	}
	x.trust, _ = trustDomains(w)
	for _, svc := range model.Services.In(w.Snapshot, "") {
		x.services[svc.Ref.Namespace] = append(x.services[svc.Ref.Namespace], svc)
	}
	for _, d := range ingressDoors(w) {
		key := d.Service.Ref.String()
		x.doors[key] = append(x.doors[key], d)
	}
	x.refs = references(w)
	return x
}

// knownCaller is somebody who calls, and why we think so.
type knownCaller struct {
	name string
	object,
	service ref.Ref
	seen finding.Evidence
	request
}

// report emits one finding for all known callers that a policy keeps out.
func (x *shutOut) report(p policy, emit rules.Emit) {
	var out []knownCaller
	var related []ref.Ref
	for _, svc := range x.services[p.Ref.Namespace] {
		selector := labels.Set(svc.Value.Spec.Selector)
		if len(selector) == 0 {
			continue
		}
		targets := x.w.Behind(svc).Workloads
		if !p.selector.Matches(selector) && !slices.ContainsFunc(targets, func(of *model.Workload) bool { return selects(p.selector, of) }) {
			continue
		}
		policies, of := x.governing(p, selector, targets)
		if len(policies) == 0 || policies[0].Object != p.Object {
			continue // none, or another policy is the first
		}
		before := len(out)
		for _, c := range x.callers(p, svc, of) {
			if allowed(policies, c.request) == no {
				out = append(out, c)
			}
		}
		if len(out) > before {
			related = append(related, svc.Ref)
			related = append(related, model.Refs(targets)...)
		}
	}
	if len(out) == 0 {
		return
	}
	var names []ref.Ref
	what := map[string]bool{}
	var text []string
	for _, c := range out {
		names = append(names, c.object)
		if !what[c.name] {
			what[c.name] = true
			text = append(text, c.name)
		}
	}
	f := emit(p.Object, "/spec/rules", "whoever no rule matches is denied, and none matches %s", rules.Few(text, 3))
	f.Reason = "whoever no rule matches is denied, and none matches " + text[0]
	f.Confidence = finding.Likely
	for _, c := range out {
		f.Evidence = append(f.Evidence, c.seen)
	}
	f.Related = unique(slices.Concat(related, names))
	f.Hint = "add a rule for each of them that is to get in"
}

// governing are the ALLOW policies with rules that the pods of a Service obey,
// and one workload they are of; where no workload is in view, those that select
// what the Service selects.
func (x *shutOut) governing(p policy, selector labels.Set, targets []*model.Workload) ([]policy, *model.Workload) {
	var all []policy
	var of *model.Workload
	for _, t := range targets {
		if selects(p.selector, t) && x.w.Mesh(t) != rules.MeshOut {
			of, all = t, x.view.of(t)
			break
		}
	}
	if len(targets) == 0 && x.w.Partial {
		for _, o := range slices.Concat(x.view.byNamespace[x.w.RootNamespace], x.view.byNamespace[p.Ref.Namespace]) {
			if o.selector.Matches(selector) {
				all = append(all, o)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(o policy) bool { return !o.allows() || len(o.spec().GetRules()) == 0 }), of
}

// callers lists who is known to call a Service.
func (x *shutOut) callers(p policy, svc service, of *model.Workload) []knownCaller {
	port := int32(0)
	if only := portOf(svc, 0, ""); only != nil && of != nil {
		port = podPort(of, only)
	}
	var out []knownCaller
	switch t := svc.Value.Spec.Type; t {
	case corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort:
		out = append(out, knownCaller{
			name: fmt.Sprintf("requests from outside through %s, which have no identity", svc.Ref), object: svc.Ref, service: svc.Ref, request: request{Port: port},
			seen: finding.Evidence{Kind: "field", Of: svc.Where("/spec/type"), Value: "type: " + string(t)},
		})
	}
	if len(identities(p.spec())) == 0 { // KM9009 has those that an identity keeps out
		for _, d := range x.doors[svc.Ref.String()] {
			out = append(out, knownCaller{
				name: d.String(), object: d.From.Ref, service: svc.Ref, request: request{Port: port, Path: d.Path},
				seen: finding.Evidence{Kind: "field", Of: d.From.Where(d.At), Value: "routes to " + svc.Ref.String()},
			})
		}
	}
	if of == nil { // else KM9013 knows which port is scraped
		out = append(out, x.scraper(svc)...)
	}
	for _, r := range x.refs[svc.Ref.String()] {
		if of != nil && r.By.Ref == of.Ref {
			continue
		}
		c := knownCaller{name: r.By.Ref.String(), object: r.By.Ref, service: svc.Ref, request: request{Port: port}}
		if x.w.Mesh(r.By) != rules.MeshOut {
			c.caller = caller{Namespace: r.By.Ref.Namespace, Account: r.By.Account(), TrustDomains: x.trust}
		}
		c.seen = finding.Evidence{Kind: "field", Of: r.By.Where(r.At), Value: "names " + svc.Ref.String()}
		out = append(out, c)
	}
	return out
}

// scraper is Prometheus, where a monitor selects a Service, or selects none that
// is in view: then the namespace is monitored, for all that is known this Service
// too.
func (x *shutOut) scraper(svc service) []knownCaller {
	for _, m := range model.ServiceMonitors.In(x.w.Snapshot, svc.Ref.Namespace) {
		want, err := metav1.LabelSelectorAsSelector(&m.Value.Spec.Selector)
		in := m.Value.Spec.NamespaceSelector
		if err != nil || in.Any || len(in.MatchNames) > 0 {
			continue
		}
		selected := func(s service) bool { return want.Matches(labels.Set(s.Value.Labels)) }
		seen := finding.Evidence{Kind: "field", Of: m.Where("/spec/selector"), Value: "selects " + svc.Ref.String()}
		if !selected(svc) {
			if slices.ContainsFunc(x.services[svc.Ref.Namespace], selected) {
				continue
			}
			seen.Value = "shows that namespace " + svc.Ref.Namespace + " is monitored"
		}
		return []knownCaller{{name: "Prometheus", object: m.Ref, service: svc.Ref, seen: seen}}
	}
	return nil
}
