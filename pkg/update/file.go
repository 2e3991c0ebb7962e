// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update

import (
	"bytes"
	"maps"
	"path"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/merge"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// newSuffix is that of generated texts that could not be merged.
const newSuffix = ".micro-new"

// file plans one file that is generated.
func (p *planner) file(f layout.File) error {
	if old := p.past[f.Path]; old != nil {
		p.now[f.Path] = f.Content
		if old.user == nil {
			p.change(f.Path, nil, f.Content)
			return nil
		}
		var restore func(ref.Ref) bool
		if len(p.restored) > 0 {
			restore = func(key ref.Ref) bool { return p.restored[name(key)] }
		}
		return p.merge(f, old.base, old.user, restore)
	}
	there, err := p.read(f.Path)
	switch {
	case err != nil:
		return err
	case there == nil, bytes.Equal(there, f.Content):
		p.now[f.Path] = f.Content
		p.change(f.Path, there, f.Content)
		return nil
	case f.Adopt:
		p.adopt(f.Path)
		return nil
	case !p.Adopt && !(f.Objects && empty(there)):
		p.foreign = append(p.foreign, f.Path)
		return nil
	}
	// As if it had been generated and changed since, but for objects: those that it
	// has not are missing, not deleted.
	p.now[f.Path] = f.Content
	return p.merge(f, f.Content, there, func(ref.Ref) bool { return true })
}

// adopt leaves a file to whom it belongs. It is told once.
func (p *planner) adopt(path string) {
	p.adopted = append(p.adopted, path)
	if p.Lock == nil || !slices.Contains(p.Lock.Adopted, path) {
		p.note("%s is not generated: it was there already", p.Show(path))
	}
}

// empty reports a file of objects with none in it, such as one with nothing left
// but comments after all of them were deleted.
func empty(text []byte) bool {
	found, err := merge.Keys("", text)
	return err == nil && len(found) == 0
}

func (p *planner) merge(f layout.File, base, user []byte, restore func(ref.Ref) bool) error {
	o := merge.Options{Generated: p.Prefer == Generated, Restore: restore}
	result, err := p.mergeFile(f, base, user, o)
	if err != nil {
		return err
	}
	p.plan.Conflicts = append(p.plan.Conflicts, result.Conflicts...)
	for _, key := range result.Kept {
		p.note("%s is generated no more, but was changed: it stays in %s", key, p.Show(f.Path))
	}
	p.change(f.Path, user, result.Content)
	if result.Beside {
		there, err := p.read(f.Path + newSuffix)
		if err != nil {
			return err
		}
		p.note("%s is what would be generated, to merge by hand", p.Show(f.Path+newSuffix))
		p.change(f.Path+newSuffix, there, f.Content)
	}
	return nil
}

// mergeFile merges objects as such, where all three texts have nothing else, and
// other texts by lines.
func (p *planner) mergeFile(f layout.File, base, user []byte, o merge.Options) (merge.Result, error) {
	if f.Objects {
		return merge.YAML(p.Show(f.Path), base, user, f.Content, o)
	}
	if name := path.Base(f.Path); name == "kustomization.yaml" || name == "Kustomization" {
		if result, err := merge.YAML(p.Show(f.Path), base, user, f.Content, o); err == nil {
			return result, nil
		}
	}
	return merge.Text(p.Show(f.Path), base, user, f.Content, o), nil
}

// gone plans the files that were generated before, but not now.
func (p *planner) gone() {
	for _, path := range slices.Sorted(maps.Keys(p.past)) {
		f := p.past[path]
		if _, still := p.now[path]; still || f.user == nil {
			continue
		}
		if f.changed() {
			p.note("%s is generated no more, but was changed: it stays, delete it when it is not needed", p.Show(path))
			continue
		}
		p.change(path, f.user, nil)
	}
}

func (p *planner) change(path string, before, after []byte) {
	if differs(before, after) {
		p.plan.Changes = append(p.plan.Changes, Change{path, before, after})
	}
}
