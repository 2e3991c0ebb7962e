// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
)

// Make plans an update. Errors of kind Refused name the files that stand in the
// way: those that were not generated, or with Fresh those that were changed;
// those of kind Failed have the place of what cannot be read.
func Make(in Input) (Plan, error) {
	p := planner{Input: in}
	if p.Show == nil {
		p.Show = func(path string) string { return path }
	}
	if err := p.load(); err != nil {
		return Plan{}, err
	}
	if err := p.fresh(); err != nil {
		return Plan{}, err
	}
	if err := p.findDeleted(); err != nil {
		return Plan{}, err
	}
	files, err := p.generate()
	if err != nil {
		return Plan{}, err
	}
	if err := p.checkBases(files); err != nil {
		return Plan{}, err
	}
	for _, f := range files {
		if err := p.file(f); err != nil {
			return Plan{}, err
		}
	}
	if err := p.refuseForeign(); err != nil {
		return Plan{}, err
	}
	p.gone()
	if err := p.state(); err != nil {
		return Plan{}, err
	}
	slices.SortFunc(p.plan.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return p.plan, nil
}

// planner plans one update.
type planner struct {
	Input
	plan Plan

	past     map[string]*past // what was generated, by path
	deleted  map[string]bool  // what stays deleted: objects and files
	restored map[string]bool  // what does not
	now      map[string][]byte
	foreign  []string // files that were not generated
}

// past is a file that was generated before. User is what it is now, nil if it is
// gone; base is what it was, nil if that is lost.
type past struct {
	base, user []byte
	sum        string // of what was generated
}

func (f *past) changed() bool { return f.user == nil || sum(f.user) != f.sum }

// load reads what was generated, and what has become of it.
func (p *planner) load() error {
	p.past, p.now = map[string]*past{}, map[string][]byte{}
	if p.Lock == nil {
		return nil
	}
	for _, path := range slices.Sorted(maps.Keys(p.Lock.Files)) {
		f := &past{sum: p.Lock.Files[path]}
		var err error
		if f.base, err = p.read(BaseFolder + "/" + path); err != nil {
			return err
		}
		if f.user, err = p.read(path); err != nil {
			return err
		}
		if f.user != nil && !f.changed() {
			f.base = f.user
		}
		p.past[path] = f
	}
	return nil
}

// fresh refuses what people changed.
func (p *planner) fresh() error {
	if !p.Fresh {
		return nil
	}
	var changed []string
	for _, path := range slices.Sorted(maps.Keys(p.past)) {
		if p.past[path].changed() {
			changed = append(changed, path)
		}
	}
	if changed == nil {
		return nil
	}
	return fault.Refusedf("expected files as they were generated, found %s changed or deleted", p.some(changed)).
		Try("kubectl micro scaffold update   # keeps what was changed")
}

// some names a few of many files.
func (p *planner) some(paths []string) string {
	var list []string
	for _, path := range paths {
		list = append(list, p.Show(path))
	}
	return some(list)
}

// some names a few of many.
func some(list []string) string {
	const most = 5
	if len(list) > most {
		return strings.Join(list[:most], ", ") + " and others"
	}
	return strings.Join(list, ", ")
}

// checkBases refuses to merge with a base that is not what was generated. It may
// be what is generated now, if an update was cut short.
func (p *planner) checkBases(files []layout.File) error {
	now := map[string][]byte{}
	for _, f := range files {
		now[f.Path] = f.Content
	}
	for _, path := range slices.Sorted(maps.Keys(p.past)) {
		f := p.past[path]
		if sum(f.base) == f.sum || f.base != nil && bytes.Equal(f.base, now[path]) {
			continue
		}
		found := "another"
		if f.base == nil {
			found = "none"
		}
		return fault.Refusedf("expected %s as it was generated, to merge the changes of %s with, found %s", p.Show(BaseFolder+"/"+path), p.Show(path), found).
			Try("git checkout -- %s\n%s", Folder, startAgain)
	}
	return nil
}

// refuseForeign refuses to overwrite what was not generated.
func (p *planner) refuseForeign() error {
	if len(p.foreign) == 0 {
		return nil
	}
	return fault.Refusedf("expected no files where there are to be generated ones, found %s", p.some(p.foreign)).
		Try("--adopt   # take them for your version of what is generated: their values stay, what is missing is added\nor move them away")
}

// state plans what is kept for the next update.
func (p *planner) state() error {
	lock := Lock{Settings: p.Settings, Files: map[string]string{}}
	lock.Metadata.Name = p.Name
	for path, content := range p.now {
		lock.Files[path] = sum(content)
	}
	lock.Deleted = slices.Sorted(maps.Keys(p.deleted))
	all := maps.Clone(p.now)
	for path := range p.past {
		if _, still := all[path]; !still {
			all[path] = nil
		}
	}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if err := p.remember(BaseFolder+"/"+path, all[path]); err != nil {
			return err
		}
	}
	return p.remember(LockFile, lock.Bytes())
}

func (p *planner) remember(path string, after []byte) error {
	before, err := p.read(path)
	if differs(before, after) {
		p.plan.State = append(p.plan.State, Change{path, before, after})
	}
	return err
}

func differs(a, b []byte) bool { return !bytes.Equal(a, b) || (a == nil) != (b == nil) }

func (p *planner) note(format string, args ...any) {
	p.plan.Notes = append(p.plan.Notes, fmt.Sprintf(format, args...))
}
