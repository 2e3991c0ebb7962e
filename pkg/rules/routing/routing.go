// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package routing holds the rules about Istio's traffic management: hosts,
// subsets, routes and weights.
package routing

import (
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// What most rules look at.
type (
	virtualService  = model.Item[istionetv1.VirtualService]
	destinationRule = model.Item[istionetv1.DestinationRule]
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }
