// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"cmp"
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

type sidecar = model.Item[istionetv1.Sidecar]

// sidecars are those of each namespace in the order that Istio tries them: with
// a selector first, the oldest first (push_context.go initSidecarScopes).
type sidecars map[string][]sidecar

func (e *Engine) findSidecars() sidecars {
	out := sidecars{}
	for _, s := range model.Sidecars.In(e.s, "") {
		out[s.Ref.Namespace] = append(out[s.Ref.Namespace], s)
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b sidecar) int {
			return cmp.Or(cmp.Compare(general(a), general(b)), a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time))
		})
	}
	return out
}

// general is 1 for a Sidecar without a selector.
func general(s sidecar) int {
	if s.Value.Spec.GetWorkloadSelector() != nil {
		return 0
	}
	return 1
}

// sidecarOf is the one Sidecar that counts for a pod.
func (e *Engine) sidecarOf(p model.Peer) (sidecar, bool) {
	all := e.sidecars()
	for _, s := range all[p.Namespace] {
		if labels.SelectorFromSet(s.Value.Spec.GetWorkloadSelector().GetLabels()).Matches(p.Labels) {
			return s, true
		}
	}
	for _, s := range all[e.s.RootNamespace] {
		if general(s) == 1 {
			return s, true
		}
	}
	return sidecar{}, false
}

// imports reports whether the egress hosts of a Sidecar take in a host of a
// namespace, for pods of another.
func imports(s sidecar, own, of, host string) bool {
	egress := s.Value.Spec.GetEgress()
	if len(egress) == 0 {
		return true
	}
	for _, e := range egress {
		for _, h := range e.GetHosts() {
			ns, pattern, ok := strings.Cut(h, "/")
			if ns == "." {
				ns = own
			}
			if !ok || (ns == "*" || ns == of) && model.Covers(pattern, host) {
				return true
			}
		}
	}
	return false
}

// scope is hop 3: whether the sidecar of the caller knows the host, and what it
// does with hosts that it does not know.
func (p *path) scope() {
	if applies, _ := p.proxied(); !applies {
		p.say(verdict.EgressScope, verdict.None, "no sidecar on the way out")
		return
	}
	if p.t.host == "" && p.aside() {
		p.say(verdict.EgressScope, verdict.None, "no Service in view leads to the pods; others may")
		return
	}
	by, seen, why := p.visible()
	if seen {
		p.by(verdict.EgressScope, verdict.Allow, by)
		return
	}
	mode, policy := p.outbound()
	if gap, hidden := p.e.s.Gap(model.Sidecars.GroupKind, p.src.Namespace); hidden {
		p.say(verdict.EgressScope, verdict.Unknown, "%s", gap.Reason)
		return
	}
	if mode != "REGISTRY_ONLY" {
		h := p.by(verdict.EgressScope, verdict.Allow, verdict.Decider{Reason: why + ": passed through as it is"})
		h.Notes = append(h.Notes, "the sidecar does not know the target, so that no route and no mutual TLS applies")
		if policy.Object.Kind == "" && p.e.config.Unknown != "" {
			h.Notes = append(h.Notes, "outboundTrafficPolicy ALLOW_ANY is Istio's default: "+p.e.config.Unknown)
		}
		p.past = true
		return
	}
	if by.Object.Kind == "" {
		by = policy
	}
	by.Reason = why + ", and outboundTrafficPolicy is REGISTRY_ONLY (BlackHoleCluster)"
	h := p.by(verdict.EgressScope, verdict.Deny, by)
	h.ID = "KM8016"
	h.Fix = "import the host in the egress of the Sidecar, or declare it in a ServiceEntry that is exported to namespace " + p.src.Namespace
	p.ifProxied(h)
}

// aside reports whether pods are called of which nobody knows whether a Service
// is in front of them.
func (p *path) aside() bool {
	if len(p.t.peers) == 0 || !p.t.peers[0].IsPod() {
		return false
	}
	_, sure := p.proxied()
	return !sure || p.e.s.Absence(model.Services.Kind, p.t.peers[0].Namespace) != model.Proven
}

// visible reports whether the sidecar of the caller knows the target.
func (p *path) visible() (by verdict.Decider, ok bool, why string) {
	s, limited := p.e.sidecarOf(p.src)
	if p.t.host == "" {
		return verdict.Decider{}, p.from.Object.Kind == model.Gateways.Kind.Kind, "called by its address, through no Service"
	}
	host := p.e.s.Resolve(p.t.host, p.src.Namespace)
	var owner string
	switch {
	case host.Service != nil:
		owner = host.Service.Ref.Namespace
	case host.Entry != nil:
		owner = host.Entry.Ref.Namespace
		by = decider(host.Entry.Object, "", "", "declared by a ServiceEntry")
	case p.t.service != nil:
		return decider(p.t.service.Object, "/metadata/annotations", "", ""), false, "the Service is not exported to namespace " + p.src.Namespace
	default:
		return verdict.Decider{}, false, "no ServiceEntry in view that is exported to namespace " + p.src.Namespace + " declares " + p.t.host
	}
	if !limited {
		if by.Reason == "" {
			by.Reason = "no Sidecar limits what the caller sees"
		}
		return by, true, ""
	}
	by = decider(s.Object, s.Existing("/spec", "/egress"), "", "imports %s", p.t.host)
	if !imports(s, p.src.Namespace, owner, host.FQDN) {
		return by, false, "the Sidecar does not import " + p.t.host
	}
	return by, true, ""
}

// outbound is what the caller's sidecar does with hosts that it does not know.
func (p *path) outbound() (string, verdict.Decider) {
	if s, found := p.e.sidecarOf(p.src); found {
		if policy := s.Value.Spec.GetOutboundTrafficPolicy(); policy != nil && policy.GetMode() != networkingv1.OutboundTrafficPolicy_ALLOW_ANY {
			return policy.GetMode().String(), decider(s.Object, patch.Pointer("spec", "outboundTrafficPolicy"), "", "")
		} else if policy != nil {
			return "ALLOW_ANY", verdict.Decider{}
		}
	}
	if from := p.e.config.From; from != nil {
		return p.e.config.Outbound, decider(from, "/data/mesh", "", "")
	}
	return p.e.config.Outbound, verdict.Decider{}
}
