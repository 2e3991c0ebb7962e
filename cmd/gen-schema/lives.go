// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// life is when a version of a built-in kind came, was deprecated and went, as
// minor versions of Kubernetes 1; 0 for never.
type life struct {
	apiVersion, kind                string
	introduced, deprecated, removed int
	nextVersion, nextKind           string
}

// lifeFile is generated from the markers on the types; see
// https://github.com/kubernetes/code-generator/tree/master/cmd/prerelease-lifecycle-gen.
const lifeFile = "zz_generated.prerelease-lifecycle.go"

var (
	release     = regexp.MustCompile(`func \(in \*(\w+)\) APILifecycle(Introduced|Deprecated|Removed)\(\) \(major, minor int\) \{\s+return 1, (\d+)\s`)
	replacement = regexp.MustCompile(`func \(in \*(\w+)\) APILifecycleReplacement\(\) schema\.GroupVersionKind \{\s+return schema\.GroupVersionKind\{Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"\}`)
	groupName   = regexp.MustCompile(`(?m)^const GroupName = "([^"]*)"|GroupName\s*=\s*"([^"]*)"`)
)

// readLives collects the lives of all versions that were ever removed or will
// be. The old release of k8s.io/api comes first, so that the present one, where
// plans have changed, wins.
func readLives(modules map[string]module) ([]life, error) {
	all := map[string]life{}
	for _, glob := range []string{
		filepath.Join(modules[oldAPI].Dir, "*", "*", lifeFile),
		filepath.Join(modules[kubernetesAPI].Dir, "*", "*", lifeFile),
		filepath.Join(modules[extensions].Dir, "pkg", "apis", "*", "*", lifeFile),
		filepath.Join(modules[aggregator].Dir, "pkg", "apis", "*", "*", lifeFile),
	} {
		files, err := filepath.Glob(glob)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("expected files %s, found none", glob)
		}
		for _, file := range files {
			if err := readLife(all, file); err != nil {
				return nil, err
			}
		}
	}
	maps.DeleteFunc(all, func(_ string, l life) bool {
		return l.removed == 0 && l.deprecated == 0 || strings.HasSuffix(l.kind, "List") || slices.Contains(requests, l.kind)
	})
	out := slices.Collect(maps.Values(all))
	slices.SortFunc(out, func(a, b life) int { return strings.Compare(a.apiVersion+" "+a.kind, b.apiVersion+" "+b.kind) })
	return out, nil
}

func readLife(all map[string]life, file string) error {
	dir := filepath.Dir(file)
	group, err := groupOf(dir)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	apiVersion := groupVersionKind{Group: group, Version: filepath.Base(dir)}.apiVersion()
	here := map[string]*life{}
	of := func(kind string) *life {
		if here[kind] == nil {
			here[kind] = &life{apiVersion: apiVersion, kind: kind}
		}
		return here[kind]
	}
	for _, m := range release.FindAllStringSubmatch(string(data), -1) {
		minor, err := strconv.Atoi(m[3])
		if err != nil {
			return err
		}
		switch l := of(m[1]); m[2] {
		case "Introduced":
			l.introduced = minor
		case "Deprecated":
			l.deprecated = minor
		case "Removed":
			l.removed = minor
		}
	}
	for _, m := range replacement.FindAllStringSubmatch(string(data), -1) {
		l := of(m[1])
		// One marker upstream names the list in place of the kind.
		l.nextVersion, l.nextKind = groupVersionKind{Group: m[2], Version: m[3]}.apiVersion(), strings.TrimSuffix(m[4], "List")
	}
	for kind, l := range here {
		all[apiVersion+" "+kind] = *l
	}
	return nil
}

// groupOf is the API group of a folder of types, or of the folder above.
func groupOf(dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, "register.go"))
	if err != nil {
		return "", err
	}
	m := groupName.FindStringSubmatch(string(data))
	if m == nil {
		return "", fmt.Errorf("%s/register.go: expected GroupName = \"...\"", dir)
	}
	return m[1] + m[2], nil
}
