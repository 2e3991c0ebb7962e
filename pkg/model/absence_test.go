// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

func TestInNamespaceIsTheSameAsLookingAtAll(t *testing.T) {
	text := ""
	for _, ns := range []string{"a", "aa", "b", "b-b", "c"} {
		for _, name := range []string{"p", "q"} {
			text += "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: " + ns + "}\n"
		}
	}
	s := modeltest.Live(t, text)
	for _, ns := range []string{"", "a", "aa", "b", "b-b", "c", "d", "0"} {
		var want []string
		for _, o := range s.Objects() {
			if ns == "" || o.Ref.Namespace == ns {
				want = append(want, o.Ref.String())
			}
		}
		var got []string
		for _, o := range s.InNamespace(model.ConfigMaps.GroupKind, ns) {
			got = append(got, o.Ref.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("namespace %q: -want +got\n%s", ns, diff)
		}
	}
}

func TestAbsence(t *testing.T) {
	one := "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\n"
	live, files := modeltest.Live(t, one), modeltest.Files(t, "f.yaml", one)
	gap := live.Without(model.Gap{Kind: model.Secrets.GroupKind, Known: []string{"shop"}})
	for _, c := range []struct {
		name      string
		s         *model.Snapshot
		namespace string
		want      model.Absence
	}{
		{"a cluster knows", live, "shop", model.Proven}, {"everywhere", live, "other", model.Proven},
		{"files hold others", files, "shop", model.NotInSet}, {"files hold none", files, "other", model.Outside},
		{"read", gap, "shop", model.Proven}, {"not read", gap, "other", model.Unknown},
	} {
		if got := c.s.Absence(model.Secrets.Kind, c.namespace); got != c.want {
			t.Errorf("%s: found %v, expected %v", c.name, got, c.want)
		}
	}
}

func TestObservedHearsOfWhatIsLookedAt(t *testing.T) {
	seen := map[string]bool{}
	s := modeltest.Live(t, running).Observed(func(gk ref.GroupKind) { seen[gk.String()] = true })
	model.Secrets.In(s, "shop")
	model.ConfigMaps.Get(s, "shop", "x")
	s.EventsOf(ref.Ref{})
	want := map[string]bool{"Secret": true, "ConfigMap": true, "Event": true}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Workloads("shop")
	for _, k := range model.WorkloadKinds {
		if !seen[k.GroupKind.String()] {
			t.Errorf("Workloads does not say that it looks at %s", k.GroupKind)
		}
	}
}

func TestDuplicatesAreKept(t *testing.T) {
	text := "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\ntype: first\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\ntype: last\n"
	b := model.NewBuilder(model.Options{Duplicates: true})
	for _, o := range modeltest.Objects(t, "f.yaml", text) {
		b.Add(o)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	last, _ := model.Secrets.Get(s, "shop", "x")
	if last.Value.Type != "last" || len(s.Shadowed()) != 1 || s.Shadowed()[0].Raw()["type"] != "first" {
		t.Fatalf("found %v, shadowed %v", last.Value.Type, s.Shadowed())
	}
	raw := map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "x", "namespace": "shop"}, "type": "mended"}
	after := s.With(s.Shadowed()[0].With(raw))
	if now, _ := model.Secrets.Get(after, "shop", "x"); now.Value.Type != "last" || after.Shadowed()[0].Raw()["type"] != "mended" {
		t.Errorf("the wrong definition was replaced: %v, %v", now.Value.Type, after.Shadowed()[0].Raw()["type"])
	}
	if s.Shadowed()[0].Raw()["type"] != "first" {
		t.Error("the Snapshot itself changed")
	}
}
