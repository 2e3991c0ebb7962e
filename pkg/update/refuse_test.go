// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

func TestRefusals(t *testing.T) {
	set := objects("Service/web=1", "Deployment/web=1")
	base := update.BaseFolder + "/k8s/web.yaml"
	for _, c := range []struct {
		name string
		by   func(tree)
		in   update.Input
		kind fault.Kind
		want string
	}{
		{"fresh", func(tr tree) { tr["k8s/web.yaml"] += "# mine\n" }, update.Input{Fresh: true}, fault.Refused, "found k8s/web.yaml changed or deleted"},
		{"fresh, deleted", func(tr tree) { delete(tr, "k8s/web.yaml") }, update.Input{Fresh: true}, fault.Refused, "found k8s/web.yaml changed or deleted"},
		{"another base", func(tr tree) { tr["k8s/web.yaml"] += "# mine\n"; tr[base] += "# mine\n" }, update.Input{}, fault.Refused, "expected .micro/base/k8s/web.yaml as it was generated"},
		{"no base", func(tr tree) { tr["k8s/web.yaml"] += "# mine\n"; delete(tr, base) }, update.Input{}, fault.Refused, "found none"},
		{"broken", func(tr tree) { tr["k8s/web.yaml"] += "a: [\n" }, update.Input{}, fault.Failed, "k8s/web.yaml:21:"},
		{"lock: no YAML", func(tr tree) { tr[update.LockFile] = "<<<<<<< HEAD\n" }, update.Input{}, fault.Refused, "expected the lock as it was written"},
		{"lock: empty", func(tr tree) { tr[update.LockFile] = "" }, update.Input{}, fault.Refused, "found 0 objects"},
		{"lock: leads out", func(tr tree) {
			tr[update.LockFile] = strings.Replace(tr[update.LockFile], "k8s/web.yaml:", "../../.ssh/id:", 1)
		}, update.Input{}, fault.Refused, "within the folder"},
		{"lock: output leads out", func(tr tree) {
			tr[update.LockFile] = strings.Replace(tr[update.LockFile], "outputDir: k8s", "outputDir: ../k8s", 1)
		}, update.Input{}, fault.Refused, "within the folder"},
		{"lock: another format", func(tr tree) {
			tr[update.LockFile] = strings.Replace(tr[update.LockFile], "v1alpha1", "v2", 1)
		}, update.Input{}, fault.Refused, "expected a lock of apiVersion kubectl-micro.dev/v1alpha1, which this program writes, found kubectl-micro.dev/v2"},
		{"lock: layout", func(tr tree) {
			tr[update.LockFile] = strings.Replace(tr[update.LockFile], "layout: flat", "layout: round", 1)
		}, update.Input{}, fault.Refused, "expected the layout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := tree{}
			must(t, tr, set)
			c.by(tr)
			before := maps.Clone(tr)
			c.in.Set = objects("Service/web=2", "Deployment/web=1")
			_, err := run(t, tr, c.in)
			if fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("kind %d: %v, want %d: %s", fault.KindOf(err), err, c.kind, c.want)
			}
			if diff := cmp.Diff(before, tr); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzReadLock: what is read is written the same, and leads nowhere else.
func FuzzReadLock(f *testing.F) {
	lock := update.Lock{Settings: update.Settings{Layout: layout.Flat, OutputDir: "k8s"}, Files: map[string]string{"k8s/a.yaml": "00"}, Deleted: []string{"Service a/b"}}
	lock.Metadata.Name = "shop"
	f.Add(lock.Bytes())
	f.Add([]byte("kind: ScaffoldLock\napiVersion: kubectl-micro.dev/v1alpha1\nmetadata: {name: a}\nsettings: {layout: flat, outputDir: .}\nfiles: {../a: b}\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lock, err := update.ReadLock("l", data)
		if err != nil {
			if fault.KindOf(err) != fault.Refused {
				t.Fatal(err)
			}
			return
		}
		for path := range lock.Files {
			if layout.Check(path) != nil {
				t.Fatalf("%q leads elsewhere", path)
			}
		}
		again, err := update.ReadLock("l", lock.Bytes())
		if err != nil || !bytes.Equal(again.Bytes(), lock.Bytes()) {
			t.Fatalf("%s became %s: %v", lock.Bytes(), again.Bytes(), err)
		}
	})
}
