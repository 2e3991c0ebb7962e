// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import "encoding/binary"

// portID stands for a PortSet of one matrix: equal sets have equal numbers.
type portID int32

// The sets that every table has.
const (
	noneID portID = iota
	allID
)

// portTable interns port sets and remembers what was computed of them, as the
// same few sets meet again and again. It is not safe for concurrent use.
type portTable struct {
	sets  []PortSet
	byKey map[string]portID
	done  map[operation]portID
}

// operation is a computation with two sets.
type operation struct {
	name byte
	a, b portID
}

func newPortTable() *portTable {
	t := &portTable{byKey: map[string]portID{}, done: map[operation]portID{}}
	t.id(noPorts)
	t.id(everyPort)
	return t
}

// id is the number of a set.
func (t *portTable) id(s PortSet) portID {
	key := make([]byte, 0, 32)
	p := s.get()
	for _, spans := range p.spans {
		for _, x := range spans {
			key = binary.BigEndian.AppendUint16(key, uint16(x.first))
			key = binary.BigEndian.AppendUint16(key, uint16(x.last))
		}
		key = append(key, 0xff, 0xff, 0, 0) // ends before it starts: no interval is like that
	}
	if p.rest {
		key = append(key, 1)
	}
	id, known := t.byKey[string(key)]
	if !known {
		id = portID(len(t.sets))
		t.byKey[string(key)] = id
		t.sets = append(t.sets, s)
	}
	return id
}

func (t *portTable) set(id portID) PortSet { return t.sets[id] }

func (t *portTable) compute(name byte, a, b portID, f func(PortSet, PortSet) PortSet) portID {
	op := operation{name, a, b}
	if id, known := t.done[op]; known {
		return id
	}
	id := t.id(f(t.sets[a], t.sets[b]))
	t.done[op] = id
	return id
}

func (t *portTable) or(a, b portID) portID {
	switch {
	case a == b || b == noneID || a == allID:
		return a
	case a == noneID || b == allID:
		return b
	}
	return t.compute('|', min(a, b), max(a, b), PortSet.Or)
}

func (t *portTable) and(a, b portID) portID {
	switch {
	case a == b || b == allID || a == noneID:
		return a
	case a == allID || b == noneID:
		return b
	}
	return t.compute('&', min(a, b), max(a, b), PortSet.And)
}

func (t *portTable) minus(a, b portID) portID {
	switch {
	case a == b || b == allID || a == noneID:
		return noneID
	case b == noneID:
		return a
	}
	return t.compute('-', a, b, PortSet.Minus)
}
