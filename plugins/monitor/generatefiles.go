// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// generatedFile is one file of --dir. Its name is a single one.
type generatedFile struct {
	name string
	data []byte
}

// manifestOf writes drafts as a stream of YAML, each below what there is to say of it.
func manifestOf(drafts []observe.Draft) []byte {
	var out bytes.Buffer
	for _, d := range drafts {
		out.WriteString("---\n")
		for _, c := range d.Comments {
			fmt.Fprintf(&out, "# %s\n", render.Sanitise(c))
		}
		out.Write(bytes.TrimPrefix(app.YAML(d.Object), []byte("---\n")))
	}
	return out.Bytes()
}

// drafted prints drafts, or writes them into a file of --output-dir, and tells what to do
// besides.
func (g *generation) drafted(name string, drafts ...observe.Draft) error {
	if err := g.finish(generatedFile{name, manifestOf(drafts)}); err != nil {
		return err
	}
	g.remind(drafts)
	return nil
}

// remind tells what has to be done besides.
func (g *generation) remind(drafts []observe.Draft) {
	for _, d := range drafts {
		said := ""
		for _, s := range d.Steps {
			if s.Why != said { // several objects may need the same
				g.note("%s", s.Why)
			}
			said = s.Why
			if s.Command != "" {
				fmt.Fprintf(g.Streams.ErrOut, "try: %s\n", render.Sanitise(s.Command))
			}
		}
	}
}

// finish prints the first file, or writes all of them into --dir.
func (g *generation) finish(files ...generatedFile) error {
	if g.dir == "" {
		_, err := g.Streams.Out.Write(files[0].data)
		return fault.Wrap(fault.Failed, err, "write")
	}
	if err := os.MkdirAll(g.dir, 0o755); err != nil {
		return fault.Wrap(fault.Failed, err, "make the directory of --output-dir")
	}
	root, err := os.OpenRoot(g.dir)
	if err != nil {
		return fault.Wrap(fault.Failed, err, "open the directory of --output-dir")
	}
	defer root.Close()
	var changed []generatedFile
	var errs []error
	for _, file := range files {
		before, err := root.ReadFile(file.name)
		switch {
		case err == nil && bytes.Equal(before, file.data):
			fmt.Fprintf(g.Streams.Out, "%s unchanged\n", filepath.Join(g.dir, file.name))
			continue
		case err == nil && !g.force:
			errs = append(errs, fault.Refusedf("expected no file, or one that says the same, found another: it was changed, or the service was").At(filepath.Join(g.dir, file.name)).Try("--force, or another --output-dir"))
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			errs = append(errs, fault.Wrap(fault.Failed, err, "read"))
		}
		changed = append(changed, file)
	}
	if len(errs) > 0 { // all or nothing: rules and their test belong together
		return errors.Join(errs...)
	}
	for _, file := range changed {
		if err := root.WriteFile(file.name, file.data, 0o644); err != nil {
			return fault.Wrap(fault.Failed, err, "write")
		}
		fmt.Fprintf(g.Streams.Out, "%s written\n", filepath.Join(g.dir, file.name))
	}
	return nil
}

// note says something for people.
func (g *generation) note(format string, args ...any) {
	fmt.Fprintf(g.Streams.ErrOut, "note: %s\n", render.Sanitise(strings.TrimSpace(fmt.Sprintf(format, args...))))
}
