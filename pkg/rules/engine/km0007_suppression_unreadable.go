// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM0007", Slug: "suppression-unreadable", Severity: finding.Warning,
	Short: "Suppression cannot be read, or contradicts another",
	Why: `A suppression suppresses nothing when its rule is misspelt, when its date is none, or when it is
about nothing. Where two say different things about the same finding, one of them has no effect.`,
	Fix: `Write a rule (an ID, a family such as KM3, a glob, a name, or another tool's code), then
until=DATE if it is to end, then the reason:

    kubectl-micro.dev/ignore: "KM3004 until=2026-12-31: the port is opaque on purpose"
    # kubectl-micro:ignore KM3004 until=2026-12-31 the port is opaque on purpose

Several are separated by semicolons or line breaks. A comment behind something is about its line, one
on a line of its own about the field or list item below it with all that is in it, one before the first
key about the whole document.`,
	Reference: "https://yaml.org/spec/1.2.2/#66-comments",
	Check:     remarks("KM0007"),
})
