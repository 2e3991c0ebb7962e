// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"path"
	"strings"
)

// chip is a package in the picture; x and y are within its floor's room.
type chip struct {
	name        string
	x, y, width int
}

func (c chip) bottom() int { return c.y + chipHeight }

// place sets packages in lines, in their order.
func place(packages []string) []chip {
	var out []chip
	x, y := 0, chipGap
	for _, name := range packages {
		width := int(math.Ceil(float64(len(name))*charWidth)) + 16
		if x > 0 && x+width > roomWidth-chipGap {
			x, y = 0, y+chipHeight+chipGap
		}
		out = append(out, chip{name, x, y, width})
		x += width + chipGap
	}
	return out
}

// forTests reports whether a package serves tests: their names say so, and pkg/internal
// has nothing else.
func forTests(name string) bool {
	return strings.HasPrefix(name, "internal/") || strings.HasSuffix(path.Base(name), "test")
}

// wrap breaks a text between words into lines of at most limit characters.
func wrap(text string, limit int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= limit {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
