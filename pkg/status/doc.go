// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package status puts all that is known of a workload into one row: how its
// requests fare, what it uses, whether its pods run, what bounds it, and one short
// cause. The cause is the first of an ordered list of rules that has something to
// say; a rule is one function of the facts.
//
// Everything is optional. Without golden signals the objects alone are told, and
// of manifests what is asked for.
package status
