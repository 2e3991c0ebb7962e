// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// place is where a leg leads: a Service and the pods behind it.
type place struct {
	service *model.Item[corev1.Service]
	peers   []model.Peer
	// unready is true where live pods are behind it and none takes traffic.
	unready bool
}

// destination is hop 5: the endpoints of what the route names.
func (p *path) destination(l leg) place {
	p.leg, p.r = l, l.r
	if l.host == "" {
		p.say(verdict.Destination, verdict.None, "called by its address")
		return place{peers: p.t.peers}
	}
	to := place{}
	d := verdict.Decider{Reason: short(l.host, l.subset)}
	if l.by != nil {
		d = decider(l.by, l.at, "", "%s", short(l.host, l.subset))
	}
	ns, name, isService := p.e.s.ServiceName(l.host)
	switch {
	case p.t.service != nil && l.host == p.t.host:
		to.service = p.t.service
	case isService:
		svc, found := model.Services.Get(p.e.s, ns, name)
		if !found {
			return p.lost(d, model.Services.Kind, ns, "Service "+ns+"/"+name, "KM8001")
		}
		to.service = &svc
	}
	if to.service == nil {
		to.peers = p.t.peers
		p.external(d, &to)
		return to
	}
	peers, notes := p.e.behind(*to.service)
	if l.subset != "" {
		sub, ok := p.subset(d, ns, l)
		if !ok {
			return place{}
		}
		peers = slices.DeleteFunc(peers, func(x model.Peer) bool { return !sub.Matches(x.Labels) })
	}
	if p.t.only != nil {
		peers = slices.DeleteFunc(peers, func(x model.Peer) bool {
			return !slices.ContainsFunc(p.t.only, func(o model.Peer) bool { return samePeer(x, o) })
		})
	}
	if len(peers) == 0 {
		p.nobody(d, *to.service, l.subset)
		return place{}
	}
	h := p.by(verdict.Destination, verdict.Allow, d)
	h.Reason = fmt.Sprintf("%s: %s", short(l.host, l.subset), amount(len(peers), "endpoint"))
	if l.text != "" {
		h.Reason = l.text + " of the requests to " + h.Reason
	}
	h.Notes = append(h.Notes, notes...)
	to.peers, to.unready = p.serving(peers, *to.service, h)
	return to
}

// serving leaves out the live pods that are not ready, unless that is all of them.
func (p *path) serving(peers []model.Peer, svc model.Item[corev1.Service], h *verdict.Hop) ([]model.Peer, bool) {
	ready := slices.DeleteFunc(slices.Clone(peers), unready)
	switch {
	case len(ready) == len(peers), svc.Value.Spec.PublishNotReadyAddresses:
		return peers, false
	case len(ready) == 0:
		return peers, true
	}
	h.Notes = append(h.Notes, fmt.Sprintf("%d of %s not ready and left out", len(peers)-len(ready), amount(len(peers), "pod")))
	return ready, false
}

// lost is a destination that does not exist.
func (p *path) lost(d verdict.Decider, k *model.Kind, namespace, what, id string) place {
	v := verdict.Deny
	absence := p.e.s.Absence(k, namespace)
	if absence == model.Unknown || absence == model.Outside {
		v = verdict.Unknown
	}
	d.Reason = what + " " + absence.String()
	h := p.by(verdict.Destination, v, d)
	h.ID = id
	p.ifProxied(h)
	p.dead = true
	return place{}
}

// subset finds the labels of a subset of a host.
func (p *path) subset(d verdict.Decider, owner string, l leg) (labels.Selector, bool) {
	rule := p.e.s.Destination(l.host, p.src.Namespace)
	sub, found := rule.Subset(l.subset)
	if found {
		return labels.SelectorFromSet(sub.Labels), true
	}
	for _, ns := range []string{p.src.Namespace, owner, p.e.s.RootNamespace} {
		if gap, hidden := p.e.s.Gap(model.DestinationRules.GroupKind, ns); hidden {
			d.Reason = fmt.Sprintf("subset %s of %s: %s", l.subset, l.host, gap.Reason)
			p.by(verdict.Destination, verdict.Unknown, d)
			p.dead = true
			return nil, false
		}
	}
	p.lost(d, model.DestinationRules.Kind, owner, fmt.Sprintf("subset %s of %s", l.subset, l.host), "KM8002")
	if h := &p.hops[len(p.hops)-1]; len(rule.Rules) > 0 {
		if h.Verdict == verdict.Unknown { // the rule that counts is in view and lacks it
			h.Verdict = verdict.Deny
			p.ifProxied(h)
		}
		h.Reason = fmt.Sprintf("%s defines no subset %s (no healthy upstream)", rule.Rules[0].Ref, l.subset)
		h.Fix = "define the subset in " + rule.Rules[0].Where("/spec")
	}
	return nil, false
}

// nobody is a destination without endpoints.
func (p *path) nobody(d verdict.Decider, svc model.Item[corev1.Service], subset string) {
	p.dead = true
	v, id := verdict.Deny, "KM3001"
	switch {
	case len(svc.Value.Spec.Selector) == 0:
		d = decider(svc.Object, "/spec", "", "has no selector and no endpoints in view")
		gap, hidden := p.e.s.Gap(model.EndpointSlices.GroupKind, svc.Ref.Namespace)
		if hidden || p.e.s.Partial {
			v = verdict.Unknown
		}
		if hidden && gap.Reason != "" { // names the right that is missing
			d.Reason = "has no selector, and its endpoints are unknown: " + gap.Reason
		}
		id = ""
	case subset != "":
		d.Reason, id = fmt.Sprintf("no pod behind %s has the labels of subset %s (no healthy upstream)", text(svc.Ref), subset), "KM8003"
	default:
		d = decider(svc.Object, svc.Existing("/spec", "/selector"), "", "selects no pods")
	}
	if p.e.s.PodAbsence(svc.Ref.Namespace) == model.Unknown {
		v = verdict.Unknown
	}
	h := p.by(verdict.Destination, v, d)
	h.ID = id
	if subset != "" {
		p.ifProxied(h)
	}
}

// external is a destination outside of the cluster.
func (p *path) external(d verdict.Decider, to *place) {
	h := p.by(verdict.Destination, verdict.Allow, d)
	h.Reason += ", outside of the cluster"
	if len(to.peers) == 0 {
		h.Notes = append(h.Notes, "its addresses are not known")
		to.peers = []model.Peer{outside}
	}
}

// samePeer reports whether two peers are one pod, or one template.
func samePeer(a, b model.Peer) bool {
	if a.Pod.Object != nil || b.Pod.Object != nil {
		return a.Pod.Object != nil && b.Pod.Object != nil && a.Pod.Ref.Same(b.Pod.Ref)
	}
	return workloadRef(a) == workloadRef(b) && a.Block == b.Block
}

func workloadRef(p model.Peer) ref.Ref {
	if p.Workload == nil {
		return ref.Ref{}
	}
	return p.Workload.Ref
}

// amount counts things for people.
func amount(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
