// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"regexp"
	"strings"
)

// A server is often told its port by a name, and the name its value lines above:
// "port = getenv('SHOP_PORT', '8080')". The names tell what a default is for better
// than how the variable is called.

// called are the places where a server is told its port.
type called struct {
	needle string
	// re has what it is told as its first group.
	re *pattern
}

var (
	nodeListens = []called{
		{"listen(", re(`\blisten\(\s*(?:\{[^}]*\bport:\s*)?([^,)}]+(?:\([^)]*\)[^,)}]*)?)`)},
	}
	pythonListens = []called{
		{"port", re(`\brun(?:_app|_simple)?\(.*?\bport\s*=\s*((?:int\()?[^,)]+(?:\([^)]*\))?)`)},
	}
	// What follows the variable in a text that sets or is the port.
	nodeDefault   = re(`\bprocess\.env\b.*(?:\|\||\?\?)\s*['"]?(\d{2,5})\b`)
	pythonDefault = re(`\b(?:getenv|environ\.get)\(\s*["'][A-Z][A-Z0-9_]*["'],\s*(?:default=)?["']?(\d{2,5})\b`)
	identifier    = re(`^(?:int\()?([A-Za-z_$][\w$]*)\)?$`)
)

// followed notes the default of a variable that a server is told as its port, in the
// call or where the name in the call gets it. It reports whether a server is told a
// port at all: what servers do when told none is beside the point then.
func (u *unit) followed(files []*file, calls []called, value *pattern) bool {
	told := false
	for _, f := range files {
		less := u.penalty(f)
		for _, c := range calls {
			f.grep(c.needle, c.re, func(m match) {
				told = true
				line := f.line(m.line)
				if d := value.FindStringSubmatch(line); d != nil && strings.Contains(m.group(1), "env") {
					u.add(port, f.at(m.line, d[0]), d[1], "default of the port of a server", source+3-less)
					return
				}
				if name := identifier.FindStringSubmatch(strings.TrimSpace(m.group(1))); name != nil {
					u.assigned(f, name[1], value, source+3-less)
				}
			})
		}
	}
	return told
}

// assigned notes the defaults that a name is given in a file.
func (u *unit) assigned(f *file, name string, value *pattern, confidence int) {
	if !u.tree.afford(len(f.text())) {
		return
	}
	gets := re(`(?:^|\s)` + regexp.QuoteMeta(name) + `\s*(?::\s*\w+\s*)?=[^=]`)
	f.grep(name, gets, func(m match) {
		if d := value.FindStringSubmatch(f.line(m.line)); d != nil && isPort(d[1]) {
			u.add(port, f.at(m.line, d[0]), d[1], "default of the port of a server", confidence)
		}
	})
}
