// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package lines compares texts line by line: what two of them have in common is
// what a difference does not show, and what a merge rests on.
package lines

// tooFar bounds the search for the longest common subsequence, whose memory grows
// with the square of the edits. What is further apart has little in common, and
// nobody would read its difference line by line.
const tooFar = 2000

// Common returns for each line of a the index of its equal in b, or -1, so that
// the pairs are a longest common subsequence (Myers, "An O(ND) Difference
// Algorithm and Its Variations", 1986). Texts that more than 2000 edits are between
// have only their beginnings and ends in common.
func Common(a, b []string) []int {
	pairs := make([]int, len(a))
	for i := range pairs {
		pairs[i] = -1
	}
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		pairs[start] = start
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
		pairs[endA] = endB
	}
	s := search{a: a[start:endA], b: b[start:endB]}
	s.run(func(x, y int) { pairs[start+x] = start + y })
	return pairs
}

// search looks for the shortest way from the start of two lists to their ends: a
// step takes an item of a or of b, equal items are passed for free. Diagonal k is
// where x-y is k; reach[d][k+d] is the furthest x on it after d steps.
type search struct {
	a, b  []string
	reach [][]int
}

// run calls pair for the equal lines on the way, if there is one that is short
// enough.
func (s *search) run(pair func(x, y int)) {
	for d := 0; d <= min(len(s.a)+len(s.b), tooFar); d++ {
		s.reach = append(s.reach, make([]int, 2*d+1))
		for k := -d; k <= d; k += 2 {
			x, _ := s.enter(d, k)
			for x < len(s.a) && x-k < len(s.b) && s.a[x] == s.b[x-k] {
				x++
			}
			s.reach[d][k+d] = x
			if x == len(s.a) && x-k == len(s.b) {
				s.back(k, pair)
				return
			}
		}
	}
}

// enter returns where the d-th step comes to diagonal k, and from which one.
func (s *search) enter(d, k int) (x, from int) {
	if d == 0 {
		return 0, 0
	}
	last := s.reach[d-1]
	at := func(k int) int { return last[k+d-1] }
	if k == -d || k != d && at(k-1) < at(k+1) {
		return at(k + 1), k + 1
	}
	return at(k-1) + 1, k - 1
}

// back walks from the end on diagonal k to the start.
func (s *search) back(k int, pair func(x, y int)) {
	for d := len(s.reach) - 1; d >= 0; d-- {
		entered, from := s.enter(d, k)
		for x := s.reach[d][k+d]; x > entered; x-- {
			pair(x-1, x-1-k)
		}
		k = from
	}
}
