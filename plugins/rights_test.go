// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plugins_test

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/roles"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
)

// The roles have what is read, kinds included that no cluster of a test serves: there a
// right is not missed, and test/e2e cannot tell.
func TestRightsOfWhatIsRead(t *testing.T) {
	of := func(names ...string) map[string]bool {
		out := map[string]bool{}
		for _, name := range names {
			plugin, _, _ := strings.Cut(name, "-")
			for _, r := range roles.Of(plugin) {
				var object rbacv1.ClusterRole
				if err := yaml.UnmarshalStrict([]byte(r.YAML), &object); err != nil {
					t.Fatal(err)
				}
				for _, rule := range object.Rules {
					if r.Name != name || !slices.Contains(rule.Verbs, "list") {
						continue
					}
					for _, resource := range rule.Resources {
						out[resource+"."+rule.APIGroups[0]] = true
					}
				}
			}
		}
		return out
	}
	needed := func(only ...string) []*model.Kind {
		selected, err := catalog.Select(only, nil)
		if err != nil {
			t.Fatal(err)
		}
		var out []*model.Kind
		for _, r := range selected {
			out = append(out, r.Needs...)
		}
		return out
	}
	for _, c := range []struct {
		command string
		kinds   []*model.Kind
		roles   []string
	}{
		{"secure check", trace.Kinds, []string{"secure-cluster"}},
		{"secure lint", needed("KM70*", "KM90*", "KM6006"), []string{"secure-cluster", "secure-audit", "secure-audit-cluster"}},
		{"diagnose", needed(), []string{"diagnose-cluster", "diagnose-read"}},
	} {
		rights := of(c.roles...)
		for _, k := range c.kinds {
			if name := k.Resource + "." + k.Group; !rights[name] {
				t.Errorf("%s reads %s, which none of %v may list", c.command, name, c.roles)
				rights[name] = true // once is enough
			}
		}
	}
}
