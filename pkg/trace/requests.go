// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// When are the requests that a connection lets through, in few words and each
// once: which rules let them through makes no difference.
func When(c reach.Connection) []string {
	var out []string
	for _, r := range c.Requests {
		if text := brief(r); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// brief is "GET,HEAD /catalog, /catalog/*", with "not" in front of what is kept
// out.
func brief(r mesh.Condition) string {
	parts := slices.Clone(r.Other)
	if http := strings.TrimSpace(strings.Join(r.Methods, ",") + " " + strings.Join(r.Paths, ", ")); http != "" {
		parts = slices.Insert(parts, 0, http)
	}
	text := strings.Join(parts, "; ")
	if r.Denied {
		return "not " + text
	}
	return text
}

// only says which of the requests that were asked about get through, of a hop
// whose answer hangs on what was left open.
func only(h verdict.Hop) string {
	_, words, found := strings.Cut(h.Reason, ": ")
	if !found {
		return h.Reason
	}
	if one, _, allowed := strings.Cut(words, " is allowed ("+h.Rule); allowed && !strings.Contains(words, "; ") {
		return "only " + one
	}
	return words
}
