// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strconv"
	"strings"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// accessed is who a rule of an AuthorizationPolicy lets in, and to what.
type accessed struct {
	from []end
	// anybody is true for a rule without identities; shared is true when an
	// account has more than one workload, so that from may be too long.
	anybody, shared bool
	ports           []int32
	http            []api.HTTPRequests
	user            *api.User
	where           string
}

// accessCallers are the rules that let requests in to a workload; limited is
// false where no policy demands that one matches.
func (x *inferrer) accessCallers(of *model.Workload) (out []accessed, limited bool) {
	x.foreign(of)
	own := map[int32]bool{}
	for _, rule := range x.needsAccess(of) {
		for _, n := range rule.ports {
			own[n] = true
		}
	}
	way, hasWay := x.waypoint(of)
	for _, p := range x.authorizing(of, allow, "") {
		limited = true
		for i, rule := range p.Value.Spec.GetRules() {
			for _, a := range x.accessRule(p, i, rule) {
				onlyOwn := a.anybody && len(a.ports) > 0 && a.user == nil && !slices.ContainsFunc(a.ports, func(n int32) bool { return !own[n] })
				if onlyOwn || hasWay && x.isWay(p, i, way) {
					continue
				}
				out = append(out, a)
			}
		}
	}
	if !hasWay {
		return out, limited
	}
	for _, p := range model.AuthorizationPolicies.In(x.Snapshot, of.Ref.Namespace) {
		if p.Value.Spec.GetAction() != allow || !x.targeted(p, of) {
			continue
		}
		limited = true
		for i, rule := range p.Value.Spec.GetRules() {
			out = append(out, x.accessRule(p, i, rule)...)
		}
	}
	return out, limited
}

// isWay reports whether a rule lets in a waypoint alone.
func (x *inferrer) isWay(p authorization, i int, w way) bool {
	var all []string
	for _, from := range p.Value.Spec.GetRules()[i].GetFrom() {
		all = append(all, from.GetSource().GetPrincipals()...)
	}
	return len(all) == 1 && all[0] == x.principal(w.namespace, w.name)
}

// accessRule reads a rule; each operation with ports of its own is one of the
// result.
func (x *inferrer) accessRule(p authorization, i int, rule *securityv1.Rule) []accessed {
	at := patch.Pointer("spec", "rules", i)
	who, ok := x.who(p, at, rule)
	if !ok {
		return nil
	}
	if who.user, ok = x.user(p, at, rule); !ok {
		return nil
	}
	who.where = p.Where(at)
	out := []accessed{}
	for j, to := range rule.GetTo() {
		op := to.GetOperation()
		if len(op.GetHosts())+len(op.GetNotHosts())+len(op.GetNotMethods())+len(op.GetNotPaths())+len(op.GetNotPorts()) > 0 {
			x.unsaid(p.Object, at+patch.Pointer("to", j), "hosts and exceptions are no intent")
			continue
		}
		one := who
		for _, text := range op.GetPorts() {
			if n, err := strconv.ParseInt(text, 10, 32); err == nil {
				one.ports = append(one.ports, int32(n))
			}
		}
		h := api.HTTPRequests{Methods: op.GetMethods(), Paths: op.GetPaths()}
		if len(h.Methods)+len(h.Paths) > 0 {
			one.http = []api.HTTPRequests{h}
		}
		last := len(out) - 1
		if last >= 0 && slices.Equal(out[last].ports, one.ports) && len(one.http) > 0 && len(out[last].http) > 0 {
			out[last].http = append(out[last].http, h)
			continue
		}
		out = append(out, one)
	}
	if len(rule.GetTo()) == 0 {
		out = append(out, who)
	}
	return out
}

// who reads the sources of a rule. ok is false for what is no intent.
func (x *inferrer) who(p authorization, at string, rule *securityv1.Rule) (out accessed, ok bool) {
	out.anybody = len(rule.GetFrom()) == 0
	for j, from := range rule.GetFrom() {
		s := from.GetSource()
		here := at + patch.Pointer("from", j)
		if len(s.GetNotPrincipals())+len(s.GetNotNamespaces())+len(s.GetNotRequestPrincipals())+len(s.GetIpBlocks())+len(s.GetNotIpBlocks())+
			len(s.GetRemoteIpBlocks())+len(s.GetNotRemoteIpBlocks())+len(s.GetServiceAccounts())+len(s.GetNotServiceAccounts()) > 0 {
			x.unsaid(p.Object, here, "addresses and exceptions are no caller of an intent")
			return out, false
		}
		out.anybody = out.anybody || len(s.GetPrincipals())+len(s.GetNamespaces()) == 0
		for _, text := range s.GetPrincipals() {
			a, is := parsePrincipal(text)
			if !is {
				x.unsaid(p.Object, here, "the pattern %q is no caller of an intent", text)
				continue
			}
			x.running(&out, a)
		}
		for _, ns := range s.GetNamespaces() {
			for _, of := range x.Workloads(ns) {
				out.shared = true
				out.from = append(out.from, x.called(of))
			}
		}
	}
	slices.SortFunc(out.from, compareEnds)
	out.from = slices.Compact(out.from)
	return out, true
}

// running adds what runs as an account; the account itself where nothing does.
func (x *inferrer) running(out *accessed, a account) {
	n := 0
	for _, of := range x.Workloads(a.namespace) {
		if of.Account() == a.name {
			n++
			out.from = append(out.from, x.called(of))
		}
	}
	out.shared = out.shared || n > 1
	if n == 0 {
		out.from = append(out.from, end{kind: accountEnd, namespace: a.namespace, name: a.name})
	}
}

// user reads whose token a rule demands.
func (x *inferrer) user(p authorization, at string, rule *securityv1.Rule) (*api.User, bool) {
	var out *api.User
	for _, from := range rule.GetFrom() {
		for _, text := range from.GetSource().GetRequestPrincipals() {
			i := strings.LastIndex(text, "/")
			if i <= 0 || out != nil || strings.Contains(text[:i], "*") {
				x.unsaid(p.Object, at, "the tokens of %q are no user of an intent", text)
				return nil, false
			}
			out = &api.User{Issuer: text[:i]}
			if subject := text[i+1:]; subject != "*" {
				out.Subject = subject
			}
		}
	}
	for _, c := range rule.GetWhen() {
		claim, is := strings.CutPrefix(c.GetKey(), "request.auth.claims")
		if !is || out == nil || len(c.GetNotValues()) > 0 {
			x.unsaid(p.Object, at+"/when", "the condition %s is no intent", c.GetKey())
			return nil, false
		}
		if strings.Count(claim, "[") == 1 {
			claim = strings.TrimSuffix(strings.TrimPrefix(claim, "["), "]")
		}
		if out.Claims == nil {
			out.Claims = map[string][]string{}
		}
		out.Claims[claim] = c.GetValues()
	}
	return out, true
}

// parsePrincipal reads "cluster.local/ns/shop/sa/cart"; patterns are no identity.
func parsePrincipal(text string) (account, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 5 || parts[1] != "ns" || parts[3] != "sa" || strings.Contains(text, "*") || parts[2] == "" || parts[4] == "" {
		return account{}, false
	}
	return account{parts[2], parts[4]}, true
}
