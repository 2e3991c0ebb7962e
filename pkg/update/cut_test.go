// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// TestCutShort: of a generation into another layout, after each of its steps, the
// same again makes the rest. So it does for an update of what was changed by hand.
func TestCutShort(t *testing.T) {
	old := objects("Service/web=1", "Deployment/web=1", "Service/users=1", "Deployment/users=1")
	set := withFile(objects("Service/web=2", "Deployment/web=1", "Service/z=1"), "Jenkinsfile", "a\n", false)
	for name, in := range map[string]update.Input{
		"layout": {Fresh: true, Settings: update.Settings{Layout: layout.Kustomize, OutputDir: "k8s"}},
		"folder": {Fresh: true, Settings: update.Settings{Layout: layout.Flat, OutputDir: "deploy"}},
		"update": {},
	} {
		t.Run(name, func(t *testing.T) {
			before := tree{}
			must(t, before, old)
			if !in.Fresh {
				web := before["k8s/web.yaml"]
				before["k8s/web.yaml"] = "# mine\n" + web[:strings.LastIndex(web, "---\n")] // without the second object
				delete(before, "k8s/users.yaml")
			}
			in.Set = set
			whole := maps.Clone(before)
			plan, err := run(t, whole, in)
			if err != nil {
				t.Fatal(err)
			}
			steps := plan.Steps()
			for n := range steps {
				part := maps.Clone(before)
				for _, c := range steps[:n] {
					if part[c.Path] = string(c.After); c.After == nil {
						delete(part, c.Path)
					}
				}
				if _, err := run(t, part, in); err != nil {
					t.Fatalf("after %d of %d steps: %v", n, len(steps), err)
				}
				if diff := cmp.Diff(whole, part); diff != "" {
					t.Fatalf("after %d of %d steps (-whole +rest):\n%s", n, len(steps), diff)
				}
			}
		})
	}
}

// TestKeep: the app file is not written over, whatever its case.
func TestKeep(t *testing.T) {
	tr := tree{"Web.yaml": "mine"}
	in := update.Input{Set: objects("Service/web=1"), Settings: update.Settings{Layout: layout.Flat, OutputDir: "."}, Keep: "Web.yaml", Adopt: true}
	if _, err := run(t, tr, in); err == nil || err.Error() != "expected generated files to have other names than the app file, found Web.yaml for both" {
		t.Errorf("%v", err)
	}
}
