// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// sources are the folders that services are built in.
type sources struct {
	*disk
	lock *update.Lock // nil if nothing was generated yet
}

// options are what the folders tell of a system, if it has an addon that asks.
func (s sources) options(y api.System) (app.Options, error) {
	o := app.Options{Taken: s.taken}
	if !app.NeedsSources(y) {
		return o, nil
	}
	o.Detected = map[string]api.DetectedService{}
	dirs := map[string]string{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(y.Services)) {
		if source := y.Services[name].Source; source != "" && fs.ValidPath(path.Clean(source)) { // the others are refused later
			dirs[name] = path.Clean(source)
			errs = append(errs, s.check(dirs[name], y.Places[patch.Join("/services", name)+"/source"]))
		}
	}
	if err := errors.Join(errs...); err != nil || len(dirs) == 0 {
		return o, err
	}
	seen := s.scan(".", dirs)
	for name, dir := range dirs {
		if found, known := serviceIn(seen, name, dir); known {
			o.Detected[name] = found
			continue
		}
		// It is where no service is looked for, as in a folder of examples.
		if found, known := serviceIn(s.scan(dir, map[string]string{name: "."}), name, "."); known {
			o.Detected[name] = moved(found, dir)
		}
	}
	return o, nil
}

// check wants a folder.
func (s sources) check(dir, where string) error {
	if dir == "." {
		return nil
	}
	info, err := s.look(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Usagef("expected a folder with sources, found no %s", s.name(dir)).At(where).Try("mkdir it, or leave out source")
	case err != nil:
		return err
	case !info.IsDir():
		return fault.Usagef("expected a folder with sources, found %s: %s", kindOf(info), s.name(dir)).At(where).Try("the folder that it is in")
	}
	return nil
}

// scan looks at a folder. Dockerfiles that were generated are no evidence: they say
// what was thought last time. They are those of the lock, and those that would be
// generated again.
func (s sources) scan(top string, dirs map[string]string) api.Detection {
	hidden := map[string]bool{}
	if s.lock != nil {
		for file := range s.lock.Files {
			hidden[file] = true
		}
	}
	look := func() api.Detection {
		sub, err := fs.Sub(s.root.FS(), top)
		if err != nil { // not of a path that is valid
			return api.Detection{}
		}
		return detect.Scan(sub, detect.Options{Hidden: func(file string) bool { return hidden[path.Join(top, file)] }})
	}
	first := look()
	own := map[string]bool{}
	for name, dir := range dirs {
		if found, known := serviceIn(first, name, dir); known && found.Dockerfile.Value != nil {
			file := path.Join(top, dir, found.Dockerfile.String())
			own[file], hidden[file] = true, true
		}
	}
	if len(own) == 0 {
		return first
	}
	second := look()
	for i, found := range first.Services {
		again, known := serviceIn(second, found.Name, found.Dir)
		if !known || !own[path.Join(top, found.Dir, found.Dockerfile.String())] {
			continue
		}
		if files, err := image.Generate(again); err == nil && s.holds(path.Join(top, files.Dockerfile.Path), files.Dockerfile.Data) {
			first.Services[i] = again
		}
	}
	return first
}

// serviceIn is the service of a folder, the one of that name if there are several.
func serviceIn(d api.Detection, name, dir string) (api.DetectedService, bool) {
	here := func(s api.DetectedService) bool { return s.Dir == dir }
	i := slices.IndexFunc(d.Services, func(s api.DetectedService) bool { return here(s) && s.Name == name })
	if i < 0 {
		i = slices.IndexFunc(d.Services, here)
	}
	if i < 0 {
		return api.DetectedService{}, false
	}
	return d.Services[i], true
}

// moved has the paths of what was found below dir start above it.
func moved(s api.DetectedService, dir string) api.DetectedService {
	s.Dir, s.Context = path.Join(dir, s.Dir), path.Join(dir, s.Context)
	s.Entry.Evidence = slices.Clone(s.Entry.Evidence)
	for i := range s.Entry.Evidence {
		s.Entry.Evidence[i].File = path.Join(dir, s.Entry.Evidence[i].File)
	}
	return s
}

// holds reports whether a file has a content.
func (s sources) holds(file string, content []byte) bool {
	data, err := s.Read(file)
	return err == nil && bytes.Equal(data, content)
}

// taken reports whether a file is somebody's.
func (s sources) taken(f app.File) bool {
	if s.lock != nil {
		if _, ours := s.lock.Files[f.Path]; ours {
			return false
		}
	}
	_, err := s.look(f.Path)
	return !errors.Is(err, fs.ErrNotExist) && !s.holds(f.Path, f.Content)
}
