// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

func TestNew(t *testing.T) {
	before := map[string]any{"a": int64(1), "b": []any{}}
	c, err := plan.New(ref.Ref{Kind: "X", Name: "x"}, before, []patch.Op{
		{Op: patch.Test, Path: "/a", Value: int64(1)}, {Op: patch.Replace, Path: "/a", Value: int64(2)}, {Op: patch.Add, Path: "/b/-", Value: "c"},
	}, "because")
	if err != nil {
		t.Fatal(err)
	}
	if want := (map[string]any{"a": int64(2), "b": []any{"c"}}); !patch.Equal(c.After, want) {
		t.Errorf("after is %v", c.After)
	}
	if back, err := patch.Apply(c.After, c.Inverse); err != nil || !patch.Equal(back, before) {
		t.Errorf("the inverse gives %v, %v", back, err)
	}
	if diff := cmp.Diff([]string{"/a", "/b/-"}, c.Leaves); diff != "" {
		t.Errorf("leaves (-want +got):\n%s", diff)
	}
	if c.Verb != plan.Patch || c.Reason != "because" || c.Noop() {
		t.Errorf("change %+v", c)
	}
	if _, err := plan.New(ref.Ref{}, before, []patch.Op{{Op: patch.Test, Path: "/a", Value: int64(9)}}, ""); !errors.Is(err, patch.ErrTest) {
		t.Errorf("expected a failed test, found %v", err)
	}
}

func TestEmpty(t *testing.T) {
	same, err := plan.New(ref.Ref{}, map[string]any{"a": int64(1)}, []patch.Op{{Op: patch.Replace, Path: "/a", Value: float64(1)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if p := (plan.Plan{Changes: []plan.Change{same}}); !same.Noop() || !p.Empty() || !(plan.Plan{}).Empty() {
		t.Error("a change to the same value is not empty")
	}
	for _, verb := range []plan.Verb{plan.Apply, plan.Delete} {
		if p := (plan.Plan{Changes: []plan.Change{same, {Verb: verb}}}); p.Empty() {
			t.Errorf("a plan to %s is empty", verb)
		}
	}
}
