// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ref

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Closest returns the candidates that a mistyped name may have meant, the best
// first, at most three: those within a third of its length in edit distance,
// or that contain it.
func Closest(name string, candidates []string) []string {
	type scored struct {
		name     string
		distance int
	}
	var near []scored
	limit := max(1, len(name)/3)
	for _, c := range candidates {
		typed, known := strings.ToLower(name), strings.ToLower(c)
		d := distance(typed, known)
		if d <= limit || (len(name) > 2 && strings.Contains(known, typed)) {
			near = append(near, scored{c, d})
		}
	}
	slices.SortFunc(near, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	near = slices.Compact(near)
	var out []string
	for _, s := range near[:min(3, len(near))] {
		out = append(out, s.name)
	}
	return out
}

// Few are names in the order of the alphabet, once each, as a person is told of them: the
// first five, and how many there are besides. Empty without names.
func Few(names []string) string {
	const told = 5
	names = slices.Sorted(slices.Values(names))
	names = slices.Compact(names)
	if len(names) <= told {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:told], ", "), len(names)-told)
}

// distance is the Damerau-Levenshtein distance with adjacent transpositions
// (optimal string alignment), on bytes: object names are ASCII.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
