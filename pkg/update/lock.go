// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package update

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/strict"
)

// KindLock is the kind of Lock.
const KindLock = "ScaffoldLock"

// Lock remembers what was generated last. Its apiVersion is the version of its
// format, and of that of the folder it is in.
type Lock struct {
	api.TypeMeta `json:",inline"`
	Metadata     LockMeta `json:"metadata"`
	// Settings are what was asked for.
	Settings Settings `json:"settings"`
	// Files are the sha256 sums of what was generated, in hex, by path.
	Files map[string]string `json:"files"`
	// Adopted are the files that were there already and serve instead of generated
	// ones.
	Adopted []string `json:"adopted,omitempty"`
	// Deleted are the objects ("Kind.group namespace/name") and the files that were
	// deleted by hand and so are not generated.
	Deleted []string `json:"deleted,omitempty"`
}

// Settings say in which form a system is generated.
type Settings struct {
	// Layout is layout.Flat or layout.Kustomize.
	Layout string `json:"layout"`
	// OutputDir is the folder of the objects, a slash path from that of the app file.
	OutputDir string `json:"outputDir"`
	// Namespace is used instead of that of the app file; it may be empty.
	Namespace string `json:"namespace,omitempty"`
	// SkipClusterScoped leaves out what has no namespace.
	SkipClusterScoped bool `json:"skipClusterScoped,omitempty"`
}

// LockMeta is the metadata of a lock.
type LockMeta struct {
	// Name is that of the system.
	Name string `json:"name"`
}

const lockComment = "# What kubectl micro scaffold generated last: commit this folder, and let the program change it.\n"

// Bytes is the lock as a file.
func (l Lock) Bytes() []byte {
	files := map[string]any{}
	for path, sum := range l.Files {
		files[path] = sum
	}
	settings := map[string]any{"layout": l.Settings.Layout, "outputDir": l.Settings.OutputDir}
	if l.Settings.Namespace != "" {
		settings["namespace"] = l.Settings.Namespace
	}
	if l.Settings.SkipClusterScoped {
		settings["skipClusterScoped"] = true
	}
	object := map[string]any{
		"apiVersion": api.Version, "kind": KindLock, "metadata": map[string]any{"name": l.Metadata.Name},
		"settings": settings, "files": files,
	}
	for key, list := range map[string][]string{"adopted": l.Adopted, "deleted": l.Deleted} {
		var all []any
		for _, one := range slices.Sorted(slices.Values(list)) {
			all = append(all, one)
		}
		if len(all) > 0 {
			object[key] = all
		}
	}
	return append([]byte(lockComment), app.YAML(object)...)
}

// ReadLock reads a lock; file is its name for people. The error is of kind
// Refused: a lock of another version of the format, one that is not as it was
// written, or one with paths that lead elsewhere.
func ReadLock(file string, data []byte) (Lock, error) {
	object, err := lockObject(file, data)
	if err == nil {
		if v := object.Value["apiVersion"]; object.Value["kind"] == KindLock && v != api.Version {
			return Lock{}, fault.Refusedf("expected a lock of apiVersion %s, which this program writes, found %v", api.Version, v).
				At(object.Where("/apiVersion")).Try("kubectl micro version   # use the version that wrote it, or a newer one")
		}
		var out Lock
		if out, err = decode(object); err == nil {
			return out, nil
		}
	}
	folder := strings.TrimRight(strings.TrimSuffix(file, path.Base(LockFile)), `/\`)
	return Lock{}, fault.Refusedf("expected the lock as it was written").Because(err).Try("%s", startAgain(folder))
}

// startAgain is what to do where the past is lost.
func startAgain(folder string) string {
	return "git checkout -- " + folder +
		"\nor, to take all files for yours and start again: rm -r " + folder + ", then kubectl micro scaffold generate --output-dir DIR --adopt"
}

// lockObject is the only object of a lock.
func lockObject(file string, data []byte) (*manifest.Object, error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return nil, err
	}
	var all []*manifest.Object
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	if len(all) != 1 {
		return nil, fault.Refusedf("expected one %s, found %d objects", KindLock, len(all)).At(file + ":1:1")
	}
	return all[0], nil
}

func decode(object *manifest.Object) (Lock, error) {
	r := strict.Reader{At: object, Kind: fault.Refused}
	if err := r.Head(api.Version, KindLock); err != nil {
		return Lock{}, err
	}
	var out Lock
	if err := r.Decode(object.Value, &out); err != nil {
		return Lock{}, err
	}
	var errs []error
	for _, file := range slices.Sorted(maps.Keys(out.Files)) {
		errs = append(errs, layout.Check(file))
	}
	for _, path := range out.Adopted {
		errs = append(errs, layout.Check(path))
	}
	if dir := out.Settings.OutputDir; dir != "." {
		errs = append(errs, layout.Check(dir))
	}
	if l := out.Settings.Layout; l != layout.Flat && l != layout.Kustomize {
		errs = append(errs, fault.Refusedf("expected the layout %s or %s, found %q", layout.Flat, layout.Kustomize, l).At(r.At.Where("/settings/layout")))
	}
	return out, errors.Join(errs...)
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
