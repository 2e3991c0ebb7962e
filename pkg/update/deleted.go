// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update

import (
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
// generated and are nowhere any more, and those the lock remembers.
func (p *planner) findDeleted() error {
	p.deleted, p.restored = map[string]bool{}, map[string]bool{}
	present := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(p.past)) {
		f := p.past[path]
		if !f.changed() { // all is there
			continue
		}
		were := keys(path, f.base)
		if len(were) == 0 || were[0].Kind == "Kustomization" { // which is about files
			p.deleted[path] = f.user == nil
			continue
		}
		for _, key := range were {
			p.deleted[name(key)] = true
		}
		are, err := merge.Keys(p.Show(path), f.user)
		if err != nil {
			return err
		}
		for _, key := range are {
			present[name(key)] = true
		}
	}
	if p.Lock != nil {
		for _, one := range p.Lock.Deleted {
			p.deleted[one] = true
		}
	}
	maps.DeleteFunc(p.deleted, func(one string, gone bool) bool { return !gone || present[one] })
	return p.restore()
}

// restore takes what is to come back from what was deleted: one object, or a file
// with all that would be in it.
func (p *planner) restore() error {
	for _, want := range p.Restore {
		within, err := p.within(want)
		if err != nil {
			return err
		}
		found := false
		for one := range p.deleted {
			if one == want || short(one) == strings.ToLower(want) || slices.Contains(within, one) {
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

// within are the objects that would be in a file.
func (p *planner) within(path string) (out []string, err error) {
	if len(p.deleted) == 0 {
		return nil, nil
	}
	files, err := layout.Files(p.Settings.Layout, layout.System{Name: p.Name, Dir: p.Settings.OutputDir, Set: p.Set})
	for _, f := range files {
		if f.Path == path && f.Objects {
			for _, key := range keys(path, f.Content) {
				out = append(out, name(key))
			}
		}
	}
	return out, err
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

// generate lays out what was not deleted by hand, and forgets what would not be
// generated anyway.
func (p *planner) generate() ([]layout.File, error) {
	gone := map[string]bool{}
	s := layout.System{Name: p.Name, Dir: p.Settings.OutputDir, Set: app.Set{Files: p.Set.Files}}
	for _, o := range p.Set.Objects {
		if one := name(merge.Key(o)); p.deleted[one] {
			gone[one] = true
		} else {
			s.Set.Objects = append(s.Set.Objects, o)
		}
	}
	files, err := layout.Files(p.Settings.Layout, s)
	files = slices.DeleteFunc(files, func(f layout.File) bool {
		if p.deleted[f.Path] {
			gone[f.Path] = true
		}
		return p.deleted[f.Path]
	})
	p.deleted = gone
	return files, err
}
