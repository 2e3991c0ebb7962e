// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package ingress holds the rules about what lets traffic in: Ingresses, Istio
// Gateways and the Gateway API.
package ingress

import "github.com/kubectl-micro/kubectl-micro/pkg/rules"

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }
