// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"iter"
	"math/bits"
)

// bitset is a set of small numbers, in words of 64. Sets that meet have one length.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) add(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

func (b bitset) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// all yields the members in order.
func (b bitset) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range b {
			for ; w != 0; w &= w - 1 {
				if !yield(i<<6 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// The operations on a set of one's own change it.

func (b bitset) or(o bitset) {
	for i := range b {
		b[i] |= o[i]
	}
}

func (b bitset) remove(o bitset) {
	for i := range b {
		b[i] &^= o[i]
	}
}

func (b bitset) keep(o bitset) {
	for i := range b {
		b[i] &= o[i]
	}
}

func (b bitset) clone() bitset {
	out := make(bitset, len(b))
	copy(out, b)
	return out
}

// and returns what is in both sets, nil if nothing is.
func (b bitset) and(o bitset) bitset {
	for i := range b {
		if b[i]&o[i] != 0 {
			out := make(bitset, len(b))
			for j := i; j < len(b); j++ {
				out[j] = b[j] & o[j]
			}
			return out
		}
	}
	return nil
}

// meets reports whether two sets share a member.
func (b bitset) meets(o bitset) bool {
	for i := range b {
		if b[i]&o[i] != 0 {
			return true
		}
	}
	return false
}
