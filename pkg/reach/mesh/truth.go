// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"slices"
	"strings"
)

// truth is whether something matches. It may depend on what is not known.
type truth int8

const (
	no truth = iota
	depends
	yes
)

// open is what an answer depends on.
type open struct {
	// Field is a part of the request that was left open: "method", "header x".
	Field string
	// Why is what nobody can tell from what was read: a whole reason.
	Why string
}

// answer is a truth with what it depends on; opens is empty unless it depends.
type answer struct {
	truth
	opens []open
}

var (
	never  = answer{truth: no}
	always = answer{truth: yes}
)

func known(b bool) answer {
	if b {
		return always
	}
	return never
}

// onField is the answer that a part of the request would give.
func onField(field string) answer { return answer{depends, []open{{Field: field}}} }

// unsure is the answer where nobody can tell.
func unsure(why string) answer { return answer{depends, []open{{Why: why}}} }

func (a answer) not() answer { return answer{yes - a.truth, a.opens} }

// and is no if one is no, and yes if both are.
func (a answer) and(b answer) answer {
	switch {
	case a.truth == no || b.truth == yes:
		return a
	case b.truth == no || a.truth == yes:
		return b
	}
	return answer{depends, merge(a.opens, b.opens)}
}

// or is yes if one is yes, and no if both are no.
func (a answer) or(b answer) answer { return a.not().and(b.not()).not() }

func merge(a, b []open) []open {
	out := slices.Clip(a)
	for _, o := range b {
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// reasons are what nobody can tell, of some open parts.
func reasons(opens []open) []string {
	var out []string
	for _, o := range opens {
		if o.Why != "" {
			out = append(out, o.Why)
		}
	}
	return out
}

// fields are the parts of the request that were left open.
func fields(opens []open) []string {
	var out []string
	for _, o := range opens {
		if o.Field != "" {
			out = append(out, o.Field)
		}
	}
	return out
}

// list joins words: "a", "a and b", "a, b and c".
func list(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}
