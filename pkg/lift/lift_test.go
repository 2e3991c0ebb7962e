// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/lift"
)

// generate is the YAML of a system.
func generate(t *testing.T, s api.System) string {
	t.Helper()
	set, err := app.Generate(s, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return string(app.YAML(set.Objects...))
}

// again lifts objects and reads the file that is written of them.
func again(t *testing.T, text string) (api.System, lift.Result) {
	t.Helper()
	result, err := lift.Objects(modeltest.Files(t, "in.yaml", text), lift.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := result.File()
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.Read("micro.yaml", data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return s, result
}

// TestRoundTrip generates systems, lifts what was generated, generates again, and
// wants the same objects and nothing that changes.
func TestRoundTrip(t *testing.T) {
	names, err := filepath.Glob("testdata/system-*.yaml")
	if err != nil || len(names) < 4 {
		t.Fatalf("%d systems: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s, err := app.Read(name, data)
			if err != nil {
				t.Fatal(err)
			}
			want := generate(t, s)
			back, result := again(t, want)
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(generate(t, back), "\n")); diff != "" {
				t.Errorf("(-generated +generated again)\n%s", diff)
			}
			for _, n := range result.Changes {
				t.Errorf("will change: %s", n)
			}
		})
	}
}

func TestNothing(t *testing.T) {
	_, err := lift.Objects(modeltest.Files(t, "in.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"), lift.Options{Namespace: "shop"})
	if fault.KindOf(err) != fault.Undecided || !strings.Contains(err.Error(), "in namespace shop, found none") {
		t.Errorf("%v", err)
	}
	const hollow = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {}}}\n"
	_, err = lift.Objects(modeltest.Files(t, "in.yaml", hollow), lift.Options{Namespace: "shop"})
	if fault.KindOf(err) != fault.Undecided || !strings.Contains(err.Error(), "found none to take:\n  Deployment/web spec.template.spec.containers: it has none") {
		t.Errorf("a Deployment without containers: %v", err)
	}
}
