// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
)

const (
	// margin is the number of unchanged lines around a change, diff -u's default.
	margin = 3
	// tooFar bounds the search for the shortest edit script, whose memory grows
	// with its square. Texts further apart are shown as replaced, which nobody
	// would read line by line anyway.
	tooFar = 2000
)

// Unified returns the difference of two texts in the unified format, with the
// given names in its header; it is empty when the texts are equal. The lines
// shown are a shortest edit script (Myers, "An O(ND) Difference Algorithm and
// Its Variations", 1986): an anchored diff, cheaper, repeats unchanged lines
// that are not unique, and the routes of a VirtualService hardly are.
func Unified(beforeName, before, afterName, after string) string {
	if before == after {
		return ""
	}
	a, b := split(before), split(after)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", beforeName, afterName)
	for _, h := range hunks(script(a, b)) {
		h.write(&out)
	}
	return out.String()
}

func split(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") {
			line += "\n\\ No newline at end of file\n"
		}
		lines = append(lines, line)
	}
	return lines
}

// edit is one line of an edit script: ' ' kept, '-' removed, '+' added.
type edit struct {
	op   byte
	line string
}

// script returns a shortest edit script from a to b, removals before additions.
func script(a, b []string) []edit {
	keepA, keepB := make([]bool, len(a)), make([]bool, len(b))
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		keepA[start], keepB[start] = true, true
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
		keepA[endA], keepB[endB] = true, true
	}
	keep(a[start:endA], b[start:endB], keepA[start:], keepB[start:])

	edits := make([]edit, 0, len(a)+len(b))
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && !keepA[i]:
			edits = append(edits, edit{'-', a[i]})
			i++
		case j < len(b) && !keepB[j]:
			edits = append(edits, edit{'+', b[j]})
			j++
		default:
			edits = append(edits, edit{' ', a[i]})
			i, j = i+1, j+1
		}
	}
	return edits
}

// keep marks the lines of a longest common subsequence. Diagonal k is x-y;
// reach[d][k+d] is the furthest x on it after d edits.
func keep(a, b []string, keepA, keepB []bool) {
	var reach [][]int
	for d := 0; d <= min(len(a)+len(b), tooFar); d++ {
		row := make([]int, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x := 0
			if d > 0 {
				x, _ = step(reach[d-1], d, k)
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			row[k+d] = x
			if x == len(a) && x-k == len(b) {
				backtrack(append(reach, row), k, keepA, keepB)
				return
			}
		}
		reach = append(reach, row)
	}
}

// step returns where diagonal k is entered by the d-th edit, and from which
// diagonal: from k+1 by adding a line of b, from k-1 by removing one of a.
func step(last []int, d, k int) (x, from int) {
	at := func(k int) int { return last[k+d-1] }
	if k == -d || k != d && at(k-1) < at(k+1) {
		return at(k + 1), k + 1
	}
	return at(k-1) + 1, k - 1
}

// backtrack follows the edits from the end to the start and marks the
// diagonal runs between them.
func backtrack(reach [][]int, k int, keepA, keepB []bool) {
	for d := len(reach) - 1; d >= 0; d-- {
		x, entered, from := reach[d][k+d], 0, 0
		if d > 0 {
			entered, from = step(reach[d-1], d, k)
		}
		for ; x > entered; x-- {
			keepA[x-1], keepB[x-1-k] = true, true
		}
		k = from
	}
}

// hunk is a run of edits with the line numbers, from 0, at which it starts.
type hunk struct {
	fromA, fromB int
	edits        []edit
}

// hunks cuts a script into changes with the unchanged lines around them;
// changes whose surroundings meet share a hunk.
func hunks(edits []edit) []hunk {
	var out []hunk
	var a, b, end int // lines of both sides before edit i; end of the last hunk
	for i, e := range edits {
		if e.op != ' ' {
			from := max(i-margin, 0)
			if len(out) == 0 || from > end {
				lead := i - from
				out = append(out, hunk{fromA: a - lead, fromB: b - lead, edits: edits[from:from]})
			} else {
				from = end - len(out[len(out)-1].edits)
			}
			last := &out[len(out)-1]
			end = min(i+1+margin, len(edits))
			last.edits = edits[from:end]
		}
		if e.op != '+' {
			a++
		}
		if e.op != '-' {
			b++
		}
	}
	return out
}

func (h hunk) write(out *strings.Builder) {
	var a, b int
	for _, e := range h.edits {
		if e.op != '+' {
			a++
		}
		if e.op != '-' {
			b++
		}
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(h.fromA, a), span(h.fromB, b))
	for _, e := range h.edits {
		out.WriteByte(e.op)
		out.WriteString(e.line)
	}
}

// span is the "start,count" of a hunk's header: lines count from 1, a count of
// 1 is left out, and an empty side names the line before it.
func span(from, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, count)
}
