// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package pods holds the rules about what happens to single pods: images that
// cannot be pulled, containers that cannot start, that crash, run out of memory
// or fail their probes.
//
// One death of a container has one cause and gives one finding: which rule
// reports it is decided in one place, causeOf.
package pods

import "github.com/kubectl-micro/kubectl-micro/pkg/rules"

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }
