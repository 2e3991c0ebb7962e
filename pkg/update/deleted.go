// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// read returns a file, nil if there is none.
func (p *planner) read(path string) ([]byte, error) {
	data, err := p.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if data == nil {
		data = []byte{}
	}
	return data, err
}

// findDeleted finds what was deleted by hand: objects and files that were
// generated and are nowhere any more, and those the lock remembers. All is what
// would be generated with them.
func (p *planner) findDeleted(all []layout.File) error {
	p.deleted, p.restored = map[string]bool{}, map[string]bool{}
	known := map[string]bool{}
	if p.Lock != nil {
		for _, one := range p.Lock.Deleted {
			p.deleted[one], known[one] = true, true
		}
	}
	if p.Fresh { // which nothing may be deleted for
		return nil
	}
	present, err := p.newObjects(all)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(p.past)) {
		if err := p.compare(path, present); err != nil {
			return err
		}
	}
	// What is back may be so by an earlier run that was to restore it, and was cut short.
	maps.DeleteFunc(p.deleted, func(one string, _ bool) bool { return present[one] && !known[one] })
	if err := p.restore(all); err != nil {
		return err
	}
	maps.DeleteFunc(p.deleted, func(one string, _ bool) bool { return present[one] })
	return nil
}

// compare notes what is in a file that was generated, and what was.
func (p *planner) compare(path string, present map[string]bool) error {
	f := p.past[path]
	if !f.changed() { // all is there
		return nil
	}
	were := keys(path, f.base)
	if sum(f.base) != f.sum { // a run was cut short, and the base may be without what it found deleted
		were = append(were, keys(path, p.all[path])...)
	}
	if len(were) == 0 || were[0].Kind == "Kustomization" { // which is about files
		p.deleted[path], present[path] = true, f.user != nil
		return nil
	}
	are, err := merge.Keys(p.Show(path), f.user)
	if err != nil {
		return err
	}
	for _, key := range are {
		present[name(key)] = true
	}
	if f.user != nil && bytes.Equal(f.user, p.all[path]) { // a run was cut short: nothing is by hand
		return nil
	}
	for _, key := range were {
		p.deleted[name(key)] = true
	}
	return nil
}

// newObjects are those in files that were not generated before, but are there: an
// update that moves objects to other files was cut short.
func (p *planner) newObjects(all []layout.File) (map[string]bool, error) {
	out := map[string]bool{}
	for _, f := range all {
		if p.past[f.Path] != nil || !f.Objects || len(p.past) == 0 {
			continue
		}
		there, err := p.read(f.Path)
		if err != nil {
			return nil, err
		}
		for _, key := range keys(f.Path, there) {
			out[name(key)] = true
		}
	}
	return out, nil
}

// restore takes what is to come back from what was deleted: one object, or a file
// with all that would be in it.
func (p *planner) restore(all []layout.File) error {
	for _, want := range p.Restore {
		within := p.objectsOf(all, want)
		found := false
		for one := range p.deleted {
			if one == want || p.Show(one) == want || short(one) == strings.ToLower(want) || slices.Contains(within, one) {
				found, p.restored[one] = true, true
			}
		}
		if !found {
			err := fault.Usagef("expected what was deleted by hand (KIND/NAME, or a file), found %s", want)
			if len(p.deleted) > 0 {
				var all []string
				for _, one := range slices.Sorted(maps.Keys(p.deleted)) {
					all = append(all, cmp.Or(short(one), one))
				}
				err.Hint = "--restore " + some(all)
			}
			return err
		}
	}
	maps.DeleteFunc(p.deleted, func(one string, _ bool) bool { return p.restored[one] })
	return nil
}

// objectsOf are the objects that would be in a file.
func (p *planner) objectsOf(all []layout.File, path string) (out []string) {
	for _, f := range all {
		if f.Objects && (f.Path == path || p.Show(f.Path) == path) {
			for _, key := range keys(path, f.Content) {
				out = append(out, name(key))
			}
		}
	}
	return out
}

// name is how the lock names an object. Files have no blank in theirs that comes
// after a kind.
func name(key ref.Ref) string {
	if key.Namespace == "" {
		return key.GroupKind().String() + " " + key.Name
	}
	return key.GroupKind().String() + " " + key.Namespace + "/" + key.Name
}

// short is "kind/name" of an object in a lock; empty for a file.
func short(one string) string {
	kind, name, object := strings.Cut(one, " ")
	if !object {
		return ""
	}
	kind, _, _ = strings.Cut(kind, ".")
	return strings.ToLower(kind) + "/" + name[strings.LastIndexByte(name, '/')+1:]
}

// keys are those of the objects of a file that was generated.
func keys(path string, text []byte) []ref.Ref {
	out, err := merge.Keys(path, text)
	if err != nil { // no objects
		return nil
	}
	return out
}

// lay lays out some objects, and all other files.
func (p *planner) lay(objects []map[string]any) ([]layout.File, error) {
	set := app.Set{Objects: objects, Files: p.Set.Files}
	return layout.Files(p.Settings.Layout, layout.System{Name: p.Name, Dir: p.Settings.OutputDir, Set: set})
}

// generate returns all files, but what was deleted by hand, and forgets what would
// not be generated anyway.
func (p *planner) generate(all []layout.File) ([]layout.File, error) {
	gone := map[string]bool{}
	var objects []map[string]any
	for _, o := range p.Set.Objects {
		if one := name(merge.Key(o)); p.deleted[one] {
			gone[one] = true
		} else {
			objects = append(objects, o)
		}
	}
	if len(gone) > 0 {
		var err error
		if all, err = p.lay(objects); err != nil {
			return nil, err
		}
	}
	files := slices.DeleteFunc(all, func(f layout.File) bool {
		if p.deleted[f.Path] {
			gone[f.Path] = true
		}
		return p.deleted[f.Path]
	})
	p.deleted = gone
	p.tellDeleted()
	return files, nil
}

// tellDeleted says that what was deleted by hand stays so: once, and when all is
// asked for again.
func (p *planner) tellDeleted() {
	var found []string
	for _, one := range slices.Sorted(maps.Keys(p.deleted)) {
		if p.Fresh || !slices.Contains(p.Lock.Deleted, one) {
			found = append(found, one)
		}
	}
	if found != nil {
		p.note("deleted by hand, and stays so until update --restore brings it back: %s", some(found))
	}
}
