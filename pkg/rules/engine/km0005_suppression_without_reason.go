// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM0005", Slug: "suppression-without-reason", Severity: finding.Info,
	Short: "Suppression has no reason",
	Why: `The finding is suppressed, but whoever reads this later cannot tell a decision from an
oversight, and nobody dares to remove it.`,
	Fix: `Write down why behind the rule, and until when if there is a date:

    kubectl-micro.dev/ignore: "KM3004 until=2026-12-31: the port is opaque on purpose"`,
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
	Check:     remarks("KM0005"),
})
