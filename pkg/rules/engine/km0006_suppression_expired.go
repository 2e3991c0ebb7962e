// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM0006", Slug: "suppression-expired", Severity: finding.Info,
	Short: "Suppression has expired",
	Why: `The day until which the finding was to be overlooked has passed (days end at midnight UTC). It
counts again.`,
	Fix:       `Mend what was suppressed and remove the suppression, or agree on a later date.`,
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
	Check:     remarks("KM0006"),
})
