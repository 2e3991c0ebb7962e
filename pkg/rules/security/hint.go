// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// listed writes what a sentence names: all of a few, the first of many.
func listed[T fmt.Stringer](names []T) string {
	var out []string
	for _, n := range names {
		out = append(out, n.String())
	}
	return joined(out)
}

// refsOf are the references of workloads.
func refsOf(workloads []*model.Workload) []ref.Ref {
	out := make([]ref.Ref, 0, len(workloads))
	for _, of := range workloads {
		out = append(out, of.Ref)
	}
	return out
}

// joined writes a list of phrases: all of a few, the first of many.
func joined(phrases []string) string {
	const most = 3
	if n := len(phrases); n > most {
		return strings.Join(phrases[:most], ", ") + fmt.Sprintf(" and %d more", n-most)
	}
	return strings.Join(phrases, ", ")
}

// unique drops references that were there before.
func unique(refs []ref.Ref) []ref.Ref {
	seen := map[ref.Ref]bool{}
	return slices.DeleteFunc(refs, func(r ref.Ref) bool {
		again := seen[r]
		seen[r] = true
		return again
	})
}
