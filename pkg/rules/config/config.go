// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package config holds the rules about what workloads and the API server lean
// on: ConfigMaps, Secrets, ServiceAccounts, webhooks and aggregated APIs.
package config

import "github.com/kubectl-micro/kubectl-micro/pkg/rules"

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }
