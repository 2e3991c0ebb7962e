// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package modeltest builds Snapshots from YAML for tests.
package modeltest

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Namespace is the one of objects that name none.
const Namespace = "prod"

// Files returns a Snapshot of objects that stand in a file called name; what is
// not in it may exist all the same (Options.Partial).
func Files(t testing.TB, name, text string) *model.Snapshot {
	t.Helper()
	return build(t, model.Options{Partial: true}, Objects(t, name, text)...)
}

// Live returns a Snapshot of the same objects as if read from a cluster.
func Live(t testing.TB, text string) *model.Snapshot {
	t.Helper()
	var raws []map[string]any
	for _, o := range Objects(t, "live.yaml", text) {
		raws = append(raws, o.Raw())
	}
	return Raw(t, raws...)
}

// Raw returns a Snapshot of decoded objects of a cluster.
func Raw(t testing.TB, raws ...map[string]any) *model.Snapshot {
	t.Helper()
	var objects []*model.Object
	for _, raw := range raws {
		objects = append(objects, model.FromRaw(raw, Namespace))
	}
	return build(t, model.Options{}, objects...)
}

// Objects reads the objects of a stream of manifests.
func Objects(t testing.TB, name, text string) []*model.Object {
	t.Helper()
	stream, err := manifest.Split(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []*model.Object
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			out = append(out, model.FromManifest(o, Namespace))
		}
	}
	return out
}

func build(t testing.TB, o model.Options, objects ...*model.Object) *model.Snapshot {
	t.Helper()
	o.Namespace = Namespace
	b := model.NewBuilder(o)
	for _, object := range objects {
		b.Add(object)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
