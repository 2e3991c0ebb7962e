// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// endKind is what stands at one end of a connection.
type endKind byte

const (
	// nobody is an end that nothing is known of.
	nobody endKind = iota
	// ordinary is a pod in the pod network, which selectors select.
	ordinary
	// host is a pod in the network of its node: no selector selects it.
	host
	addresses
	node
)

// end is a peer with what policies ask of it.
type end struct {
	model.Peer
	kind      endKind
	addresses []netip.Addr
	namespace namespace
}

func (e *Engine) end(p model.Peer) *end {
	out := &end{Peer: p}
	switch {
	case p.Node:
		out.kind = node
	case p.IsPod():
		out.kind = ordinary
		if p.HostNetwork() {
			out.kind = host
		}
		out.addresses = p.Addresses()
		out.namespace = e.namespace(p.Namespace)
	case p.Block.IsValid():
		out.kind = addresses
	}
	return out
}

func (e *end) pod() bool { return e.kind == ordinary || e.kind == host }

// ended reports whether the end is a pod whose containers have all ended.
func (e *end) ended() bool { return e.Pod.Value != nil && model.PodEnded(e.Pod.Value) }

// same reports whether two ends are one pod. A template stands for many.
func (e *end) same(o *end) bool {
	return e.Pod.Value != nil && o.Pod.Value != nil && e.Pod.Ref.Same(o.Pod.Ref)
}

// named are the ports of a pod that have a name: those of its containers and of
// the init containers that keep running beside them.
func named(spec *corev1.PodSpec, name string) []PortRange {
	if spec == nil {
		return nil
	}
	var out []PortRange
	add := func(c *corev1.Container) {
		for _, p := range c.Ports {
			if p.Name == name {
				out = append(out, PortRange{protocolOf(p.Protocol), p.ContainerPort, p.ContainerPort})
			}
		}
	}
	for i := range spec.InitContainers {
		if model.Sidecar(&spec.InitContainers[i]) {
			add(&spec.InitContainers[i])
		}
	}
	for i := range spec.Containers {
		add(&spec.Containers[i])
	}
	return out
}

// protocolOf is the protocol meant, TCP where none is given.
func protocolOf(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

// block is a range of addresses without some ranges in it.
type block struct {
	prefix netip.Prefix
	except []netip.Prefix
}

// blocks are ranges of which one has to match.
type blocks struct {
	// text names them for people and is their identity.
	text string
	list []block
	// pods is true when they match the addresses of pods in the pod network too.
	pods bool
}

// match says whether ranges take in an end, and why that is not known.
func (b *blocks) match(e *Engine, x *end) (match, string) {
	switch x.kind {
	case addresses:
		return b.covers(e, x.Block)
	case ordinary:
		if !b.pods {
			return no, ""
		}
	case host:
	default:
		return no, ""
	}
	if len(x.addresses) == 0 {
		return maybe, "the pod has no address yet, so that nobody knows whether " + b.text + " takes it in"
	}
	in := 0
	for _, a := range x.addresses {
		if m, _ := b.covers(e, netip.PrefixFrom(a, a.BitLen())); m == yes {
			in++
		}
	}
	switch in {
	case 0:
		return no, ""
	case len(x.addresses):
		return yes, ""
	}
	return maybe, b.text + " takes in some addresses of the pod, but not all"
}

// covers says whether ranges take in all addresses of a prefix, or some. The
// prefix of a whole family stands for the addresses in it that no policy names.
func (b *blocks) covers(e *Engine, p netip.Prefix) (match, string) {
	p = p.Masked()
	rest := p.Bits() == 0 && e.space.hasRest(p.Addr())
	some := false
	for _, x := range b.list {
		switch {
		case rest && x.prefix.Bits() == 0 && x.prefix.Addr().BitLen() == p.Addr().BitLen():
			return yes, ""
		case rest || !x.prefix.Overlaps(p):
			continue
		}
		cut := slices.ContainsFunc(x.except, func(e netip.Prefix) bool { return e.Overlaps(p) && e.Bits() > p.Bits() })
		out := slices.ContainsFunc(x.except, func(e netip.Prefix) bool { return e.Overlaps(p) && e.Bits() <= p.Bits() })
		switch {
		case out:
		case x.prefix.Bits() <= p.Bits() && !cut:
			return yes, ""
		default:
			some = true
		}
	}
	if some {
		return maybe, b.text + " takes in some addresses of " + p.String() + ", but not all"
	}
	return no, ""
}
