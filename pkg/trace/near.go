// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// What a rule wants begins with what it is about.
var (
	aboutPorts   = []string{"port ", "protocol "}
	aboutCallers = []string{
		"principal ", "namespace ", "ServiceAccount ", "trust domain ", "source address ", "client address ",
		"pod label ", "podSelector ", "namespaceSelector ", "ipBlock ",
	}
)

// about reports whether a rule wants something of a kind.
func about(m verdict.Miss, kind []string) bool {
	return slices.ContainsFunc(m.Wants, func(want string) bool {
		return slices.ContainsFunc(kind, func(word string) bool { return strings.HasPrefix(want, word) })
	})
}

// near puts rules that miss in the order in which they are worth a look: those
// about this caller and this port that want another request, then those for
// other callers at this port, then those for another port.
func near(all []verdict.Miss) []verdict.Miss {
	rank := func(m verdict.Miss) int {
		switch {
		case about(m, aboutPorts):
			return 2
		case about(m, aboutCallers):
			return 1
		}
		return 0
	}
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b verdict.Miss) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// related leaves out the rules for other callers at other ports: what lets
// everybody ask for names says nothing about who may call a service.
func related(all []verdict.Miss) []verdict.Miss {
	return slices.DeleteFunc(near(all), func(m verdict.Miss) bool { return about(m, aboutPorts) && about(m, aboutCallers) })
}
