// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/draft"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// initFlags are those of "init".
type initFlags struct {
	name, registry              string
	dockerfiles, dryRun, strict bool
}

func newInit(f *cli.Factory) *cobra.Command {
	flags := &initFlags{}
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write the app file of a source tree, with the evidence as comments",
		Long: cli.Doc(`
			Look at a source tree, by default the current folder, as "detect" does, and write what
			is found as its app file, micro.yaml: services with their ports, health, variables and
			calls. A comment beside each value says where it is from. What is ambiguous or not
			known is a comment with the candidates, and no value.

			Secrets never become values: a required variable whose name is that of a secret
			becomes a file of a Secret.

			Images get a fixed tag below platform.registry, as a tag that moves is not what was
			tested. What has to be changed next is said on stderr.

			With --dockerfiles, a Dockerfile and a list of what it ignores are written for each
			service that has no Dockerfile. Where none can be written well, the reason is said.

			No file is written over, and nothing is asked. With --strict, nothing is written and
			the exit code is 4 while something is ambiguous.`),
		Example: `
			# The current folder
			kubectl micro scaffold init

			# With images, from the registry that the builds push to
			kubectl micro scaffold init ./shop --dockerfiles --registry ghcr.io/acme/shop

			# Only look at it
			kubectl micro scaffold init ./shop --dry-run`,
		Args: oneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return flags.run(f, dir)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&flags.name, "name", "", "Name of the system; that of the folder by default")
	fs.StringVar(&flags.registry, "registry", "", "Registry and path that images are pushed to, such as ghcr.io/acme/shop")
	fs.BoolVar(&flags.dockerfiles, "dockerfiles", false, "Write a Dockerfile for each service that has none")
	cli.PreviewVar(fs, &flags.dryRun, "Print the app file and the names of the others, and write nothing")
	fs.BoolVar(&flags.strict, "strict", false, "Write nothing and exit with 4 when a fact is ambiguous")
	return cmd
}

func (i *initFlags) run(f *cli.Factory, dir string) error {
	found, err := scanFolder(dir)
	if err != nil {
		return err
	}
	tellDetection(f.Streams.ErrOut, found)
	if i.strict && len(found.Ambiguous) > 0 {
		return fault.Silently(fault.Undecided)
	}
	d, err := openDisk(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	name := i.name
	if name == "" {
		full, err := filepath.Abs(dir)
		if err != nil {
			return fault.Wrap(fault.Failed, err, "name the system")
		}
		name = detect.Label(filepath.Base(full))
	} else if name != detect.Label(name) {
		return fault.Usagef("expected a name of lower-case letters, digits and -, a letter first, found %q", name).At("--name").Try("--name %s", detect.Label(name))
	}
	file, err := draft.System(found, draft.Options{Name: name, Registry: i.registry})
	if err != nil {
		return under(err, dir)
	}
	changes, err := i.appFile(d, file)
	if err != nil {
		return err
	}
	var images []update.Change
	if i.dockerfiles {
		if images, err = dockerfiles(f.Streams.ErrOut, d, found); err != nil {
			return err
		}
	}
	if err := i.write(f, d, file, append(changes, images...)); err != nil {
		return err
	}
	if !i.dryRun && len(changes) > 0 {
		i.tell(f.Streams.ErrOut, d, file)
	}
	return nil
}

// appFile is the change that makes the app file. With --dockerfiles one that is
// there stays, as those may be all that is missing.
func (i *initFlags) appFile(d *disk, file draft.File) ([]update.Change, error) {
	for _, name := range []string{appFile, "micro.yml"} {
		_, err := d.look(name)
		switch {
		case errors.Is(err, fs.ErrNotExist), i.dryRun:
			continue
		case err != nil:
			return nil, err
		case i.dockerfiles:
			return nil, nil
		}
		return nil, fault.Refusedf("expected a folder without an app file, found one: it is not written over").At(d.name(name)).
			Try("kubectl micro scaffold init %s --dry-run   # what it would be\nkubectl micro scaffold generate -f %s", cli.Quote(d.dir), cli.Quote(d.name(name)))
	}
	return []update.Change{{Path: appFile, After: file.Data}}, nil
}

// dockerfiles are the changes that make images of services; why there is none of
// a service goes to w.
func dockerfiles(w io.Writer, d *disk, found api.Detection) ([]update.Change, error) {
	var out []update.Change
	for _, s := range found.Services {
		files, err := image.Generate(s)
		if err != nil {
			fmt.Fprintf(w, "no Dockerfile: %s\n", render.Sanitise(err.Error()))
			if hint := hintOf(err); hint != "" {
				fmt.Fprintf(w, "  %s\n", render.Sanitise(hint))
			}
			continue
		}
		if files.Adopted != "" {
			fmt.Fprintf(w, "note: %s: %s is taken as it is\n", render.Sanitise(s.Name), render.Sanitise(files.Adopted))
			continue
		}
		if _, err := d.look(files.Dockerfile.Path); !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(w, "note: %s: %s is there, and is not written over\n", render.Sanitise(s.Name), render.Sanitise(files.Dockerfile.Path))
			continue
		}
		for _, warning := range files.Warnings {
			fmt.Fprintf(w, "warning: %s: %s\n", render.Sanitise(s.Name), render.Sanitise(warning.Text))
			if warning.Fix != "" {
				fmt.Fprintf(w, "  %s\n", render.Sanitise(warning.Fix))
			}
		}
		ignore, err := freeIgnore(d, files)
		if err != nil {
			return nil, err
		}
		out = append(out, update.Change{Path: files.Dockerfile.Path, After: files.Dockerfile.Data})
		if ignore == "" {
			fmt.Fprintf(w, "note: %s: %s.dockerignore is taken as it is\n", render.Sanitise(s.Name), render.Sanitise(files.Dockerfile.Path))
			continue
		}
		out = append(out, update.Change{Path: ignore, After: files.Ignore.Data})
	}
	return out, nil
}

// freeIgnore is where the list of what is ignored goes; empty when something is in
// each of its places.
func freeIgnore(d *disk, files image.Files) (string, error) {
	for _, p := range files.Ignores() {
		_, err := d.look(p)
		if errors.Is(err, fs.ErrNotExist) {
			return p, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// hintOf is what an error says to do.
func hintOf(err error) string {
	var typed *fault.Error
	if !errors.As(err, &typed) {
		return ""
	}
	return typed.Hint
}

// write makes the changes, all or none, and prints the names of the files. A dry
// run prints the app file itself.
func (i *initFlags) write(f *cli.Factory, d *disk, file draft.File, changes []update.Change) error {
	var out strings.Builder
	if i.dryRun {
		out.Write(file.Data)
		for _, c := range changes {
			fmt.Fprintf(f.Streams.ErrOut, "%s created (dry run)\n", render.Sanitise(d.name(c.Path)))
		}
	} else {
		if err := d.Write(changes); err != nil {
			return err
		}
		// Nothing is kept of what was drafted; a folder that is in use stays.
		_ = d.root.Remove(path.Dir(stageFolder))
		for _, c := range changes {
			fmt.Fprintf(&out, "%s created\n", render.Sanitise(d.name(c.Path)))
		}
	}
	_, err := io.WriteString(f.Streams.Out, out.String())
	return fault.Wrap(fault.Failed, err, "write what was done")
}

// tell says what to do next.
func (i *initFlags) tell(w io.Writer, d *disk, file draft.File) {
	if len(file.Open) > 0 {
		fmt.Fprintf(w, "to fill in, in %s:\n", render.Sanitise(d.name(appFile)))
	}
	for _, o := range file.Open {
		fmt.Fprintf(w, "  %s\n", render.Sanitise(o))
	}
	fmt.Fprintf(w, "next: kubectl micro scaffold generate -f %s\n", cli.Quote(d.name(appFile)))
}
