// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"
	"strings"
)

// image is a reference to one, in its parts.
type image struct{ name, tag, digest string }

// parseImage takes a reference apart. What stands before the last slash is
// registry and path, whose port has a colon too.
func parseImage(reference string) image {
	var out image
	reference, out.digest, _ = strings.Cut(reference, "@")
	out.name = reference
	if i := strings.LastIndexByte(reference, ':'); i > strings.LastIndexByte(reference, '/') {
		out.name, out.tag = reference[:i], reference[i+1:]
	}
	return out
}

// String returns the name with the tag.
func (i image) String() string {
	if i.tag == "" {
		return i.name
	}
	return i.name + ":" + i.tag
}

// moves reports whether the image is another one tomorrow, and what says so.
func (i image) moves() (how string, moving bool) {
	switch {
	case i.digest != "":
		return "", false
	case i.tag == "":
		return "has no tag, which means latest", true
	case i.tag == "latest":
		return "is whatever was pushed last", true
	}
	return "", false
}

// literal reports whether nothing in a name is left to be filled in.
func literal(name string) bool { return plain.MatchString(name) }

var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/:@-]*$`)

var variable = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})`)

// expand fills in variables; false when one of them has no value.
func expand(text string, values map[string]string) (string, bool) {
	known := true
	out := variable.ReplaceAllStringFunc(text, func(use string) string {
		m := variable.FindStringSubmatch(use)
		if v := values[m[1]+m[2]]; v != "" {
			return v
		}
		known = known && m[3] != ""
		return m[3]
	})
	return out, known && !strings.Contains(out, "$")
}
