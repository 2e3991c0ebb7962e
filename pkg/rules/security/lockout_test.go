// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security_test

import (
	"slices"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/security"
)

// One mistake in one policy shows in many places; it has to come out as one
// cause that explains the rest.
func TestOneMistakeIsOneCause(t *testing.T) {
	for path, want := range map[string][]string{
		"testdata/lockout.live.yaml":      {"KM9007"},
		"testdata/lockout-none.live.yaml": {"KM9006"},
	} {
		w := rulestest.World(t, path)
		results := rules.Run(w, security.Rules())
		var causes, all []string
		for _, e := range results {
			all = append(all, e.ID)
			if !slices.ContainsFunc(results, func(c rules.Result) bool { return explains(c, e) }) {
				causes = append(causes, e.ID)
			}
		}
		if !slices.Equal(causes, want) {
			t.Errorf("%s: causes %v of %v, expected %v", path, causes, all, want)
		}
		if len(all) == len(causes) && want[0] == "KM9007" {
			t.Errorf("%s: nothing is explained, so that the test says nothing", path)
		}
	}
}

// explains is how the engine ties a finding to its cause.
func explains(c, e rules.Result) bool {
	if !slices.Contains(c.Rule.Explains, e.ID) {
		return false
	}
	in := func(r ref.Ref, list []ref.Ref) bool {
		return slices.ContainsFunc(list, func(o ref.Ref) bool { return o.Same(r) })
	}
	return c.Object.Same(e.Object) || in(c.Object, e.Related) || in(e.Object, c.Related)
}
