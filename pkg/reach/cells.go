// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
)

// value numbers the connections from one unit to another, -1 for none.
func (t *table) value(from, to int) int {
	u, v := &t.units[from], &t.units[to]
	if len(u.workloads) == 0 && len(v.workloads) == 0 {
		return -1 // neither end is a workload
	}
	if t.cells == nil || len(u.classes) != 1 || len(v.classes) != 1 || v.policies != "" || u.plane == model.AmbientProxy {
		return t.refined(u, v)
	}
	// Without a mesh the cell says it all; this is asked for every pair.
	cell := t.cells[u.classes[0]*len(t.m.Classes())+v.classes[0]]
	if t.ofCell == nil {
		t.ofCell = slices.Repeat([]int{unasked}, len(t.sets))
	}
	if t.ofCell[cell] == unasked {
		t.ofCell[cell] = t.refined(u, v)
	}
	return t.ofCell[cell]
}

// unasked is the value of a cell that nobody asked for yet.
const unasked = -2

// refined is the value of a pair by what the network and the mesh say.
func (t *table) refined(u, v *unit) int {
	allowed, unknown := t.reached(u, v)
	if allowed.Empty() && unknown.Empty() {
		return -1
	}
	k := pairKey{allowed: allowed, unknown: unknown}
	if v.policies != "" {
		k.identity, k.policies = u.identity, v.policies
	}
	id, seen := t.seen[k]
	if !seen {
		list, pure := t.connections(u, v, allowed, unknown)
		if !pure {
			allowed = network.PortSet{}
		}
		id = t.book.number(list, allowed)
		t.seen[k] = id
	}
	return id
}

// mostCells bounds the matrix that is kept in full.
const mostCells = 16 << 20

// fill keeps the matrix of the classes, rectangle by rectangle: asking for each
// pair takes several times as long.
func (t *table) fill() {
	n := len(t.m.Classes())
	if n*n > mostCells {
		return
	}
	t.cells = make([]int32, n*n)
	t.sets = [][2]network.PortSet{{}}
	for g := range t.m.Groups() {
		id := int32(len(t.sets))
		for i, known := range t.sets {
			if known[0] == g.Allowed && known[1] == g.Unknown {
				id = int32(i)
				break
			}
		}
		if int(id) == len(t.sets) {
			t.sets = append(t.sets, [2]network.PortSet{g.Allowed, g.Unknown})
		}
		for _, from := range g.From {
			row := t.cells[from*n : (from+1)*n]
			for _, to := range g.To {
				row[to] = id
			}
		}
	}
}

// cell is what the network lets through between two of its classes.
func (t *table) cell(from, to int) (allowed, unknown network.PortSet) {
	if t.cells == nil {
		return t.m.Allowed(from, to), t.m.Unknown(from, to)
	}
	s := t.sets[t.cells[from*len(t.m.Classes())+to]]
	return s[0], s[1]
}
