// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package catalog is the one list of rule families.
package catalog

import (
	"cmp"
	"slices"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/build"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/config"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/engine"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/habits"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/hygiene"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/ingress"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/manifests"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/netpol"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/nodes"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/pods"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/posture"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/routing"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scheduling"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/security"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/services"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/workloads"
)

// families are the packages that hold rules.
var families = []func() []*rules.Rule{
	build.Rules, config.Rules, engine.Rules, habits.Rules, hygiene.Rules, ingress.Rules, manifests.Rules, netpol.Rules, nodes.Rules, pods.Rules, posture.Rules, routing.Rules, scheduling.Rules, scrape.Rules, security.Rules, services.Rules, workloads.Rules,
}

// Rules returns all rules there are, sorted by ID.
func Rules() []*rules.Rule { return slices.Clone(all()) }

var all = sync.OnceValue(func() []*rules.Rule {
	var out []*rules.Rule
	for _, f := range families {
		out = append(out, f()...)
	}
	slices.SortFunc(out, func(a, b *rules.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
})

// Rule returns the rule with an ID.
func Rule(id string) (*rules.Rule, bool) {
	i, found := slices.BinarySearchFunc(all(), id, func(r *rules.Rule, id string) int { return cmp.Compare(r.ID, id) })
	if !found {
		return nil, false
	}
	return all()[i], true
}
