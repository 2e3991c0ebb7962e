// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"regexp"
	"strconv"
	"strings"
)

// release is a version of a language: major, minor. A part that is not said is -1.
type release struct{ major, minor int }

var number = regexp.MustCompile(`^v?(\d+)(?:\.(\d+|[xX*]))?(?:\.[\dxX*]+)*(?:[-+][\w.]+)?$`)

// parse reads 3.12, v22.3.1, 18.x; ok is false for anything else.
func parse(s string) (r release, ok bool) {
	m := number.FindStringSubmatch(s)
	if m == nil {
		return release{}, false
	}
	major, err := strconv.Atoi(m[1])
	if err != nil {
		return release{}, false
	}
	minor, err := strconv.Atoi(m[2])
	if err != nil {
		minor = -1
	}
	return release{major, minor}, true
}

// compare orders what both say.
func (r release) compare(s release) int {
	if r.major != s.major {
		return r.major - s.major
	}
	if r.minor < 0 || s.minor < 0 {
		return 0
	}
	return r.minor - s.minor
}

var comparator = regexp.MustCompile(`(===?|~=|>=|<=|!=|~>|>|<|\^|~|=)?\s*(v?\d[\w.*+-]*|[*xX])`)

// admits reports whether a range of versions, as package.json, pyproject.toml or
// composer.json write it, lets a release in; ok is false where the range cannot be
// read.
func admits(text string, r release) (yes, ok bool) {
	for _, choice := range regexp.MustCompile(`\|\|?`).Split(text, -1) {
		all := true
		terms := comparator.FindAllStringSubmatch(choice, -1)
		if len(terms) == 0 || strings.TrimSpace(comparator.ReplaceAllString(choice, "")) != "" && !separators.MatchString(comparator.ReplaceAllString(choice, "")) {
			return false, false
		}
		hyphen := len(terms) == 2 && strings.Contains(choice, " - ")
		for i, t := range terms {
			op := t[1]
			if hyphen {
				op = []string{">=", "<="}[i]
			}
			one, known := term(op, t[2], r)
			if !known {
				return false, false
			}
			all = all && one
		}
		yes = yes || all
	}
	return yes, true
}

var separators = regexp.MustCompile(`^[\s,-]*$`)

// term compares a release with one bound. A patch level is not looked at: an image
// of a release has its newest one.
func term(op, text string, r release) (yes, ok bool) {
	if text == "*" || text == "x" || text == "X" {
		return true, true
	}
	bound, ok := parse(strings.TrimSuffix(text, ".*"))
	if !ok {
		return false, false
	}
	patched := strings.Count(text, ".") > 1 && !strings.HasSuffix(text, ".*") && !strings.HasSuffix(text, ".x")
	c := r.compare(bound)
	switch op {
	case ">=":
		return c >= 0, true
	case ">":
		return c > 0 || c == 0 && patched, true
	case "<=":
		return c <= 0, true
	case "<":
		zero := strings.HasSuffix(text, ".0") && patched
		return c < 0 || c == 0 && patched && !zero, true
	case "!=":
		return c != 0 || patched, true
	case "^":
		return r.major == bound.major && c >= 0, true
	case "~", "~>", "~=":
		if strings.Count(text, ".") < 2 && bound.minor >= 0 && op != "~" {
			return r.major == bound.major && c >= 0, true // ~=3.11 allows 3.12
		}
		return c == 0, true
	default:
		return c == 0, true
	}
}

// pick is the first of the candidates that a range lets in; known is false where
// none is, or the range cannot be read.
func pick(text string, candidates ...release) (r release, known bool) {
	if text == "" {
		return candidates[0], true
	}
	for _, c := range candidates {
		if yes, ok := admits(text, c); ok && yes {
			return c, true
		}
	}
	return release{}, false
}

func (r release) String() string {
	if r.minor < 0 {
		return strconv.Itoa(r.major)
	}
	return strconv.Itoa(r.major) + "." + strconv.Itoa(r.minor)
}
