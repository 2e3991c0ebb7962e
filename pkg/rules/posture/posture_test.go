// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/posture"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

// computed are the rules that ask the connectivity engine. It looks at kinds of
// other network plugins as well, which the suite has no type for, so that no rule
// can declare them; see TestNeedsOfComputedRules.
var computed = []string{"KM7501", "KM7502", "KM9501", "KM9502"}

func TestRules(t *testing.T) {
	family := posture.Rules()
	for i, r := range family {
		if slices.Contains(computed, r.ID) {
			c := *r
			c.Needs = nil
			family[i] = &c
		}
	}
	rulestest.Run(t, family)
}

// Of the kinds that there is a type for, the rules need those that they look at.
func TestNeedsOfComputedRules(t *testing.T) {
	for _, r := range posture.Rules() {
		if !slices.Contains(computed, r.ID) {
			continue
		}
		var want, got []string
		for _, k := range r.Needs {
			want = append(want, k.GroupKind.String())
		}
		worlds, err := filepath.Glob(filepath.Join("testdata", r.ID, "*.yaml"))
		if err != nil || len(worlds) == 0 {
			t.Fatalf("%s has no examples: %v", r.ID, err)
		}
		for _, path := range worlds {
			w := rulestest.World(t, path)
			w.Snapshot = w.Observed(func(gk ref.GroupKind) {
				if _, known := model.KindFor(gk); known {
					got = append(got, gk.String())
				}
			})
			rules.Run(w, []*rules.Rule{r})
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
			t.Errorf("%s needs (-declared +looked at):\n%s", r.ID, diff)
		}
	}
}
