// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// gather joins roots of different rules that are one mistake: they are about the
// same field of the same object, and what one hits the other hits as well, such
// as the egress of a NetworkPolicy that leaves out both DNS and istiod. The
// weightiest is the headline, and the others are told with it.
func gather(roots map[*node][]*node, order []*node) []*node {
	type field struct {
		object  ref.Ref
		pointer string
	}
	heads := map[field][]int{}
	var out []*node
	for _, n := range order {
		at := field{plain(n.Object), n.Pointer}
		i := slices.IndexFunc(heads[at], func(i int) bool { return n.Pointer != "" && hitTheSame(out[i], n) })
		if i < 0 {
			heads[at] = append(heads[at], len(out))
			out = append(out, n)
			continue
		}
		i = heads[at][i]
		out[i] = unite(roots, out[i], n)
	}
	return out
}

// hitTheSame reports whether all that takes part in one finding takes part in
// another. Findings that nothing else takes part in have nothing in common.
func hitTheSame(a, b *node) bool {
	few, many := a.Related, b.Related
	if len(few) > len(many) {
		few, many = many, few
	}
	return len(few) > 0 && !slices.ContainsFunc(few, func(r ref.Ref) bool { return !slices.Contains(many, r) })
}
