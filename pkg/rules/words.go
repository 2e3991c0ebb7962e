// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Few writes a list for people: all of a few things, else the first of them and
// how many more there are ("a, b and 3 more").
func Few(list []string, most int) string {
	if more := len(list) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), more)
	}
	return strings.Join(list, ", ")
}

// FewOf is Few of what writes itself, the first three of them.
func FewOf[T fmt.Stringer](things []T) string {
	var names []string
	for _, t := range things {
		names = append(names, t.String())
	}
	return Few(names, 3)
}

// DidYouMean is the hint that a name which stands for nothing may be a slip;
// empty where no candidate comes near (see ref.Closest).
func DidYouMean(name string, candidates []string) string {
	near := ref.Closest(name, candidates)
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + near[0] + "?"
}
