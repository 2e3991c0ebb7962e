// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package scheduling holds the rules about pods that get no node, that cannot
// be made at all, that a node throws out, and that do not go away.
//
// What keeps a pod from being scheduled is one finding for each workload: which
// rule reports it is decided in one place, verdict.dominant.
package scheduling

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// few joins a list for people, and cuts a long one.
func few(list []string) string {
	const most = 4
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + ", …"
}

// add appends the references that a list lacks.
func add(to []ref.Ref, more ...ref.Ref) []ref.Ref {
	for _, r := range more {
		if !slices.Contains(to, r) {
			to = append(to, r)
		}
	}
	return to
}
