// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package scrape holds the rules about what stands between a pod that tells
// metrics and a Prometheus that has them: which monitors ask for which ports, and
// which Prometheus asks for which monitors. That a monitor selects nothing at all
// is a rule of the workloads (KM2017).
package scrape

import "github.com/kubectl-micro/kubectl-micro/pkg/rules"

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }
