// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package report writes diagnoses, one file a format. All formats tell the same
// findings; those for people leave out what does not fit a screen or a comment,
// and say how much that is.
//
// Messages, logs and names come from clusters and files and are hostile until
// proven otherwise: a format escapes them by its own rules and shows control
// characters and those that reorder text as [render.Sanitise] does.
package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// Options are what the formats for people need to know.
type Options struct {
	// Palette colours text and wide.
	Palette render.Palette
	// Width is the terminal's number of columns; 0 never wraps or cuts.
	Width int
	// All shows every cause and finding, and every piece of evidence.
	All bool
	// Notes has text tell what is only a note (severity info) like the rest, in
	// place of counting it: where a note is what makes the command fail.
	Notes bool
	// Asked has text say which checks of other tools a finding is.
	Asked bool
	// Version is that of the product; empty when unknown.
	Version string
	// Again is what to type to see what was left out; "--show all" if empty.
	Again string
}

// Renderer writes a diagnosis in one format.
type Renderer func(w io.Writer, d *api.Diagnosis, o Options) error

// formats is filled by the files of the formats.
var formats = map[string]Renderer{}

func register(name string, r Renderer) Renderer {
	formats[name] = r
	return r
}

// Default is the format without -o.
const Default = "text"

// Formats lists the formats, the default first, the others sorted.
func Formats() []string {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(formats)), func(name string) bool { return name == Default })
	return append([]string{Default}, others...)
}

// Render writes a diagnosis in a format of Formats.
func Render(w io.Writer, format string, d *api.Diagnosis, o Options) error {
	r, known := formats[format]
	if !known {
		return fault.Usagef("output format %q is not known for a Diagnosis", format).Try("-o %s", strings.Join(Formats(), " | "))
	}
	return r(w, d, o)
}

// object is "Kind namespace/name".
func object(r api.ObjectRef) string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// short is "kind.group/name", the form that kubectl takes.
func short(r api.ObjectRef) string {
	kind := strings.ToLower(r.Kind)
	if group, _, grouped := strings.Cut(r.APIVersion, "/"); grouped {
		kind += "." + group
	}
	return kind + "/" + r.Name
}

// sentence names the object and what is wrong with it. Messages that begin
// with the object are not told it again.
func sentence(f *api.Finding) string {
	name := object(f.Subject)
	if rest, repeated := strings.CutPrefix(f.Message, name); repeated && (rest == "" || strings.ContainsAny(rest[:1], " :,'")) {
		return f.Message
	}
	return name + ": " + f.Message
}

// place is where to look: a position in a file, or a field of a live object.
func place(f *api.Finding) string {
	if f.Location == nil {
		return f.Field
	}
	return f.Where
}

// rank orders severities.
func rank(severity string) int { return slices.Index([]string{"info", "warning", "error"}, severity) }

// worst is the severity of a cause or of the worst it explains: by it causes are
// hidden, so that nobody passes over a note that breaks something. What is printed is
// the severity of each finding, in all formats alike.
func worst(c *api.Cause) string {
	out := c.Severity
	for _, e := range c.Explains {
		if rank(e.Severity) > rank(out) {
			out = e.Severity
		}
	}
	return out
}

// count is "1 note" or "3 notes".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// few joins words, at most n of them, and counts the others.
func few(words []string, n int) string {
	if left := len(words) - n; left > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:n], ", "), left)
	}
	return strings.Join(words, ", ")
}

// lines are the lines of a text, each fit to be shown, without the empty ones
// at both ends.
func lines(text string) []string {
	var out []string
	for l := range strings.SplitSeq(strings.ReplaceAll(strings.Trim(text, "\r\n"), "\r\n", "\n"), "\n") {
		out = append(out, strings.TrimRight(render.Sanitise(l), " "))
	}
	return out
}
