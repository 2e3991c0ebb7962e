// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i int) { b[i/64] |= 1 << (i % 64) }

func (b bitset) each(yield func(int)) {
	for w, word := range b {
		for ; word != 0; word &= word - 1 {
			yield(w*64 + bits.TrailingZeros64(word))
		}
	}
}

// rectangle is a set of sources that fare alike with a set of targets.
type rectangle struct {
	value    int
	from, to []int
}

// rectangles covers a matrix of n by n values: targets with equal columns come
// together, and for each value the sources that have it. Values below 0 are left out.
func rectangles(n int, value func(from, to int) int) []rectangle {
	type column struct {
		values []int
		from   map[int]bitset
		to     []int
	}
	var columns []*column
	bySignature := map[string]*column{}
	var key []byte
	for to := range n {
		c := &column{from: map[int]bitset{}}
		for from := range n {
			v := value(from, to)
			if v < 0 {
				continue
			}
			set, seen := c.from[v]
			if !seen {
				set = newBitset(n)
				c.from[v] = set
				c.values = append(c.values, v)
			}
			set.set(from)
		}
		slices.Sort(c.values)
		key = key[:0]
		for _, v := range c.values {
			key = binary.AppendUvarint(key, uint64(v))
			for _, word := range c.from[v] {
				key = binary.LittleEndian.AppendUint64(key, word)
			}
		}
		if same, seen := bySignature[string(key)]; seen {
			same.to = append(same.to, to)
			continue
		}
		c.to = []int{to}
		bySignature[string(key)] = c
		columns = append(columns, c)
	}
	var out []rectangle
	for _, c := range columns {
		for _, v := range c.values {
			r := rectangle{value: v, to: c.to}
			c.from[v].each(func(i int) { r.from = append(r.from, i) })
			out = append(out, r)
		}
	}
	return out
}
