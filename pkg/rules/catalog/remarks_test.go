// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

// The rules about suppressions say what package suppress remarks.
func init() {
	rulestest.Remarks = func(w *rules.World) []rules.Remark {
		all := catalog.Rules()
		set := suppress.New(w, nil, all, catalog.Means)
		for _, r := range rules.Run(w, all) {
			set.Keep(r)
		}
		return set.Remarks(all)
	}
}
