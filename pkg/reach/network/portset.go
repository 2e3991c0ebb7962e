// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// PortSet is an immutable set of ports of protocols. The zero value is empty.
type PortSet struct{ ports *ports }

// PortRange is an interval of ports of one protocol, both ends in it.
type PortRange struct {
	Protocol    corev1.Protocol
	First, Last int32
}

// span is an interval of ports, both ends in it.
type span struct{ first, last int32 }

// protocols are those that have ports, in the order of ports.spans.
var protocols = [...]corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}

// lastPort is the greatest port; 0 is taken in, so that "all" is one interval.
const lastPort = 65535

// ports holds sorted intervals that do not touch, for each protocol.
type ports struct {
	spans [len(protocols)][]span
	// rest is true when all other protocols (ICMP) are in the set.
	rest bool
}

var (
	nothing   = &ports{}
	allSpan   = []span{{0, lastPort}}
	allPorts  = &ports{spans: [...][]span{allSpan, allSpan, allSpan}, rest: true}
	noPorts   = PortSet{nothing}
	everyPort = PortSet{allPorts}
)

// NewPortSet returns the set of some ranges; those of protocols without ports
// and those that are empty are left out.
func NewPortSet(ranges ...PortRange) PortSet {
	out := &ports{}
	for i, protocol := range protocols {
		for _, r := range ranges {
			if r.Protocol == protocol && r.First <= r.Last {
				out.spans[i] = join(out.spans[i], []span{{max(r.First, 0), min(r.Last, lastPort)}})
			}
		}
	}
	return PortSet{out}
}

// AllPorts returns the set of every port of every protocol.
func AllPorts() PortSet { return everyPort }

func (s PortSet) get() *ports {
	if s.ports == nil {
		return nothing
	}
	return s.ports
}

// Empty reports whether the set has no port.
func (s PortSet) Empty() bool { return s.Equal(noPorts) }

// All reports whether the set has every port of every protocol.
func (s PortSet) All() bool { return s.Equal(everyPort) }

// Contains reports whether a port is in the set. Of protocols without ports only
// a set that does not name ports has any.
func (s PortSet) Contains(protocol corev1.Protocol, port int32) bool {
	p := s.get()
	i := slices.Index(protocols[:], protocol)
	if i < 0 {
		return p.rest
	}
	return slices.ContainsFunc(p.spans[i], func(x span) bool { return x.first <= port && port <= x.last })
}

// Equal reports whether two sets, of whatever matrix, have the same ports.
func (s PortSet) Equal(o PortSet) bool {
	a, b := s.get(), o.get()
	if a == b {
		return true
	}
	for i := range a.spans {
		if !slices.Equal(a.spans[i], b.spans[i]) {
			return false
		}
	}
	return a.rest == b.rest
}

// And returns the ports that are in both sets.
func (s PortSet) And(o PortSet) PortSet { return s.Minus(everyPort.Minus(o)) }

// Or returns the ports that are in either set.
func (s PortSet) Or(o PortSet) PortSet {
	a, b := s.get(), o.get()
	out := &ports{rest: a.rest || b.rest}
	for i := range out.spans {
		out.spans[i] = join(a.spans[i], b.spans[i])
	}
	return PortSet{out}
}

// Minus returns the ports of the set that are not in the other.
func (s PortSet) Minus(o PortSet) PortSet {
	a, b := s.get(), o.get()
	out := &ports{rest: a.rest && !b.rest}
	for i := range out.spans {
		out.spans[i] = without(a.spans[i], b.spans[i])
	}
	return PortSet{out}
}

// join merges two sorted lists of intervals.
func join(a, b []span) []span {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y span) int { return int(x.first - y.first) })
	var out []span
	for _, x := range all {
		if n := len(out); n > 0 && x.first <= out[n-1].last+1 {
			out[n-1].last = max(out[n-1].last, x.last)
			continue
		}
		out = append(out, x)
	}
	return out
}

// without cuts the intervals of b out of those of a.
func without(a, b []span) []span {
	var out []span
	for _, x := range a {
		for _, cut := range b {
			if cut.last < x.first || cut.first > x.last {
				continue
			}
			if cut.first > x.first {
				out = append(out, span{x.first, cut.first - 1})
			}
			x.first = cut.last + 1
		}
		if x.first <= x.last {
			out = append(out, x)
		}
	}
	return out
}

// Ranges returns the intervals in the order TCP, UDP, SCTP. All ports of a
// protocol are the range from 0 to 65535.
func (s PortSet) Ranges() []PortRange {
	var out []PortRange
	for i, protocol := range protocols {
		for _, x := range s.get().spans[i] {
			out = append(out, PortRange{protocol, x.first, x.last})
		}
	}
	return out
}

// String is the set for people: "all", "none", "TCP 80, 8000-8080; UDP 53",
// "UDP all".
func (s PortSet) String() string {
	if s.All() {
		return "all"
	}
	var out []string
	for i, protocol := range protocols {
		if spans := s.get().spans[i]; len(spans) > 0 {
			out = append(out, string(protocol)+" "+spanWords(spans))
		}
	}
	if s.get().rest {
		out = append(out, "other protocols")
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, "; ")
}

func spanWords(spans []span) string {
	if slices.Equal(spans, allSpan) {
		return "all"
	}
	var out []string
	for _, x := range spans {
		text := strconv.Itoa(int(x.first))
		if x.last > x.first {
			text += "-" + strconv.Itoa(int(x.last))
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
