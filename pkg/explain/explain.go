// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package explain says of the fields that scaffold writes what they are there for:
// what is written, why, who asks for it, and how to have something else.
package explain

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Field is what there is to say about one field of a kind of objects.
type Field struct {
	// Kind is that of the object; "workload" is a Deployment, StatefulSet, Job or
	// CronJob.
	Kind string
	// Path leads to the field, from the object, or from the pod template and the
	// container for those: "podSpec.affinity", "container.livenessProbe". Elements of
	// lists and keys of labels are left out. What is below a field is explained with
	// it, if it has no entry of its own.
	Path string
	// Writes is what scaffold writes there, Why the reason, as sentences.
	Writes, Why string
	// Rules are the rules that ask for it; their aliases are the linters that do.
	Rules []string
	// Since is the Kubernetes version that brought the field, where one may have to
	// do without it.
	Since string
	// Flags and File are how to change it: flags of "scaffold NAME" without dashes,
	// and fields of micro.yaml.
	Flags, File []string
}

// Fields are all entries, in the order of kinds and paths.
func Fields() []Field { return slices.Clone(fields) }

// pod and container stand for where these are in an object.
const (
	pod       = "podSpec"
	container = "container"
)

// templates lead to pods and containers.
var templates = regexp.MustCompile(`^(?:spec\.(?:jobTemplate\.spec\.)?)?template\.spec\.?|^podSpec\.?`)

// brackets are indexes and keys, which are left out of paths.
var brackets = regexp.MustCompile(`\[[^\]]*\]|\.\d+`)

// Plain is a field path as entries write it: without indexes, with podSpec and
// container in place of what leads there.
func Plain(path string) string {
	path = strings.ReplaceAll(path, "/", ".") // a JSON Pointer
	path = strings.Trim(brackets.ReplaceAllString(path, ""), ".")
	if rest := templates.ReplaceAllString(path, ""); rest != path {
		path = strings.Trim(pod+"."+rest, ".")
	}
	for _, list := range []string{"containers", "initContainers"} {
		if rest, is := strings.CutPrefix(path+".", pod+"."+list+"."); is {
			path = strings.Trim(container+"."+rest, ".")
		}
	}
	return path
}

// Lookup finds the entries that a path means: the whole path, what it is in, or its
// last words, in any case. Near are paths that may be meant where there are none.
func Lookup(path string) (found []Field, near []string) {
	asked := strings.ToLower(Plain(path))
	for cut := asked; cut != "" && len(found) == 0; {
		for _, f := range fields {
			if strings.ToLower(f.Path) == cut && cut != pod && cut != container {
				found = append(found, f)
			}
		}
		i := strings.LastIndexByte(cut, '.')
		if cut = cut[:max(i, 0)]; !strings.Contains(cut, ".") {
			break
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	for _, f := range fields {
		if strings.HasSuffix("."+strings.ToLower(f.Path), "."+asked) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		near = ref.Closest(path, Words())
	}
	return found, near
}

// Words are what fields can be asked for by: their paths and last words.
func Words() []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Path, f.Path[strings.LastIndexByte(f.Path, '.')+1:])
	}
	slices.Sort(out)
	return slices.Compact(out)
}
