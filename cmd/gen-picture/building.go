// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
	Module     struct{ Path string }
}

// list returns the packages of the suite, in the order of their paths.
func list(ctx context.Context, root string) ([]goPackage, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-json=ImportPath,Imports,Module", "./cmd/...", "./pkg/...", "./plugins/...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	var all []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
}

// floor is the packages that may import those of lower floors.
type floor struct {
	number   int
	packages []string
	// imports counts the imports of packages of lower floors, by floor.
	imports map[int]int
}

// build sorts packages into floors, the highest first. Paths lose "pkg/".
func build(o order, packages []goPackage) ([]floor, error) {
	floors := map[int]*floor{}
	for _, p := range packages {
		path := strings.TrimPrefix(p.ImportPath, p.Module.Path+"/")
		n, err := o.of(path)
		if err != nil {
			return nil, err
		}
		f := floors[n]
		if f == nil {
			f = &floor{number: n, imports: map[int]int{}}
			floors[n] = f
		}
		f.packages = append(f.packages, strings.TrimPrefix(path, "pkg/"))
		for _, imported := range p.Imports {
			path, ours := strings.CutPrefix(imported, p.Module.Path+"/")
			if !ours {
				continue
			}
			below, err := o.of(path)
			if err != nil {
				return nil, err
			}
			if below < n {
				f.imports[below]++
			}
		}
	}
	var out []floor
	for _, f := range floors {
		slices.Sort(f.packages)
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b floor) int { return b.number - a.number })
	return out, nil
}
