// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// user is who runs: the number that distroless images call nonroot. A kubelet
// that is to run nothing as root can check a number only.
const user = "65532:65532"

// recipe is a Dockerfile that is being written, and the facts it is written from.
type recipe struct {
	s        api.DetectedService
	out      bytes.Buffer
	ignore   []string
	warnings []Warning
	// copied are paths of the context that a COPY names.
	copied []string
}

func (r *recipe) line(format string, args ...any) {
	if len(args) == 0 {
		r.out.WriteString(format + "\n")
		return
	}
	fmt.Fprintf(&r.out, format+"\n", args...)
}

func (r *recipe) warn(text, fix string) {
	r.warnings = append(r.warnings, Warning{Text: text, Fix: fix})
}

// from begins a stage; the last one has no name.
func (r *recipe) from(image, name string) {
	if name != "" {
		name = " AS " + name
	}
	r.line("\nFROM %s%s", image, name)
}

// native begins a stage that runs on the machine that builds, whatever the image
// is built for: what it makes does not depend on the processor, or it is told.
func (r *recipe) native(image, name string) { r.from("--platform=$BUILDPLATFORM "+image, name) }

// run writes one RUN: its mounts, and commands of which each needs those before it.
func (r *recipe) run(mounts []string, commands ...string) {
	r.out.WriteString("RUN ")
	for _, m := range mounts {
		r.out.WriteString("--mount=" + m + " ")
	}
	if len(mounts) > 0 {
		r.out.WriteString("\\\n    ")
	}
	r.line("%s", strings.Join(commands, " \\\n && "))
}

// cache is a mount that holds downloads between builds and is no layer.
func cache(dir string) []string { return []string{"type=cache,target=" + dir} }

// copy copies paths of the context.
func (r *recipe) copy(to string, from ...string) {
	r.copied = append(r.copied, from...)
	r.line("COPY %s %s", strings.Join(from, " "), to)
}

// env writes variables, sorted as given.
func (r *recipe) env(pairs ...string) { r.line("ENV %s", strings.Join(pairs, " \\\n    ")) }

// start ends the file with what runs.
func (r *recipe) start(argv ...string) { r.end("ENTRYPOINT", argv) }

// command is start where the image brings the program that gets these arguments.
func (r *recipe) command(argv ...string) { r.end("CMD", argv) }

func (r *recipe) end(instruction string, argv []string) {
	r.line("USER " + user)
	for _, p := range r.ports() {
		r.line("EXPOSE %s", p)
	}
	r.line("%s %s", instruction, execForm(argv))
}

// execForm is the words of a command as a JSON list, which no shell reads.
func execForm(argv []string) string {
	words := make([]string, len(argv))
	for i, w := range argv {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(w) // a string always is JSON
		words[i] = strings.TrimSpace(b.String())
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// port is the main port; empty when it is not known.
func (r *recipe) port() string { return r.s.Port.String() }

// ports are all that something listens on, the main one first.
func (r *recipe) ports() []string {
	var out []string
	if p := r.port(); p != "" {
		out = append(out, p)
	}
	for _, e := range r.s.MorePorts {
		out = append(out, e.Value)
	}
	return out
}

// dir is the service's folder, from the context.
func (r *recipe) dir() string { return below(r.s.Context, r.s.Dir) }

// below is p as seen from dir, which it is in.
func below(dir, p string) string {
	if dir == "." {
		return p
	}
	if p == dir {
		return "."
	}
	return strings.TrimPrefix(p, dir+"/")
}

// has reports whether a build file is there, from the context.
func (r *recipe) has(elem ...string) bool {
	name := path.Join(elem...)
	return slices.ContainsFunc(r.s.BuildFiles, func(e api.DetectedEvidence) bool { return e.Value == name })
}

// among are those of the named build files of a folder that are there.
func (r *recipe) among(dir string, names ...string) []string {
	var out []string
	for _, n := range names {
		if r.has(dir, n) {
			out = append(out, path.Join(dir, n))
		}
	}
	return out
}

// trait is what a trait of that name is about; ok reports whether there is one.
func (r *recipe) trait(name string) (about string, ok bool) {
	if all := r.traits(name); len(all) > 0 {
		return all[0], true
	}
	return "", false
}

// is reports whether there is a trait.
func (r *recipe) is(name string) bool {
	_, ok := r.trait(name)
	return ok
}

// traits are what the traits of a name are about, sorted.
func (r *recipe) traits(name string) []string {
	var out []string
	for _, e := range r.s.Traits {
		if word, about, _ := strings.Cut(e.Value, " "); word == name {
			out = append(out, about)
		}
	}
	slices.Sort(out)
	return out
}

// assets copies what is read at run time, to where it is from the service's folder.
func (r *recipe) assets() {
	var list []string
	for _, e := range r.s.Assets {
		switch {
		case !plain.MatchString(e.Value) || strings.Contains(e.Value, " "):
			r.warn(fmt.Sprintf("%q is read at run time and has a name that cannot be copied", e.Value), "rename it")
		case secretFile(e.Value):
			r.warn(e.Value+" is read at run time and looks like a key, which does not belong into an image", "mount it as a Secret")
		default:
			list = append(list, e.Value)
		}
	}
	slices.Sort(list)
	for i, a := range list {
		if i > 0 && strings.HasPrefix(a, list[i-1]+"/") {
			list[i] = list[i-1] // is in what was copied
			continue
		}
		r.copy("./"+a, path.Join(r.dir(), a))
	}
}

// files are the result.
func (r *recipe) files() Files {
	name, ignore := path.Join(r.s.Dir, "Dockerfile"), path.Join(r.s.Context, ".dockerignore")
	if r.s.Dir != r.s.Context {
		// Several services share the context, each with its own list.
		ignore = name + ".dockerignore"
	}
	return Files{
		Context:    r.s.Context,
		Dockerfile: File{Path: name, Data: slices.Clone(r.out.Bytes())},
		Ignore:     File{Path: ignore, Data: r.ignored()},
		Warnings:   r.warnings,
	}
}

// sorted are the values of observations, in the order of the alphabet.
func sorted(list []api.DetectedEvidence) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Value)
	}
	slices.Sort(out)
	return out
}
