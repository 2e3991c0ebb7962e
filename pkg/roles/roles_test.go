// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package roles_test

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/roles"
)

// Every file is valid, says how each role is bound, and grants nothing by a wildcard.
func TestRoles(t *testing.T) {
	seen := map[string]bool{}
	for _, plugin := range roles.Plugins() {
		of := roles.Of(plugin)
		if want := strings.Count(roles.File(plugin), "kind: ClusterRole\n"); want == 0 || len(of) != want {
			t.Errorf("%s: got %d roles, want %d, and at least one", plugin, len(of), want)
		}
		for _, r := range of {
			var object rbacv1.ClusterRole
			if err := yaml.UnmarshalStrict([]byte(r.YAML), &object); err != nil {
				t.Errorf("%s: %v", r.Name, err)
			}
			if object.Name != roles.Prefix+r.Name || !strings.HasPrefix(r.Name, plugin+"-") || seen[r.Name] {
				t.Errorf("%s: the name is %q", r.Name, object.Name)
			}
			seen[r.Name] = true
			if !strings.Contains(r.Use, "Bind it by a ") && !strings.Contains(r.Use, "Bind all three by ") {
				t.Errorf("%s: nothing says how to bind it: %s", r.Name, r.Use)
			}
			for _, rule := range object.Rules {
				if all := slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs); slices.Contains(all, "*") {
					t.Errorf("%s: %v has a wildcard", r.Name, all)
				}
				if !slices.IsSorted(rule.Resources) || len(rule.Resources) == 0 || len(rule.Verbs) == 0 {
					t.Errorf("%s: %v is not in order, or empty", r.Name, rule.Resources)
				}
			}
		}
	}
	if roles.File("../secret") != "" || roles.Of("nobody") != nil {
		t.Error("there are roles of nobody")
	}
}
