// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/update"
)

// fileFlags are those of all that generates files.
type fileFlags struct {
	outputFlags
	file      string
	outputDir string
	layout    string
	adopt     bool
	prefer    string
	restore   []string
}

func newFileFlags() *fileFlags { return &fileFlags{outputFlags: newOutputFlags(), file: appFile} }

func (o *fileFlags) addFlags(cmd *cobra.Command) {
	o.addScopeFlag(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&o.file, "filename", "f", o.file, "App file to read; - reads standard input")
	_ = cmd.MarkFlagFilename("filename", "yaml", "yml", "json")
	flags.StringVar(&o.outputDir, "output-dir", "", "Folder for the objects, within that of the app file; remembered")
	_ = cmd.MarkFlagDirname("output-dir")
	cli.EnumVar(flags, &o.layout, "layout", "", "Which files there are; remembered", layout.Stream, layout.Flat, layout.Kustomize)
	flags.BoolVar(&o.adopt, "adopt", false, "Take files that are there already for your version of what is generated: their values stay, and what is missing is added")
}

// addMergeFlags adds those of what merges.
func (o *fileFlags) addMergeFlags(cmd *cobra.Command) {
	cli.EnumVar(cmd.Flags(), &o.prefer, "prefer", "", "Whose values to take where both sides changed a field; conflicts are no failure then", update.User, update.Generated)
	cmd.Flags().StringSliceVar(&o.restore, "restore", nil, "Objects (KIND/NAME) and files to bring back that were deleted by hand")
}

// system reads the app file.
func (o *fileFlags) system(f *cli.Factory, namespace string) (api.System, error) {
	data, err := read(f, o.file)
	if err != nil {
		return api.System{}, err
	}
	s, err := app.Read(o.file, data)
	if err == nil && namespace != "" {
		s.Metadata.Namespace, s.Places["/metadata/namespace"] = namespace, "-n "+namespace
	}
	return s, err
}

// folder is that of the app file.
func (o *fileFlags) folder() string {
	if o.file == "-" {
		return "."
	}
	return filepath.Dir(o.file)
}

// plan plans what to write below the folder of the app file, which the caller
// closes. With fresh there must be nothing to merge.
func (o *fileFlags) plan(f *cli.Factory, cmd *cobra.Command, fresh bool) (*disk, update.Plan, error) {
	d, err := openDisk(o.folder())
	if err != nil {
		return nil, update.Plan{}, err
	}
	plan, err := o.planOn(f, cmd, d, fresh)
	if err != nil {
		return nil, update.Plan{}, errors.Join(err, d.Close())
	}
	return d, plan, nil
}

func (o *fileFlags) planOn(f *cli.Factory, cmd *cobra.Command, d *disk, fresh bool) (update.Plan, error) {
	if err := d.checkStage(); err != nil {
		return update.Plan{}, err
	}
	lock, err := readLock(d)
	if err != nil {
		return update.Plan{}, err
	}
	in := update.Input{Read: d.Read, Show: d.name, Lock: lock, Fresh: fresh, Adopt: o.adopt, Prefer: o.prefer, Restore: o.restore}
	if in.Settings, err = o.settings(cmd, d, lock, fresh); err != nil {
		return update.Plan{}, err
	}
	if o.file != "-" {
		in.Keep = filepath.Base(o.file)
	}
	s, err := o.system(f, in.Settings.Namespace)
	if err != nil {
		return update.Plan{}, err
	}
	o.skipClusterScoped = in.Settings.SkipClusterScoped
	with, err := sources{d, lock}.options(s)
	if err != nil {
		return update.Plan{}, err
	}
	if in.Set, err = o.generate(f, s, with); err != nil {
		return update.Plan{}, err
	}
	in.Name = s.Metadata.Name
	plan, err := update.Make(in)
	if err != nil || o.adopt || lock != nil && lock.Settings.OutputDir == in.Settings.OutputDir {
		return plan, err
	}
	return plan, checkFolder(d, in.Settings.OutputDir, append(plan.Generated, in.Keep, update.Folder))
}

func readLock(d *disk) (*update.Lock, error) {
	data, err := d.Read(update.LockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lock, err := update.ReadLock(d.name(update.LockFile), data)
	return &lock, err
}

// settings are those of the flags, else what the lock remembers.
func (o *fileFlags) settings(cmd *cobra.Command, d *disk, lock *update.Lock, fresh bool) (update.Settings, error) {
	var s update.Settings
	switch {
	case lock != nil:
		s = lock.Settings
	case o.outputDir == "":
		return s, fault.Usagef("expected files that were generated, found no %s", d.name(update.LockFile)).
			Try("kubectl micro scaffold generate%s --output-dir %s", o.fileArg(), cli.Quote(d.name("k8s")))
	default:
		s.Layout = layout.Flat
	}
	if o.layout != "" {
		s.Layout = o.layout
	}
	if s.Layout == layout.Stream {
		return s, fault.Usagef("expected a layout with files, found %s", layout.Stream).Try("--layout %s", layout.Flat)
	}
	if o.outputDir != "" {
		dir, err := o.within(d)
		if err != nil {
			return s, err
		}
		s.OutputDir = dir
	}
	if n := namespace(cmd); n != "" {
		s.Namespace = n
	}
	if cmd.Flags().Changed("skip-cluster-scoped") {
		s.SkipClusterScoped = o.skipClusterScoped
	}
	if moved := lock != nil && (s.Layout != lock.Settings.Layout || s.OutputDir != lock.Settings.OutputDir); moved && !fresh {
		return s, fault.Usagef("expected the layout and folder that were generated last, %s in %s, found %s in %s",
			lock.Settings.Layout, lock.Settings.OutputDir, s.Layout, s.OutputDir).
			Try("kubectl micro scaffold generate%s --output-dir %s --layout %s", o.fileArg(), cli.Quote(d.name(s.OutputDir)), s.Layout)
	}
	return s, nil
}

// fileArg is -f as it was said, for commands to type.
func (o *fileFlags) fileArg() string {
	if o.file == appFile {
		return ""
	}
	return " -f " + cli.Quote(o.file)
}

// within is the folder for output as a slash path from that of the app file.
func (o *fileFlags) within(d *disk) (string, error) {
	from, err := filepath.Abs(d.dir)
	if err != nil {
		return "", fault.Wrap(fault.Failed, err, "find the folder of the app file")
	}
	to, err := filepath.Abs(o.outputDir)
	if err != nil {
		return "", fault.Wrap(fault.Failed, err, "find the folder for output")
	}
	dir, err := filepath.Rel(from, to)
	if err != nil || !filepath.IsLocal(dir) {
		return "", fault.Usagef("expected an --output-dir within the folder of the app file, %s, found %s", d.dir, o.outputDir).
			Try("--output-dir %s\nor move %s further up", cli.Quote(d.name("k8s")), filepath.Base(o.file))
	}
	dir = filepath.ToSlash(dir)
	if dir != "." {
		err = layout.Check(dir)
	}
	return dir, err
}

// checkFolder refuses a folder with anything in it but some files, if it was not
// generated into before: it could be applied with what is generated.
func checkFolder(d *disk, dir string, files []string) error {
	ours := map[string]bool{} // whether a path is a folder of files
	for _, file := range files {
		ours[file] = false
		for p := path.Dir(file); p != "."; p = path.Dir(p) {
			ours[p] = true
		}
	}
	found, err := foreign(d, dir, ours)
	if err != nil || len(found) == 0 {
		return err
	}
	const most = 5
	return fault.Refusedf("expected an empty folder, or one that was generated into before, found %s", strings.Join(found[:min(len(found), most)], ", ")).
		At(d.name(dir)).Try("--output-dir with another folder\nor --adopt   # take them for your version of what is generated: their values stay, what is missing is added")
}

// foreign are the names of what is not ours in a folder, and in those of ours in it.
func foreign(d *disk, dir string, ours map[string]bool) (out []string, err error) {
	names, err := d.Entries(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		switch folder, known := ours[path.Join(dir, name)]; {
		case !known:
			out = append(out, name)
		case folder:
			deeper, err := foreign(d, path.Join(dir, name), ours)
			if err != nil {
				return nil, err
			}
			out = append(out, deeper...)
		}
	}
	return out, nil
}
