// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestMerge(t *testing.T) {
	part := func(kind *model.Kind, name string) *model.Snapshot {
		b := model.NewBuilder(model.Options{Namespace: "shop"})
		b.Add(model.FromRaw(map[string]any{
			"apiVersion": "v1", "kind": kind.Kind, "metadata": map[string]any{"name": name},
		}, "shop"))
		b.Unknown(model.Gap{Kind: kind.GroupKind, Reason: "part of " + name})
		s, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := model.Merge(part(model.Services.Kind, "users"), part(model.ConfigMaps.Kind, "settings"))
	var got []string
	for _, o := range s.Objects() {
		got = append(got, o.Ref.String())
	}
	if diff := cmp.Diff([]string{"ConfigMap shop/settings", "Service shop/users"}, got); diff != "" {
		t.Error(diff)
	}
	if svc, found := model.Services.Get(s, "shop", "users"); !found || svc.Value.Name != "users" {
		t.Errorf("the typed view of the first part is lost: %v", svc)
	}
	if len(s.Gaps()) != 2 || s.Namespace != "shop" {
		t.Errorf("gaps %v, namespace %q", s.Gaps(), s.Namespace)
	}
}
