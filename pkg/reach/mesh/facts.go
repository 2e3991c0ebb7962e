// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// principal is who the peer of a connection is.
type principal struct {
	domain, namespace, account string
	// text is the principal as policies write it.
	text string
	// why says why the peer may have no identity after all; empty if it has.
	why string
	// none is true for a peer without mutual TLS.
	none bool
}

func principalOf(domain, namespace, account string) principal {
	return principal{domain: domain, namespace: namespace, account: account, text: domain + "/ns/" + namespace + "/sa/" + account}
}

// facts are what a point of enforcement knows of a request.
type facts struct {
	Request
	peer principal
	// source is where the connection comes from, as that point sees it.
	source model.Peer
	token  token
	config *model.MeshConfig
	// domainWhy says why the trust domain may be another one.
	domainWhy string
	chain     chain
	// namespace is that of the policy, the default of serviceAccounts.
	namespace string
}

// holds tells whether a test matches.
func (f *facts) holds(t test) answer {
	out := never
	for _, v := range t.values {
		out = out.or(f.matches(t, v))
	}
	if t.attribute == byOther {
		out = unsure("condition " + strconv.Quote(t.key) + " is not one that Istio documents")
	}
	if t.not {
		return out.not()
	}
	return out
}

// element tells whether all tests of an element match.
func (f *facts) element(e element) answer {
	out := always
	for _, t := range e {
		if out = out.and(f.holds(t)); out.truth == no {
			return out
		}
	}
	return out
}

// rule tells whether a rule matches.
func (f *facts) rule(r rule) answer {
	if r.void != "" {
		return never
	}
	out := always
	for _, group := range r.groups {
		some := never
		for _, e := range group {
			some = some.or(f.element(e))
		}
		if out = out.and(some); out.truth == no {
			return out
		}
	}
	return out
}

// matches tells whether the request has a value.
func (f *facts) matches(t test, value string) answer {
	switch {
	case t.identity():
		return f.identity(t, value)
	case t.token():
		return f.token.matches(t, value)
	}
	switch t.attribute {
	case bySourceIP:
		return f.sourceIP(value)
	case byRemoteIP:
		return f.remoteIP(value)
	case byDestinationIP:
		return f.destinationIP(value)
	case byHost:
		return f.text("host", f.Authority, func() bool { return matches(strings.ToLower(value), strings.ToLower(f.Authority)) })
	case byPort:
		return f.port(value)
	case byMethod:
		return f.text("method", f.Method, func() bool { return matches(value, f.Method) })
	case byPath:
		return f.path(value)
	case byHeader:
		return f.header(t.claim[0], value)
	case bySNI:
		return onField("SNI")
	}
	return unsure("condition " + strconv.Quote(t.key) + " is not one that Istio documents")
}

// text is the answer of a part of the request that may have been left open.
func (f *facts) text(field, have string, match func() bool) answer {
	if have == "" {
		return onField(field)
	}
	return known(match())
}

func (f *facts) path(value string) answer {
	if isTemplate(value) {
		if bad := badTemplate(value); bad != "" {
			return unsure("path " + value + " is no template: " + bad)
		}
	}
	under := func(mode string) bool { return matchesPath(value, normalize(f.Path, mode)) }
	if f.Path != "" && f.config.Unknown != "" {
		for _, mode := range []string{model.NormalizeNone, model.NormalizeMerge, model.NormalizeDecodeAndMerge} {
			if under(mode) != under(f.config.PathNormalization) {
				return unsure("pathNormalization is not known (" + f.config.Unknown + ")")
			}
		}
	}
	return f.text("path", f.Path, func() bool { return under(f.config.PathNormalization) })
}

func (f *facts) port(value string) answer {
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return unsure("port " + strconv.Quote(value) + " is no number")
	}
	if f.Port == 0 {
		return onField("port")
	}
	return known(int64(n) == int64(f.Port))
}

func (f *facts) header(name, value string) answer {
	if f.Headers == nil {
		return onField("header " + strings.ToLower(name))
	}
	for k, have := range f.Headers {
		if strings.EqualFold(k, name) {
			return known(value == "*" || matches(value, have))
		}
	}
	return never
}

// identity compares what the peer's certificate says. A plaintext peer has no
// certificate and matches nothing, so that it matches every notX.
func (f *facts) identity(t test, value string) answer {
	if f.peer.none {
		return never
	}
	var out bool
	switch t.attribute {
	case byPrincipal:
		if f.chain == ztunnelChain && !matches(value, f.peer.text) && f.principal(value) {
			return unsure("whether ztunnel knows the aliases of the trust domain")
		}
		out = f.principal(value)
		if _, rest, _ := strings.Cut(value, "/"); !out && f.domainWhy != "" && matches("*/"+rest, f.peer.text) {
			return unsure("the trust domain of the mesh is not known (" + f.domainWhy + ")")
		}
	case byNamespace:
		out = f.chain != ztunnelChain && glob(value, f.peer.namespace) || f.chain == ztunnelChain && matches(value, f.peer.namespace)
	case byAccount:
		namespace, account, qualified := strings.Cut(value, "/")
		if !qualified {
			namespace, account = f.namespace, value
		}
		out = namespace == f.peer.namespace && account == f.peer.account
	case byTrustDomain:
		if f.chain == ztunnelChain {
			return unsure("whether ztunnel knows trustDomains")
		}
		out = f.trustDomain(value)
	}
	if out && f.peer.why != "" {
		return unsure(f.peer.why)
	}
	return known(out)
}

// principal compares the identity of the peer. A value of the mesh's own trust
// domain, of an alias of it or of cluster.local means all of these
// (pilot/pkg/security/trustdomain/bundle.go).
func (f *facts) principal(value string) bool {
	if matches(value, f.peer.text) {
		return true
	}
	domain, rest, _ := strings.Cut(value, "/")
	if strings.Count(rest, "/") != 3 || domain == "*" {
		return false
	}
	if _, own, _ := strings.Cut(f.peer.text, "/"); !strings.Contains(rest, "*") && rest != own {
		return false
	}
	own := append([]string{f.config.TrustDomain}, f.config.Aliases...)
	ours := domain == model.DefaultClusterDomain || slices.ContainsFunc(own, func(d string) bool { return matches(domain, d) || matches(d, domain) })
	return ours && slices.ContainsFunc(own, func(d string) bool { return matches(d+"/"+rest, f.peer.text) })
}

func (f *facts) trustDomain(value string) bool {
	if matchesTrustDomain(value, f.peer.domain) {
		return true
	}
	own := append([]string{f.config.TrustDomain}, f.config.Aliases...)
	return slices.Contains(own, value) && slices.Contains(own, f.peer.domain)
}
