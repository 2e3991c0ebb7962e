// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9009", Slug: "identity-needs-mtls", Severity: finding.Warning,
	Short: "AuthorizationPolicy rests on identities that callers may not have",
	Why: `Principals, namespaces, ServiceAccounts and trust domains are read from the certificate of mutual
TLS. A request in plaintext has none: a rule that asks for one does not match it. So an ALLOW rule keeps
such callers out (Ingress controllers outside the mesh, Jobs, pods without a proxy), and a DENY rule,
or an ALLOW rule made of exceptions only, lets them by.`,
	Fix: `Make mutual TLS STRICT for the workload, bring the callers into the mesh, and let callers from outside
in by what they have: a token (requestPrincipals), an address, or the ingress gateway's identity.`,
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source",
	Aliases:   []string{"KIA0105"},
	Needs: slices.Concat(clientKinds, rules.MeshKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind, model.Ingresses.Kind,
		model.ConfigMaps.Kind, model.WorkloadEntries.Kind, model.Gateways.Kind,
	}),
	Check: checkIdentities,
})

// identityCheck is what the rule needs of a World.
type identityCheck struct {
	w      *rules.World
	emit   rules.Emit
	view   *authz
	modes  *mtls
	who    *accounts
	plain  map[*model.Workload]clientTLS
	doors  map[*model.Workload][]door
	policy policy
}

func checkIdentities(w *rules.World, emit rules.Emit) {
	c := &identityCheck{w: w, emit: emit, view: newAuthz(w), modes: newMTLS(w), who: newAccounts(w), plain: map[*model.Workload]clientTLS{}}
	c.doors = doorsOf(w, ingressDoors(w))
	for _, s := range clientSettings(w) {
		if s.Mode != networkingv1.ClientTLSSettings_DISABLE {
			continue
		}
		for _, t := range s.targets(w) {
			c.plain[t.Workload] = s
		}
	}
	for _, p := range c.view.all {
		if !p.allows() && !p.denies() {
			continue
		}
		c.policy = p
		done := map[int]bool{}
		for _, v := range identities(p.spec()) {
			if !done[v.Rule] {
				done[v.Rule] = true
				c.rule(v)
			}
		}
	}
}

// rule looks at one rule of a policy; v is the first identity in it. What is
// gravest is said, once.
func (c *identityCheck) rule(v value) {
	workloads := slices.DeleteFunc(slices.Clone(c.view.workloads(c.policy)), func(of *model.Workload) bool {
		return c.w.Mesh(of) == rules.MeshOut || c.modes.known(of.Ref.Namespace) == model.Unknown
	})
	if len(workloads) == 0 {
		return
	}
	byMode := map[string][]*model.Workload{}
	modes := map[string]mtlsMode{}
	for _, of := range workloads {
		m := c.modes.of(of, c.port(v))
		modes[m.String()] = m
		byMode[m.String()] = append(byMode[m.String()], of)
	}
	for _, key := range slices.Sorted(maps.Keys(modes)) {
		m, of := modes[key], byMode[key]
		switch {
		case m.Mode == disable:
			c.off(v, m, of)
		case m.Mode == strict || c.plaintext(v, of):
		case c.admitsPlain(v.Rule):
			c.passes(v, m, of)
		case c.policy.allows() && !c.naked(v, of) && !c.ingress(v, of):
			c.unasked(v, m, of)
		}
	}
}

// port is the first port that a rule names; 0 if it names none.
func (c *identityCheck) port(v value) uint32 {
	for _, to := range c.policy.spec().GetRules()[v.Rule].GetTo() {
		for _, p := range to.GetOperation().GetPorts() {
			if n, err := strconv.ParseUint(p, 10, 16); err == nil {
				return uint32(n)
			}
		}
	}
	return 0
}

// effect says what becomes of a rule that sees no identities.
func (c *identityCheck) effect(rule int) string {
	switch admits := c.admitsPlain(rule); {
	case admits && c.policy.allows():
		return "it lets everybody in"
	case admits:
		return "it denies nobody by identity"
	case c.policy.denies():
		return "it denies nobody"
	}
	return "it lets nobody in"
}

// off reports that mutual TLS is turned off at the server.
func (c *identityCheck) off(v value, m mtlsMode, of []*model.Workload) {
	f := c.emit(c.policy.Object, v.At, "%s goes by %s, but mutual TLS is off for %s: %s", number(v.Rule), v.Field, rules.FewOf(model.Refs(of)), c.effect(v.Rule))
	f.Severity, f.Related = finding.Error, append(model.Refs(of), m.From.Ref)
	f.Evidence = []finding.Evidence{{Kind: "field", Of: m.From.Where(m.At), Value: "mode: " + m.Mode.String()}}
	f.Hint = fmt.Sprintf("set mode STRICT in %s", m.From.Ref)
	if c.w.Partial {
		f.Confidence = finding.Likely
	}
}

// plaintext reports that a DestinationRule makes clients send plaintext.
func (c *identityCheck) plaintext(v value, workloads []*model.Workload) bool {
	for _, of := range workloads {
		s, found := c.plain[of]
		if !found {
			continue
		}
		f := c.emit(c.policy.Object, v.At, "%s goes by %s, but %s turns TLS off on the way to %s: for its clients, %s",
			number(v.Rule), v.Field, s.Rule.Ref, s.Service.Ref, c.effect(v.Rule))
		f.Severity, f.Confidence = finding.Error, finding.Likely
		f.Related = append(model.Refs([]*model.Workload{of}), s.Rule.Ref, s.Service.Ref)
		f.Evidence = []finding.Evidence{{Kind: "field", Of: s.Rule.Where(s.At), Value: "mode: DISABLE"}}
		f.Hint = fmt.Sprintf("drop the tls settings from %s: proxies then agree on mutual TLS by themselves", s.Rule.Ref)
		return true
	}
	return false
}

// admitsPlain reports whether a caller without an identity gets by a rule
// because of it: a DENY rule that would have to match one, or an ALLOW rule that
// only excepts some.
func (c *identityCheck) admitsPlain(rule int) bool {
	var positive, negative bool
	for _, v := range identities(c.policy.spec()) {
		if v.Rule == rule {
			positive, negative = positive || !v.Not, negative || v.Not
		}
	}
	if c.policy.denies() {
		return positive
	}
	return negative && !positive
}

// passes reports that plaintext gets by the rule.
func (c *identityCheck) passes(v value, m mtlsMode, of []*model.Workload) {
	what := "lets"
	if c.policy.denies() {
		what = "does not stop"
	}
	end := " in"
	if c.policy.denies() {
		end = ""
	}
	f := c.emit(c.policy.Object, v.At, "%s goes by %s and %s requests in plaintext%s, which %s takes: its mutual TLS is %s",
		number(v.Rule), v.Field, what, end, rules.FewOf(model.Refs(of)), m)
	f.Confidence, f.Related = finding.Likely, model.Refs(of)
	f.Hint = "make mutual TLS STRICT for the workload"
	if m.From != nil {
		f.Related = append(f.Related, m.From.Ref)
		f.Evidence = []finding.Evidence{{Kind: "field", Of: m.From.Where(m.At), Value: "mode: " + m.Mode.String()}}
		return
	}
	rules.Weigh(f, c.modes.known(c.policy.Ref.Namespace))
}

// naked reports that a caller the rule names has no proxy.
func (c *identityCheck) naked(v value, of []*model.Workload) bool {
	for _, id := range identities(c.policy.spec()) {
		a, named := namedAccount(id, c.policy.Ref.Namespace)
		if id.Rule != v.Rule || id.Not || !named {
			continue
		}
		users := c.who.users[a]
		if len(users) == 0 || slices.ContainsFunc(users, func(u *model.Workload) bool { return c.w.Mesh(u) != rules.MeshOut }) {
			continue
		}
		f := c.emit(c.policy.Object, id.At, "%s is to let %s in, which is not in the mesh: without a proxy its requests carry no identity and are denied", number(id.Rule), rules.FewOf(model.Refs(users)))
		f.Confidence, f.Related = finding.Likely, append(model.Refs(users), model.Refs(of)...)
		f.Hint = fmt.Sprintf("give it a sidecar: label istio-injection=enabled on namespace %s, no sidecar.istio.io/inject=false, and a restart", a.namespace)
		return true
	}
	return false
}

// namedAccount is the ServiceAccount that a value names.
func namedAccount(v value, namespace string) (account, bool) {
	switch identityFields[v.Field] {
	case "principal":
		p, ok := parsePrincipal(v.Text)
		return account{p.Namespace, p.Account}, ok
	case "account":
		if ns, name, qualified := strings.Cut(v.Text, "/"); qualified {
			return account{ns, name}, true
		}
		return account{namespace, v.Text}, true
	}
	return account{}, false
}

// ingress reports that a workload is fed by an Ingress whose callers the rule
// never matches: they get in by no other rule, or nobody else is known whom the
// rule may be for.
func (c *identityCheck) ingress(v value, workloads []*model.Workload) bool {
	for _, of := range workloads {
		for _, d := range c.doors[of] {
			shut := c.view.readable(of.Ref.Namespace) && allowed(c.view.of(of), request{Port: podPort(of, d.Port)}) == no
			if !shut && c.users(v) || c.meantForIngress() {
				continue
			}
			what := fmt.Sprintf("never matches requests that come through %s", d)
			if shut {
				what = fmt.Sprintf("keeps out all requests that come through %s", d)
			}
			f := c.emit(c.policy.Object, v.At, "%s goes by %s and %s: they carry no identity of their caller", number(v.Rule), v.Field, what)
			f.Confidence = finding.Likely
			f.Related = append(model.Refs([]*model.Workload{of}), d.Service.Ref, d.From.Ref)
			f.Hint = "route through an Istio gateway and name its identity, or tell callers apart by their token: requestPrincipals with a RequestAuthentication"
			return true
		}
	}
	return false
}

// users reports whether a workload in view has an identity that a rule names.
func (c *identityCheck) users(v value) bool {
	return slices.ContainsFunc(identities(c.policy.spec()), func(id value) bool {
		if id.Rule != v.Rule || id.Not {
			return false
		}
		a, named := namedAccount(id, c.policy.Ref.Namespace)
		return !named || len(c.who.users[a]) > 0
	})
}

// meantForIngress reports whether the policy seems to name an ingress
// controller: one with a sidecar has an identity.
func (c *identityCheck) meantForIngress() bool {
	return slices.ContainsFunc(identities(c.policy.spec()), func(id value) bool {
		return slices.ContainsFunc([]string{"ingress", "gateway", "nginx", "traefik", "kong", "haproxy", "contour"}, func(word string) bool {
			return strings.Contains(id.Text, word)
		})
	})
}

// unasked says of files that nothing in them asks for the mutual TLS that a rule
// needs. In a cluster it would be no fault: proxies use it where they can.
func (c *identityCheck) unasked(v value, m mtlsMode, of []*model.Workload) {
	if !c.w.Partial || m.From != nil {
		return
	}
	f := c.emit(c.policy.Object, v.At, "%s goes by %s, which only mutual TLS has, and no PeerAuthentication in these files makes it STRICT for %s: callers without a proxy are denied",
		number(v.Rule), v.Field, rules.FewOf(model.Refs(of)))
	f.Severity, f.Confidence, f.Related = finding.Info, finding.Possible, model.Refs(of)
	f.Hint = "add a PeerAuthentication with mtls.mode STRICT, and label the namespaces of callers istio-injection=enabled"
}
