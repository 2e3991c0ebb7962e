// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9013", Slug: "policy-blocks-platform", Severity: finding.Warning,
	Short: "AuthorizationPolicy blocks probes, Prometheus or the gateway",
	Why: `Once an ALLOW policy is there, requests that no rule matches are denied, and that goes for the
platform as well: for the ingress gateway, which comes with its own identity; for Prometheus, which
scrapes the application's port and has no identity as a rule; and for the probes of kubelet, where their
rewriting is turned off, so that they meet the proxy like any request in plaintext.`,
	Fix: `Add a rule for each: the gateway's principal; the metrics port and path, or scrape the merged
metrics on port 15020, which no policy guards; the probe's port and path, or turn the rewriting of
probes on again.`,
	Reference: "https://istio.io/latest/docs/ops/configuration/security/security-policy-examples/",
	Needs: slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.Services.Kind, model.ServiceEntries.Kind, model.ConfigMaps.Kind,
		model.ServiceMonitors.Kind, model.PodMonitors.Kind, model.VirtualServices.Kind, model.IstioGateways.Kind,
		model.HTTPRoutes.Kind, model.Gateways.Kind,
	}),
	Explains: []string{"KM1004", "KM1014", "KM1015", "KM2001", "KM3002"},
	Check:    checkPlatform,
	Repair:   repairPlatform,
})

// guest is a part of the platform that visits workloads.
type guest struct {
	who    string
	visits func(*rules.World) []visit
	// broken is true where requests certainly fail, as far as they are in view.
	broken bool
}

var guests = []guest{
	{"the ingress gateway", gatewayVisits, true},
	{"Prometheus", scrapeVisits, false},
	{"the probes of kubelet", probeVisits, true},
}

// blocked is a visit that a policy keeps out.
type blocked struct {
	visit
	policy policy
	guest  guest
	// by are all policies that had a say.
	by []policy
}

// blockedVisits lists what policies keep out, guest by guest.
func blockedVisits(w *rules.World) []blocked {
	view := newAuthz(w)
	if len(view.all) == 0 {
		return nil
	}
	var out []blocked
	for _, g := range guests {
		for _, v := range g.visits(w) {
			ns := v.To.Ref.Namespace
			if !captured(v.To, v.Port) || !view.readable(ns) || w.Mesh(v.To) == rules.MeshOut {
				continue
			}
			policies := view.of(v.To)
			if v.admitted(policies) == no {
				out = append(out, blocked{v, culprit(policies, v), g, policies})
			}
		}
	}
	return out
}

// culprit is the policy to change: the one that denies, or the first that allows.
func culprit(policies []policy, v visit) policy {
	for _, p := range policies {
		if p.denies() && v.admitted([]policy{p}) == no {
			return p
		}
	}
	for _, p := range policies {
		if p.allows() && len(p.spec().GetRules()) > 0 {
			return p
		}
	}
	return policies[max(0, slices.IndexFunc(policies, policy.allows))]
}

func checkPlatform(w *rules.World, emit rules.Emit) {
	type key struct {
		policy *model.Object
		who    string
	}
	var order []key
	groups := map[key][]blocked{}
	for _, b := range blockedVisits(w) {
		k := key{b.policy.Object, b.guest.who}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], b)
	}
	for _, k := range order {
		report(w, emit, groups[k])
	}
}

// report emits one finding for the visits of one guest that one policy keeps out.
func report(w *rules.World, emit rules.Emit, same []blocked) {
	b := same[0]
	why := "no rule lets"
	if b.policy.denies() {
		why = "a rule keeps"
	}
	end := " in"
	if b.policy.denies() {
		end = " out"
	}
	at := "/spec/rules"
	if len(b.policy.spec().GetRules()) == 0 {
		at = ""
	}
	f := emit(b.policy.Object, at, "%s %s%s: %s comes to %s", why, b.guest.who, end, comer(b), target(b))
	if len(same) > 1 {
		f.Message += fmt.Sprintf(" (and %d more)", len(same)-1)
		f.Reason = fmt.Sprintf("%s %s%s: %s comes to %s", why, b.guest.who, end, comer(b), target(b))
	}
	f.Confidence = finding.Likely
	seen := !slices.ContainsFunc(b.Callers, func(c caller) bool { return len(c.Hints) > 0 })
	if b.guest.broken && seen && policiesKnown(w, b.To.Ref.Namespace) && !w.Offline {
		f.Severity = finding.Error
	}
	for _, s := range same {
		// Only what probes find out makes a workload fail: what is behind the other
		// doors takes part in no further fault, and is not related for that reason.
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: s.By.Where(s.At), Value: comer(s) + " comes to " + target(s)})
		f.Related = append(f.Related, s.By.Ref)
		for _, p := range s.by {
			if p.allows() && p.Object != s.policy.Object {
				f.Related = append(f.Related, p.Ref)
			}
		}
	}
	f.Related = slices.DeleteFunc(unique(f.Related), func(r ref.Ref) bool { return r == b.policy.Ref })
	f.Hint = "add a rule for it"
	if b.guest.who == "Prometheus" {
		f.Hint = "add a rule for the port, or scrape the merged metrics on port 15020 of the sidecar"
	}
}

// comer is who comes, as far as it is known.
func comer(b blocked) string {
	if c := b.Callers[0]; c.Account != "" && len(c.TrustDomains) > 0 {
		return principal{c.TrustDomains[0], c.Namespace, c.Account}.String() + " of " + b.By.Ref.String()
	}
	if b.By == b.To.Object {
		return "a request without identity"
	}
	return b.By.Ref.String()
}

// target is where it comes to.
func target(b blocked) string {
	out := b.To.Ref.String()
	if b.Port != 0 {
		out = fmt.Sprintf("port %d of %s", b.Port, out)
	}
	if b.Path != "" {
		out += fmt.Sprintf(", path %s", b.Path)
	}
	return out
}

func repairPlatform(w *rules.World, r rules.Result) []rules.Fix {
	for _, b := range blockedVisits(w) {
		if b.policy.Object != r.On || b.policy.denies() || r.Pointer == "" || !strings.Contains(r.Message, b.guest.who) {
			continue
		}
		rule := map[string]any{}
		operation := map[string]any{}
		if b.Port != 0 {
			operation["ports"] = []any{strconv.Itoa(int(b.Port))}
		}
		if b.Path != "" {
			operation["methods"], operation["paths"] = []any{b.Method}, []any{b.Path}
		}
		if len(operation) > 0 {
			rule["to"] = []any{map[string]any{"operation": operation}}
		}
		if c := b.Callers[0]; c.Account != "" && len(c.TrustDomains) > 0 {
			name := principal{c.TrustDomains[0], c.Namespace, c.Account}.String()
			rule["from"] = []any{map[string]any{"source": map[string]any{"principals": []any{name}}}}
		} else if b.Path == "" {
			continue // would let everybody in
		}
		return []rules.Fix{rules.Change(rules.Review, "let "+b.guest.who+" in", r.On, patch.Op{Op: patch.Add, Path: "/spec/rules/-", Value: rule})}
	}
	return nil
}
