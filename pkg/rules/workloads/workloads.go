// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package workloads holds the rules about what runs pods and what watches over
// their number: rollouts, autoscaling, disruption budgets, quotas, monitors and
// Jobs.
package workloads

import "github.com/kubectl-micro/kubectl-micro/pkg/rules"

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }
