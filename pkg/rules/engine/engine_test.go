// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/engine"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

func TestRules(t *testing.T) {
	rulestest.Remarks = func(w *rules.World) []rules.Remark {
		all := catalog.Rules()
		set := suppress.New(w, nil, all, catalog.Means)
		for _, r := range rules.Run(w, all) {
			set.Keep(r)
		}
		return set.Remarks(all)
	}
	rulestest.Run(t, engine.Rules())
}
