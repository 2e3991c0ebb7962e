// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"iter"
	"maps"
	"net/netip"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Class is a set of peers that no policy tells apart, or of addresses.
type Class struct {
	// Members are indexes of the peers given to Engine.Matrix; none of a class of
	// addresses that the matrix adds.
	Members []int
	// Peer stands for all of them; of addresses, it has a Block.
	Peer model.Peer
	// Addresses are the ranges of a class that the matrix adds.
	Addresses []AddressRange
	// Internet is true for the addresses that no policy names.
	Internet bool
}

// AddressRange is an interval of addresses of one family, both ends in it.
type AddressRange struct{ First, Last netip.Addr }

// Matrix is what may connect to what, class by class. It is safe for concurrent use.
type Matrix struct {
	engine  *Engine
	classes []Class
	classOf []int
	// rows are those of each direction, rowOf the row of each class.
	rows  [2][]*row
	rowOf [2][]int32

	mu    sync.Mutex
	ports *portTable
}

// Group is a rectangle of the matrix: every class of From reaches every class of
// To at the same ports.
type Group struct {
	From, To []int
	// Allowed are the ports that are surely open, Unknown those that may be.
	Allowed, Unknown PortSet
}

// Matrix computes what may connect to what among peers and the addresses that
// policies tell apart. Pods that have ended, and peers that are nothing, are in
// no class.
func (e *Engine) Matrix(peers []model.Peer) *Matrix {
	c := newClassifier(e)
	m := &Matrix{engine: e, classOf: make([]int, len(peers)), ports: newPortTable()}
	for i, p := range peers {
		m.classOf[i] = -1
		if x := e.end(p); x.kind != nobody && !x.ended() {
			m.classOf[i] = c.add(x)
			class := &c.classes[m.classOf[i]]
			class.Members = append(class.Members, i)
		}
	}
	c.addSpace()
	m.classes = c.classes
	x := newIndex(c)
	for d := range m.rows {
		r := &rows{index: x, portTable: m.ports, direction: direction(d), done: map[cacheKey]partition{}}
		m.rows[d], m.rowOf[d] = r.compute()
	}
	return m
}

// Classes returns the classes; their indexes are what the other methods take.
func (m *Matrix) Classes() []Class { return m.classes }

// ClassOf returns the class of a peer, by its index, or -1 if it is in none.
func (m *Matrix) ClassOf(peer int) int { return m.classOf[peer] }

// Allowed returns the ports at which the pods of one class surely reach those of
// another (or other pods of the same; a pod always reaches itself).
func (m *Matrix) Allowed(src, dst int) PortSet {
	m.mu.Lock()
	defer m.mu.Unlock()
	allowed, _ := m.pair(m.values(src, dst))
	return m.ports.set(allowed)
}

// Unknown returns the ports of which nobody can tell, those of Allowed left out.
func (m *Matrix) Unknown(src, dst int) PortSet {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, unknown := m.pair(m.values(src, dst))
	return m.ports.set(unknown)
}

// values are what the policies of both ends say about a pair.
func (m *Matrix) values(src, dst int) (out, in value) {
	return m.rows[egress][m.rowOf[egress][src]].of(dst), m.rows[ingress][m.rowOf[ingress][dst]].of(src)
}

// pair is what both ends let through; the lock is held.
func (m *Matrix) pair(out, in value) (allowed, unknown portID) {
	allowed = m.ports.and(out[sureSet], in[sureSet])
	return allowed, m.ports.minus(m.ports.and(out[possibleSet], in[possibleSet]), allowed)
}

// Groups yields rectangles that together hold each pair of classes with an
// allowed or unknown port once. Equal worlds yield them in one order.
func (m *Matrix) Groups() iter.Seq[Group] {
	return func(yield func(Group) bool) {
		for _, from := range m.rows[egress] {
			for _, g := range m.groupsFrom(from) {
				if !yield(g) {
					return
				}
			}
		}
	}
}

// groupsFrom are the rectangles of one row of sources. Destinations that all of
// them reach alike are put together.
func (m *Matrix) groupsFrom(from *row) []Group {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Group
	n := len(m.classes)
	whole := map[[2]portID]bitset{}
	emit := func(a, b portID, src, dst bitset) {
		out = append(out, Group{slices.Collect(src.all()), slices.Collect(dst.all()), m.ports.set(a), m.ports.set(b)})
	}
	for _, to := range m.candidates(from) {
		for _, x := range from.within(to.members, to.low, to.high) {
			for _, y := range to.within(from.members, from.low, from.high) {
				a, b := m.pair(x.value, y.value)
				switch {
				case a == noneID && b == noneID:
				case y.all:
					setIn(whole, [2]portID{a, b}, n).or(x.bits)
				default:
					emit(a, b, y.bits, x.bits)
				}
			}
		}
	}
	for _, ports := range slices.SortedFunc(maps.Keys(whole), func(a, b [2]portID) int { return slices.Compare(a[:], b[:]) }) {
		emit(ports[0], ports[1], from.members, whole[ports])
	}
	return out
}

// candidates are the rows of destinations that sources may reach at all.
func (m *Matrix) candidates(from *row) []*row {
	if from.rest[possibleSet] != noneID {
		return m.rows[ingress]
	}
	seen := newBitset(len(m.rows[ingress]))
	for _, p := range from.parts {
		if p.value[possibleSet] == noneID {
			continue
		}
		for class := range p.bits.all() {
			seen.add(int(m.rowOf[ingress][class]))
		}
	}
	var out []*row
	for i := range seen.all() {
		out = append(out, m.rows[ingress][i])
	}
	return out
}

// piece is the part of some classes that a partition gives one value.
type piece struct {
	part
	// all is true when the piece is all of the classes.
	all bool
}

// within cuts classes, of which the words from low to high matter, at the parts
// of a row.
func (r *row) within(classes bitset, low, high int) []piece {
	var out []piece
	left := classes.clone()
	for _, p := range r.parts {
		if !p.bits[low:high].meets(left[low:high]) {
			continue
		}
		bits := left.clone()
		bits[low:high].keep(p.bits[low:high])
		left[low:high].remove(p.bits[low:high])
		out = append(out, piece{part: part{p.value, bits}})
	}
	if !left[low:high].empty() {
		out = append(out, piece{part: part{r.rest, left}})
	}
	if len(out) == 1 {
		out[0].all = true
	}
	return out
}

// Caveats returns what the matrix does not take into account: kinds that could
// not be read, and policies of other APIs. Decide says Unknown for these.
func (m *Matrix) Caveats() []Caveat { return m.engine.Caveats() }

// Policies returns the policies that select the source for egress and the
// destination for ingress, surely or perhaps, sorted.
func (m *Matrix) Policies(src, dst int) (egressOf, ingressOf []ref.Ref) {
	return m.rows[egress][m.rowOf[egress][src]].refs(), m.rows[ingress][m.rowOf[ingress][dst]].refs()
}

func (r *row) refs() []ref.Ref {
	var out []ref.Ref
	for _, p := range r.policies {
		out = append(out, p.Ref)
	}
	slices.SortFunc(out, ref.Compare)
	return slices.Compact(out)
}

// Explain decides one port of a pair of classes, by the peers that stand for
// them, with the rules that decide.
func (m *Matrix) Explain(src, dst int, protocol corev1.Protocol, port int32) (egressHop, ingressHop verdict.Hop) {
	return m.engine.Decide(Connection{m.classes[src].Peer, m.classes[dst].Peer, protocol, port})
}
