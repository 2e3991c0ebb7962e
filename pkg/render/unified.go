// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/lines"
)

// margin is the number of unchanged lines around a change, diff -u's default.
const margin = 3

// Unified returns the difference of two texts in the unified format, with the
// given names in its header; it is empty when the texts are equal. The lines
// shown are a shortest edit script: an anchored diff, cheaper, repeats unchanged
// lines that are not unique, and the routes of a VirtualService hardly are. Texts
// too far apart for [lines.Common] are shown as replaced.
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
	edits := make([]edit, 0, len(a)+len(b))
	j := 0
	add := func(end int) {
		for ; j < end; j++ {
			edits = append(edits, edit{'+', b[j]})
		}
	}
	for i, equal := range lines.Common(a, b) {
		if equal < 0 {
			edits = append(edits, edit{'-', a[i]})
			continue
		}
		add(equal)
		edits = append(edits, edit{' ', a[i]})
		j++
	}
	add(len(b))
	return edits
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
