// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGenerate compares what is made of the intents of each folder of
// testdata/generate with its golden file.
func TestGenerate(t *testing.T) {
	folders, err := filepath.Glob("testdata/generate/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no folders: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			s := modeltest.Live(t, load(t, folder, "world.yaml"))
			intents, err := policy.Read("intents.yaml", []byte(load(t, folder, "intents.yaml")), "shop")
			if err != nil {
				t.Fatal(err)
			}
			set, err := policy.Generate(s, intents, policy.Options{Layers: policy.Network | policy.Authorization | policy.MTLS})
			golden(t, filepath.Join(folder, "want.yaml"), show(t, set, err))
		})
	}
}

func load(t *testing.T, folder, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// show writes a Set as people would read it.
func show(t *testing.T, set policy.Set, err error) string {
	t.Helper()
	var b strings.Builder
	for _, o := range set.Objects {
		fmt.Fprintf(&b, "---\n# closes: %t\n", o.Closes)
		for _, c := range o.Comments {
			fmt.Fprintf(&b, "# %s\n", c)
		}
		b.WriteString(text(t, o.Value))
	}
	for _, c := range set.Changes {
		fmt.Fprintf(&b, "--- patch %s: %s\n%s", c.Object, c.Reason, text(t, c.Patch))
	}
	for _, c := range set.Offers {
		fmt.Fprintf(&b, "--- offer %s: %s\n%s", c.Object, c.Reason, text(t, c.Patch))
	}
	for _, n := range set.Warnings {
		fmt.Fprintf(&b, "# warning %s: %s [%s]\n", n.Where, n.Text, n.Fix)
	}
	for _, n := range set.Risks {
		fmt.Fprintf(&b, "# risk %s: %s [%s]\n", n.Where, n.Text, n.Fix)
	}
	for _, e := range fault.All(err) {
		var typed *fault.Error
		errors.As(e, &typed)
		fmt.Fprintf(&b, "# error %v [%s]\n", e, typed.Hint)
	}
	return b.String()
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// applied is the world with a Set written to it.
func applied(t *testing.T, s *model.Snapshot, set policy.Set) *model.Snapshot {
	t.Helper()
	var objects []*model.Object
	add := func(raw map[string]any) {
		o, err := model.Decode(raw, "shop")
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	for _, o := range set.Objects {
		add(o.Value)
	}
	for _, c := range set.Changes {
		add(c.After)
	}
	return s.With(objects...)
}

// changes are the writes of a Set, in order.
func changes(set policy.Set) []plan.Change {
	out := append([]plan.Change{}, set.Changes...)
	for _, o := range set.Objects {
		out = append(out, plan.Change{Object: o.Ref, Verb: plan.Apply, After: o.Value})
	}
	return out
}
