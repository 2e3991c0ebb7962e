// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Connection is what is let through between two sides.
type Connection struct {
	// Protocol is empty for all of them, First and Last are the ports, 0 for all.
	Protocol    corev1.Protocol
	First, Last int32
	// Verdict is Allow, or Unknown with a Reason.
	Verdict verdict.Verdict
	// When are the requests that get through, one of them is enough; empty for
	// all: "GET /public/*". What begins with "not" is kept out in any case.
	When []string
	// Requests are the same as data, one each.
	Requests []mesh.Condition
	// Reason says why it is unknown.
	Reason string
}

// String writes a connection for people: "all", "TCP 8080 if GET /public/*".
func (c Connection) String() string {
	out := "all"
	switch {
	case c.Protocol != "" && c.Last == 0:
		out = string(c.Protocol)
	case c.Protocol != "" && c.First == c.Last:
		out = fmt.Sprintf("%s %d", c.Protocol, c.First)
	case c.Protocol != "":
		out = fmt.Sprintf("%s %d-%d", c.Protocol, c.First, c.Last)
	}
	if len(c.When) > 0 {
		out += " if " + strings.Join(c.When, " or ")
	}
	if c.Verdict == verdict.Unknown {
		out = "unknown " + out
		if c.Reason != "" {
			out += " (" + c.Reason + ")"
		}
	}
	return out
}

// Connections writes a list of connections for people, "none" if it is empty.
func Connections(list []Connection) string {
	if len(list) == 0 {
		return "none"
	}
	var out []string
	for _, c := range list {
		out = append(out, c.String())
	}
	return strings.Join(out, ", ")
}

// lastPort is the highest port number.
const lastPort = 65535

// ofPorts are the connections of a set of ports.
func ofPorts(s network.PortSet, v verdict.Verdict, reason string) []Connection {
	if s.All() {
		return []Connection{{Verdict: v, Reason: reason}}
	}
	var out []Connection
	for _, r := range s.Ranges() {
		c := Connection{Protocol: r.Protocol, First: r.First, Last: r.Last, Verdict: v, Reason: reason}
		switch {
		case r.Last == 0:
			continue // port 0 is none
		case r.First <= 1 && r.Last == lastPort:
			c.First, c.Last = 0, 0
		case r.First == 0:
			c.First = 1
		}
		out = append(out, c)
	}
	return out
}

// ports are what the network lets through between all of some of its classes,
// and what it lets through between some, or may.
func (t *table) ports(from, to []int) (allowed, unknown network.PortSet) {
	first := true
	for _, a := range from {
		for _, b := range to {
			sure, unsure := t.cell(a, b)
			if first {
				allowed, unknown, first = sure, unsure, false
				continue
			}
			some := allowed.Or(unknown).Or(sure).Or(unsure)
			allowed = allowed.And(sure)
			unknown = some.Minus(allowed)
		}
	}
	return allowed, unknown
}

// partly is why connections are unknown of which the network knows no better.
const partly = "for some pods or addresses"

// connections refines what the network lets through by what the mesh admits;
// pure is true where the mesh admits all.
func (t *table) connections(u, v *unit, allowed, unknown network.PortSet) (list []Connection, pure bool) {
	plain := append(ofPorts(allowed, verdict.Allow, ""), ofPorts(unknown, verdict.Unknown, partly)...)
	if v.policies == "" {
		return plain, unknown.Empty()
	}
	all := t.admits(u, v, 0)
	special := t.e.mesh.Ports(v.peer)
	if all.Answer == mesh.Yes && len(special) == 0 {
		return plain, unknown.Empty()
	}
	ports := slices.Concat(t.e.portsOf(v.peer), special)
	slices.Sort(ports)
	ports = slices.Compact(ports)
	for _, c := range plain {
		switch {
		case c.Protocol != "" && c.Protocol != corev1.ProtocolTCP:
			list = append(list, c) // the mesh has no say
		case all.Answer == mesh.Yes:
			list = append(list, t.split(u, v, c, special)...)
		default:
			list = append(list, t.narrowed(u, v, c, ports, all)...)
		}
	}
	return list, false
}

// split is a connection that the mesh admits but for some ports.
func (t *table) split(u, v *unit, c Connection, special []int32) []Connection {
	all := network.AllPorts()
	if c.Protocol != "" {
		all = network.NewPortSet(network.PortRange{Protocol: c.Protocol, First: c.First, Last: cmp.Or(c.Last, lastPort)})
	}
	rest := all
	var out []Connection
	for _, p := range special {
		if !all.Contains(corev1.ProtocolTCP, p) {
			continue
		}
		one := c
		one.Protocol, one.First, one.Last = corev1.ProtocolTCP, p, p
		one, admitted := conditioned(one, t.admits(u, v, p))
		if admitted && one.Verdict == c.Verdict && len(one.When) == 0 {
			continue
		}
		rest = rest.Minus(network.NewPortSet(network.PortRange{Protocol: corev1.ProtocolTCP, First: p, Last: p}))
		if admitted {
			out = append(out, one)
		}
	}
	return append(ofPorts(rest, c.Verdict, c.Reason), out...)
}

// narrowed is a connection at the ports that the target is likely to be called
// at; at all of its ports, if none is known.
func (t *table) narrowed(u, v *unit, c Connection, ports []int32, all mesh.Summary) []Connection {
	var out []Connection
	within := 0
	for _, p := range ports {
		if c.Last != 0 && (p < c.First || p > c.Last) {
			continue
		}
		within++
		one := c
		one.Protocol, one.First, one.Last = corev1.ProtocolTCP, p, p
		if one, admitted := conditioned(one, t.admits(u, v, p)); admitted {
			out = append(out, one)
		}
	}
	if c, admitted := conditioned(c, all); admitted && within == 0 {
		return []Connection{c}
	}
	return out
}

// conditioned is a connection under the conditions of the mesh.
func conditioned(c Connection, s mesh.Summary) (Connection, bool) {
	switch s.Answer {
	case mesh.No:
		return c, false
	case mesh.Conditions:
		c.Requests = s.When
		for _, q := range s.When {
			c.When = append(c.When, q.String())
		}
	case mesh.Unsure:
		c.Verdict, c.Reason = verdict.Unknown, s.Words
	}
	return c, true
}

// admits asks the mesh once for callers and targets that it does not tell apart.
func (t *table) admits(u, v *unit, port int32) mesh.Summary {
	k := [3]string{u.identity, v.policies, strconv.Itoa(int(port))}
	s, seen := t.admitted[k]
	if !seen {
		s = t.e.mesh.Admits(u.peer, v.peer, port)
		t.admitted[k] = s
	}
	return s
}

func compareConnections(a, b []Connection) int { return cmp.Compare(Connections(a), Connections(b)) }

// without are the connections of a list that are not in another.
func without(list, other []Connection) []Connection {
	return slices.DeleteFunc(slices.Clone(list), func(c Connection) bool {
		return slices.ContainsFunc(other, func(o Connection) bool { return o.String() == c.String() })
	})
}
