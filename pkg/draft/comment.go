// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"strings"
	"unicode"

	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

// longest is how much of a line of a source a comment shows, in characters.
const longest = 160

// comment makes comments of lines: what stands in a tree must not end a comment,
// hide in one, or give away a password.
func comment(text string) string {
	if text == "" {
		return ""
	}
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
				return ' '
			}
			return r
		}, redact.Text(line))
		if runes := []rune(line); len(runes) > longest {
			line = string(runes[:longest]) + "..."
		}
		out = append(out, strings.TrimRight("# "+line, " "))
	}
	return strings.Join(out, "\n")
}
