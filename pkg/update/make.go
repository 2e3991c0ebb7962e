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
	all, err := p.lay(p.Set.Objects)
	if err != nil {
		return Plan{}, err
	}
	p.all = contents(all)
	if err := p.findDeleted(all); err != nil {
		return Plan{}, err
	}
	files, err := p.generate(all)
	if err != nil {
		return Plan{}, err
	}
	if err := p.check(files); err != nil {
		return Plan{}, err
	}
	for _, f := range files {
		p.plan.Generated = append(p.plan.Generated, f.Path)
		if err := p.file(f); err != nil {
			return Plan{}, err
		}
	}
	for _, path := range in.Set.Adopted {
		p.adopt(path)
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

	all      map[string][]byte // what would be generated if nothing was deleted by hand
	past     map[string]*past  // what was generated, by path
	deleted  map[string]bool   // what stays deleted: objects and files
	restored map[string]bool   // what does not
	now      map[string][]byte
	foreign  []string // files that were not generated
	adopted  []string // those that need not be
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

// check refuses what stands in the way of all that is generated.
func (p *planner) check(files []layout.File) error {
	for _, f := range files {
		if p.Keep != "" && strings.EqualFold(f.Path, p.Keep) {
			return fault.Refusedf("expected generated files to have other names than the app file, found %s for both", p.Show(p.Keep)).
				Try("--output-dir with another folder")
		}
	}
	now := contents(files)
	if err := p.checkFresh(now); err != nil {
		return err
	}
	return p.checkBases(now)
}

func contents(files []layout.File) map[string][]byte {
	out := map[string][]byte{}
	for _, f := range files {
		out[f.Path] = f.Content
	}
	return out
}

// checkFresh refuses what people changed. What is as it is generated now is no
// change: an older run was cut short.
func (p *planner) checkFresh(now map[string][]byte) error {
	if !p.Fresh {
		return nil
	}
	var changed []string
	for _, path := range slices.Sorted(maps.Keys(p.past)) {
		if f := p.past[path]; f.changed() && differs(f.user, now[path]) {
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
// be what is generated now, or gone with its file, if an update was cut short.
func (p *planner) checkBases(now map[string][]byte) error {
	for _, path := range slices.Sorted(maps.Keys(p.past)) {
		f := p.past[path]
		if content, generated := now[path]; !generated || sum(f.base) == f.sum || f.base != nil && bytes.Equal(f.base, content) {
			continue
		}
		found := "another"
		if f.base == nil {
			found = "none"
		}
		return fault.Refusedf("expected %s as it was generated, to merge the changes of %s with, found %s", p.Show(BaseFolder+"/"+path), p.Show(path), found).
			Try("%s", startAgain(p.Show(Folder)))
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
	lock.Adopted = slices.Sorted(slices.Values(p.adopted))
	lock.Deleted = slices.Sorted(maps.Keys(p.deleted))
	bases := map[string][]byte{}
	for path := range p.past {
		bases[path] = nil
	}
	maps.Copy(bases, p.now)
	for _, path := range slices.Sorted(maps.Keys(bases)) {
		if err := p.remember(BaseFolder+"/"+path, bases[path]); err != nil {
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
