// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package layout decides which file what was generated goes into. A file has the
// same content wherever it is written; what is there already is no matter of this
// package.
package layout

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// The layouts.
const (
	// Stream is one stream of documents, and no files.
	Stream = "stream"
	// Flat is a folder with a file for the system and one for each service. Their
	// names are in the order to apply them in, as kubectl apply -f reads a folder.
	Flat = "flat"
	// Kustomize is a base with a folder for each service, and overlays that change it.
	Kustomize = "kustomize"
)

// File is a file to write.
type File struct {
	// Path is a slash path from the folder of the app file.
	Path string
	// Content is all of it.
	Content []byte
	// Objects reports that the file is made of objects of the system and nothing else,
	// so that it is not needed where it has none.
	Objects bool
	// Adopt keeps a file that is there and was not generated, as it is.
	Adopt bool
}

// System is what there is to lay out.
type System struct {
	// Name is that of the system.
	Name string
	// Dir is the folder for the objects: a slash path from the folder of the app file.
	Dir string
	// Set are the objects and the other files.
	Set app.Set
}

// Files lays a system out as Flat or Kustomize, sorted by path. The error, of
// kind Refused, names a path that not every system can write, or that leads out
// of the folder of the app file.
func Files(layout string, s System) ([]File, error) {
	var out []File
	if layout == Kustomize {
		out = s.kustomize()
	} else {
		out = s.flat()
	}
	for _, f := range s.Set.Files {
		out = append(out, File{Path: path.Clean(f.Path), Content: f.Content, Adopt: f.Adopt})
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	for i, f := range out {
		if err := Check(f.Path); err != nil {
			return nil, err
		}
		if i > 0 && f.Path == out[i-1].Path {
			return nil, fault.Refusedf("expected each file to be generated once, found two for %s", f.Path)
		}
	}
	return out, checkCase(out)
}

// checkCase refuses files and folders whose names differ in case only: they are the
// same on Windows and macOS.
func checkCase(files []File) error {
	seen := map[string]string{}
	for _, f := range files {
		for p := f.Path; p != "."; p = path.Dir(p) {
			lower := strings.ToLower(p)
			if other, known := seen[lower]; known && other != p {
				return fault.Refusedf("expected names that differ in more than case, as some systems have it, found %s and %s", other, p).Try("rename one of them")
			}
			seen[lower] = p
		}
	}
	return nil
}

// group are the objects of a file, by its path from the folder for objects.
type group struct {
	path    string
	objects []map[string]any
}

// groups sorts objects into files, in the order in which these are first met.
func groups(objects []map[string]any, file func(object map[string]any) string) []group {
	var out []group
	at := map[string]int{}
	for _, o := range objects {
		p := file(o)
		i, known := at[p]
		if !known {
			i, at[p] = len(out), len(out)
			out = append(out, group{path: p})
		}
		out[i].objects = append(out[i].objects, o)
	}
	return out
}

func (s System) files(list []group) []File {
	var out []File
	for _, g := range list {
		out = append(out, File{Path: path.Join(s.Dir, g.path), Content: app.YAML(g.objects...), Objects: true})
	}
	return out
}

// owner is the service an object belongs to; empty for those of the system.
func owner(object map[string]any) string {
	meta, _ := object["metadata"].(map[string]any)
	labels, _ := meta["labels"].(map[string]any)
	name, _ := labels["app.kubernetes.io/name"].(string)
	return name
}

// systemFile comes before all names of services, which begin with a letter.
const systemFile = "00-system.yaml"

func (s System) flat() []File {
	list := groups(s.Set.Objects, func(o map[string]any) string {
		if name := owner(o); name != "" {
			return fileName(name) + ".yaml"
		}
		return systemFile
	})
	slices.SortFunc(list, func(a, b group) int { return cmp.Compare(a.path, b.path) })
	// Without an extension kubectl apply -f leaves it out, and kustomize takes it.
	k := kustomization(s.Name)
	k["resources"] = paths(list)
	return append(s.files(list), File{Path: path.Join(s.Dir, "Kustomization"), Content: app.YAML(k)})
}

// fileName is the name of a service as that of a file: some names mean something
// else. No name of a service has an underscore.
func fileName(service string) string {
	if reserved(service) || service == "kustomization" || service == "system" {
		return service + "_"
	}
	return service
}

func paths(list []group) []any {
	out := []any{}
	for _, g := range list {
		out = append(out, g.path)
	}
	return out
}

// kustomization has a name, which kustomize does not ask for, to be an object that
// can be found again.
func kustomization(name string) map[string]any {
	return map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1beta1",
		"kind":       "Kustomization",
		"metadata":   map[string]any{"name": name},
	}
}

// kustomize has a file for each kind of each service. The base lists them in the
// order of the stream, which its build keeps.
func (s System) kustomize() []File {
	list := groups(s.Set.Objects, func(o map[string]any) string {
		kind, _ := o["kind"].(string)
		folder := "system"
		if name := owner(o); name != "" {
			folder = fileName(name)
		}
		return path.Join("base", folder, strings.ToLower(kind)+".yaml")
	})
	out := s.files(list)
	base := kustomization(s.Name)
	resources := []any{}
	for _, g := range list {
		resources = append(resources, strings.TrimPrefix(g.path, "base/"))
	}
	base["resources"] = resources
	out = append(out, s.kustomizationFile("base", "", base))
	for _, name := range slices.Sorted(maps.Keys(overlays)) {
		k := kustomization(s.Name + "-" + name)
		k["resources"] = []any{"../../base"}
		about := overlays[name](k, s.Set.Objects)
		out = append(out, s.kustomizationFile("overlays/"+name, about, k))
	}
	return out
}

func (s System) kustomizationFile(dir, about string, k map[string]any) File {
	return File{Path: path.Join(s.Dir, dir, "kustomization.yaml"), Content: append([]byte(about), app.YAML(k)...)}
}
