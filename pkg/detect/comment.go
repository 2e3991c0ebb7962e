// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

// style is how a language writes comments: to the end of the line, and from
// open to close.
type style struct{ line, open, close string }

var (
	slashes = style{"//", "/*", "*/"}
	hashes  = style{"#", "", ""}
	angles  = style{"", "<!--", "-->"}
)

var styles = map[string]style{
	".go": slashes, ".js": slashes, ".mjs": slashes, ".cjs": slashes, ".ts": slashes, ".tsx": slashes, ".jsx": slashes,
	".java": slashes, ".kt": slashes, ".gradle": slashes, ".kts": slashes, ".cs": slashes, ".rs": slashes, ".php": slashes,
	".py": {"#", `"""`, `"""`}, ".rb": {"#", "=begin", "=end"}, ".sh": hashes, ".toml": hashes, ".yaml": hashes, ".yml": hashes,
	".properties": hashes, ".txt": hashes, ".ru": hashes, ".xml": angles, ".csproj": angles, ".html": angles,
}

// silence marks the lines of a file that hold no code: comments, and in Python
// the texts that document.
func silence(f *file) []bool {
	out := make([]bool, len(f.starts))
	s, ok := styles[path.Ext(f.path)]
	if !ok {
		return out
	}
	inside := false
	for i := range out {
		line := strings.TrimSpace(f.line(i + 1))
		if inside {
			out[i] = true
			inside = !strings.Contains(line, s.close)
			continue
		}
		if s.line != "" && strings.HasPrefix(line, s.line) {
			out[i] = true
			continue
		}
		if s.open == "" || !strings.HasPrefix(line, s.open) {
			continue
		}
		rest := line[len(s.open):]
		end := strings.Index(rest, s.close)
		inside = end < 0
		out[i] = inside || strings.TrimSpace(rest[end+len(s.close):]) == ""
	}
	return out
}

// trailing is where a comment begins behind code, -1 if none does. A blank must
// stand in front: "http://x" is not a comment.
func trailing(f *file, line string) int {
	s := styles[path.Ext(f.path)]
	if s.line == "" {
		return -1
	}
	for from := 0; ; {
		i := strings.Index(line[from:], " "+s.line)
		if i < 0 {
			return -1
		}
		i += from
		// Within a text it is none: an odd number of quotes is open there.
		if strings.Count(line[:i], `"`)%2 == 0 && strings.Count(line[:i], `'`)%2 == 0 {
			return i
		}
		from = i + 1
	}
}
