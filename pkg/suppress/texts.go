// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"bytes"
	"regexp"
	"strings"
)

// textComment is a comment for this program in a file without objects, with what
// is before it.
var textComment = regexp.MustCompile(`^(.*?)(?:#|//)[ \t]*` + prefix + `(.*)$`)

// readTexts reads the comments of Dockerfiles, pipelines and scripts.
func (s *Set) readTexts() {
	for _, t := range s.world.Texts {
		if !bytes.Contains(t.Data, []byte(prefix)) {
			continue
		}
		lines := t.Lines()
		for i, line := range lines {
			m := textComment.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			c := written{text: strings.TrimSpace(m[2]), line: i + 1, column: len(m[1]) + 1}
			about := target{from: c.line, to: c.line}
			if strings.TrimSpace(m[1]) == "" {
				about = below(lines, i+1)
			}
			s.readComment(t.Path, c, about, nil)
		}
	}
}

// below is the command that begins on the first line of code from i on, counted
// from 0, with the lines that continue it.
func below(lines []string, i int) target {
	for ; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") {
			continue
		}
		out := target{from: i + 1, to: i + 1}
		for ; i+1 < len(lines) && strings.HasSuffix(strings.TrimSpace(lines[i]), `\`); i++ {
			out.to++
		}
		return out
	}
	return target{problem: "there is nothing below the comment that it could be about", hint: "write it above the line that is found fault with"}
}
