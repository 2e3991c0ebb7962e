// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package security holds the rules about who may call whom in the mesh: sidecar
// injection, mutual TLS and authorization.
//
// Three views stand behind them, each in files of its own and without a rule in
// them: which AuthorizationPolicies a workload obeys (authz.go) and what they
// say to a request (admit.go), and which mode of mutual TLS its ports are in
// (mtls.go).
package security

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// unique drops references that were there before.
func unique(refs []ref.Ref) []ref.Ref {
	seen := map[ref.Ref]bool{}
	return slices.DeleteFunc(refs, func(r ref.Ref) bool {
		again := seen[r]
		seen[r] = true
		return again
	})
}
