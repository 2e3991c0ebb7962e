// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package rulestest runs the examples of rules. Those of rule KM8002 are in
// testdata/KM8002 beside it:
//
//	bad.yaml, bad-CASE.yaml    worlds in which the rule finds something
//	good.yaml, good-CASE.yaml  worlds in which it finds nothing
//	want.txt                   the findings of all bad worlds (go test -update writes it)
//	fixed.yaml, fixed-CASE.yaml  bad.yaml, bad-CASE.yaml with the repairs in place
//
// bad.yaml and good.yaml become the examples of the rule's page, so that they
// are as short as can be and have no other fault. A world is a set of files that
// need not be the whole truth, unless its name ends in ".live.yaml" (objects of a
// cluster, with status; the time is Now) or ".complete.yaml" (files that are
// the whole truth). A comment "# gap: pods" says that a kind could not be read.
//
// A world of several files is a txtar archive, bad.txtar: manifests, and files that
// hold no objects, such as a Dockerfile.
package rulestest

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var update = flag.Bool("update", false, "accept the present findings and repairs as the expected ones")

// Remarks fills in World.Remarks of the worlds in which something is suppressed;
// nil leaves them out. Suppressions name rules of any family, and families do
// not know each other: only tests that see all rules can set it.
var Remarks func(*rules.World) []rules.Remark

// Now is the time in live worlds.
var Now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// Namespace is the one of objects that name none.
const Namespace = "shop"

// gap is a comment that says which kind could not be read.
var gap = regexp.MustCompile(`(?m)^# gap: (\S+)$`)

// World reads one world.
func World(t testing.TB, path string) *rules.World {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(t, path, data)
}

// Parse is World for text; the name says which kind of world it is.
func Parse(t testing.TB, name string, data []byte) *rules.World {
	t.Helper()
	kind := strings.TrimSuffix(name, filepath.Ext(name))
	live := strings.HasSuffix(kind, ".live")
	o := model.Options{Namespace: Namespace, Offline: !live, Duplicates: true}
	o.Partial = !live && !strings.HasSuffix(kind, ".complete")
	b := model.NewBuilder(o)
	streams, texts := files(t, name, data)
	var unread []error
	for _, stream := range streams {
		for _, d := range stream.Docs {
			objects, err := d.Tolerant()
			unread = append(unread, fault.All(err)...)
			for _, m := range objects {
				if live {
					b.Add(model.FromRaw(m.Value, Namespace))
				} else {
					b.Add(model.FromManifest(m, Namespace))
				}
			}
		}
	}
	for _, m := range gap.FindAllSubmatch(data, -1) {
		k, known := model.KindNamed(string(m[1]))
		if !known {
			t.Fatalf("%s: no kind %q", name, m[1])
		}
		b.Unknown(model.Gap{Kind: k.GroupKind, Reason: "cannot list " + k.Resource + ": forbidden"})
	}
	s, err := b.Build()
	w := &rules.World{Snapshot: s, Now: Now, Unread: append(unread, fault.All(err)...), Texts: texts}
	if Remarks != nil {
		w.Remarks = Remarks(w)
	}
	return w
}

// files are those of a world: one, or those of an archive.
func files(t testing.TB, name string, data []byte) (streams []*manifest.Stream, texts []*model.Text) {
	t.Helper()
	all := []txtar.File{{Name: filepath.Base(name), Data: data}}
	if filepath.Ext(name) == ".txtar" {
		all = txtar.Parse(data).Files
	}
	for _, f := range all {
		if kind := model.TextNamed(f.Name); kind != "" {
			texts = append(texts, &model.Text{Path: f.Name, Kind: kind, Data: f.Data})
			continue
		}
		stream, err := manifest.Split(f.Name, f.Data)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, stream)
	}
	return streams, texts
}

// golden compares, or with -update writes.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it, read what it wrote", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// Update reports whether the test runs with -update.
func Update() bool { return *update }
