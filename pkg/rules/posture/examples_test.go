// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/posture"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

// directory reads the manifests of an example as one world of files.
func directory(t *testing.T, dir, namespace string) *rules.World {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "..", "examples", dir, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	b := model.NewBuilder(model.Options{Namespace: namespace, Offline: true, Partial: true, Duplicates: true})
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := manifest.Split(filepath.Base(path), data)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range stream.Docs {
			objects, _ := d.Tolerant() // the article's faults are part of it
			for _, m := range objects {
				b.Add(model.FromManifest(m, namespace))
			}
		}
	}
	s, _ := b.Build()
	return &rules.World{Snapshot: s, Now: rulestest.Now}
}

// The shop passes the audit, but for what it leaves to its readers: images are
// named by tags, as a digest in an example would be made up.
func TestShopPasses(t *testing.T) {
	var got []string
	for _, f := range rules.Run(directory(t, "shop-by-hand", "default"), posture.Rules()) {
		got = append(got, f.ID)
		if f.ID != "KM1508" {
			t.Logf("%s %s: %s", f.ID, f.Where, f.Message)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"KM1508"}, slices.Compact(got)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// The article's manifests have what most first manifests have.
func TestArticleDoesNot(t *testing.T) {
	want := []string{"KM1502", "KM1503", "KM1504", "KM1505", "KM1506", "KM1508", "KM1511", "KM4501", "KM6501", "KM7503"}
	var got []string
	for _, f := range rules.Run(directory(t, "article", "default"), posture.Rules()) {
		got = append(got, f.ID)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("rules that find something (-want +got):\n%s", diff)
	}
}
