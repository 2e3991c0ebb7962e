// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM0008", Slug: "suppression-unused", Severity: finding.Info,
	Short: "Suppression suppresses nothing",
	Why: `The rule ran, and found nothing where the suppression is: the fault was mended, or the suppression
stands in the wrong place. If the fault comes back, nobody will hear of it.

Told of annotations and comments in files and of .kubectl-micro.yaml, and only where everything that the
rule needs could be looked at.`,
	Fix:       `Remove the suppression, or move it to what it is about.`,
	Reference: "https://yaml.org/spec/1.2.2/#66-comments",
	Check:     remarks("KM0008"),
})
