// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

// selection is a policy that selects a class; maybe tells that it may.
type selection struct {
	*policy
	maybe bool
}

// selections are the policies that select each class, as numbers: twice that of
// the policy, one more for a maybe.
type selections struct {
	policies []*policy
	of       [][]int32
}

func (s selections) list(class int) []selection {
	out := make([]selection, 0, len(s.of[class]))
	for _, n := range s.of[class] {
		out = append(out, selection{s.policies[n>>1], n&1 == 1})
	}
	return out
}

func (x *rows) selections() selections {
	out := selections{of: make([][]int32, x.n)}
	for p := range x.all() {
		if !p.decides(x.direction) {
			continue
		}
		n := int32(len(out.policies)) << 1
		out.policies = append(out.policies, p)
		g := x.subjects(p)
		for class := range g.sure.all() {
			out.of[class] = append(out.of[class], n)
		}
		for class := range g.maybe.all() {
			out.of[class] = append(out.of[class], n|1)
		}
	}
	return out
}
