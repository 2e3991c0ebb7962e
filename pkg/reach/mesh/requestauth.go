// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// requestAuthn is a RequestAuthentication ready for use.
type requestAuthn struct {
	model.Item[istiosecv1.RequestAuthentication]
	targets targets
}

func (r *requestAuthn) attach() targets { return r.targets }

func (e *Engine) readRequestAuthns() *index[*requestAuthn] {
	var all []*requestAuthn
	for _, item := range model.RequestAuthentications.In(e.s, "") {
		all = append(all, &requestAuthn{item, targetsOf(item.Ref.Namespace, &item.Value.Spec)})
	}
	return newIndex(e.config.RootNamespace, all)
}

// issuer is one rule of a RequestAuthentication.
type issuer struct {
	*securityv1.JWTRule
	by verdict.Decider
}

// issuersAt are the rules that count at a place.
func (e *Engine) issuersAt(at place) []issuer {
	var out []issuer
	for _, ra := range e.tokens().at(at).policies {
		for i, rule := range ra.Value.Spec.GetJwtRules() {
			if rule == nil {
				continue
			}
			pointer := patch.Pointer("spec", "jwtRules", i)
			out = append(out, issuer{rule, verdict.Decider{
				Object: ra.Ref, Pointer: pointer, Where: ra.Where(pointer), Rule: fmt.Sprintf("rule %d", i+1), Reason: "issuer " + rule.GetIssuer(),
			}})
		}
	}
	return out
}

// JWT tells whether the request's token, or the lack of one, gets through at the
// last point that looks for tokens: the waypoint or the server's sidecar.
func (e *Engine) JWT(r Request) verdict.Hop {
	hop := verdict.Hop{Number: verdict.JWT, Name: "JWT"}
	at, ok := e.tokenPlace(r)
	if !ok {
		hop.Reason = "nothing looks for tokens: " + e.noHTTP(r)
		return hop
	}
	hop = e.jwtAt(r, at)
	e.doubted(&hop, at, changesHTTP)
	return hop
}

// tokenPlace is where tokens are looked for.
func (e *Engine) tokenPlace(r Request) (place, bool) {
	if e.noHTTP(r) == "" {
		return e.podPlace(r.To), true
	}
	if way, found := e.waypoint(r); found {
		return way.place, true
	}
	return place{}, false
}

// noHTTP says why the server's proxy sees no HTTP; empty if it does.
func (e *Engine) noHTTP(r Request) string {
	d, why := e.Dataplane(r.To)
	switch {
	case r.Protocol == TCP:
		return "the port is TCP"
	case d == model.NoProxy:
		return why
	case d == model.AmbientProxy:
		return "ztunnel knows no HTTP"
	case !captured(r.To, r.Port):
		return fmt.Sprintf("port %d does not pass the proxy", r.Port)
	}
	return e.probed(r)
}

func (e *Engine) jwtAt(r Request, at place) verdict.Hop {
	hop := verdict.Hop{Number: verdict.JWT, Name: "JWT"}
	issuers := e.issuersAt(at)
	if why := e.hidden(model.RequestAuthentications.Kind, at.namespace); why != "" && !r.noToken() {
		hop.Verdict, hop.Reason = verdict.Unknown, why
		return hop
	}
	if len(issuers) == 0 {
		hop.Reason = "no RequestAuthentication"
		return hop
	}
	hop.Decider, hop.Verdict = issuers[0].by, verdict.Allow
	hop.Rule = ""
	if len(r.Claims) == 0 {
		hop.Reason = "a request without a token passes; a token has to come from " + names(issuers)
		hop.Notes = append(hop.Notes, "a RequestAuthentication requires no token: an AuthorizationPolicy with requestPrincipals does")
		return hop
	}
	from := issuerOf(r.Claims)
	if from == "" {
		hop.Verdict, hop.Reason = verdict.Unknown, "the claims name no issuer (iss)"
		return hop
	}
	i := slices.IndexFunc(issuers, func(i issuer) bool { return i.GetIssuer() == from && i.audience(r.Claims) })
	if i >= 0 {
		hop.Decider = issuers[i].by
		return hop
	}
	hop.Verdict = verdict.Deny
	hop.Reason = fmt.Sprintf("401: issuer %s is not one of %s", from, names(issuers))
	if i := slices.IndexFunc(issuers, func(i issuer) bool { return i.GetIssuer() == from }); i >= 0 {
		hop.Decider = issuers[i].by
		hop.Reason = fmt.Sprintf("403: the token is not for audience %s", quoted(issuers[i].GetAudiences()))
	}
	for _, i := range issuers {
		hop.Nearest = append(hop.Nearest, verdict.Miss{Decider: i.by, Wants: []string{"issuer " + i.GetIssuer()}, Has: []string{"issuer is " + from}})
	}
	return hop
}

// audience reports whether a token is meant for this rule's audiences; without
// any in the rule every token is.
func (i issuer) audience(claims map[string]any) bool {
	want := i.GetAudiences()
	return len(want) == 0 || slices.ContainsFunc(token{claims: claims}.texts("aud"), func(have string) bool { return slices.Contains(want, have) })
}

func names(issuers []issuer) string {
	var out []string
	for _, i := range issuers {
		if !slices.Contains(out, i.GetIssuer()) {
			out = append(out, i.GetIssuer())
		}
	}
	return strings.Join(out, ", ")
}

// tokenAt is what a place knows of the request's token: nothing where no
// RequestAuthentication looks for one.
func (e *Engine) tokenAt(r Request, at place) token {
	issuers := e.issuersAt(at)
	if why := e.hidden(model.RequestAuthentications.Kind, at.namespace); why != "" && !r.noToken() {
		return token{why: why}
	}
	if len(issuers) == 0 || r.noToken() {
		return token{absent: true}
	}
	out := token{claims: r.Claims, split: splitClaims}
	for _, i := range issuers {
		if r.Claims == nil || i.GetIssuer() == issuerOf(r.Claims) {
			out.split = append(slices.Clip(out.split), i.GetSpaceDelimitedClaims()...)
		}
	}
	return out
}
