// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

const appFile = "micro.yaml"

func newGenerate(f *cli.Factory) *cobra.Command {
	flags := newFileFlags()
	cmd := &cobra.Command{
		Use:   "generate [-f FILE]",
		Short: "Write the objects of a system from its app file",
		Long: cli.Doc(`
			Read a file of kind System, which names services, their ports, health, configuration
			and whom they call, and write their objects as a stream, in the order to apply them.

			A call is said once, by dependsOn of the caller. It becomes the variable that tells
			the caller where to call, a NetworkPolicy at both ends, and in a mesh an
			AuthorizationPolicy with the caller's identity. Nobody else gets in.

			With --output-dir, files are written instead. With the layout flat, the default, they
			are one for each service and one for the system, which kubectl apply -f and -k both
			take; with kustomize, a base and overlays for dev, staging and prod. The folder must
			be empty, or one that was generated into before and nobody changed anything in: see
			"update" for those that were.

			Mistakes are told with file, line and column; nothing is written then.`),
		Example: `
			# Into the cluster
			kubectl micro scaffold generate -f micro.yaml | kubectl apply -f -

			# What would change there?
			kubectl micro scaffold generate -f micro.yaml | kubectl diff -f -

			# Into files, to keep
			kubectl micro scaffold generate --output-dir k8s --layout kustomize`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.outputDir != "" {
				return flags.generateFiles(f, cmd)
			}
			if flags.layout != "" && flags.layout != layout.Stream {
				return fault.Usagef("expected an --output-dir for the files of --layout %s, found none", flags.layout).Try("--output-dir k8s --layout %s", flags.layout)
			}
			return flags.stream(f, cmd)
		},
	}
	flags.report.AddFlags(cmd.Flags())
	flags.addFlags(cmd)
	return cmd
}

// stream prints the objects.
func (o *fileFlags) stream(f *cli.Factory, cmd *cobra.Command) error {
	if err := o.report.Validate(); err != nil {
		return err
	}
	s, err := o.system(f, namespace(cmd))
	if err != nil {
		return err
	}
	if !app.NeedsSources(s) {
		return o.print(f, s, app.Options{})
	}
	d, err := openDisk(o.folder())
	if err != nil {
		return err
	}
	defer d.Close()
	lock, err := readLock(d)
	if err != nil {
		return err
	}
	with, err := sources{d, lock}.options(s)
	if err != nil {
		return err
	}
	return o.print(f, s, with)
}

// generateFiles writes files where there is nothing to merge.
func (o *fileFlags) generateFiles(f *cli.Factory, cmd *cobra.Command) error {
	if err := o.report.Validate(); err != nil {
		return err
	}
	if o.report.Output != "yaml" {
		return fault.Usagef("expected YAML for files, found -o %s", o.report.Output).Try("leave out -o, or --output-dir")
	}
	d, plan, err := o.plan(f, cmd, true)
	if err != nil {
		return err
	}
	defer d.Close()
	return o.write(f, d, plan, false)
}

// folder is the error of a folder that is given for a file.
func folder(dir string) error {
	err := fault.Usagef("expected a file, found a folder").At(dir)
	if file := filepath.Join(dir, appFile); regular(file) {
		return err.Try("-f %s", cli.Quote(file))
	}
	return err.Try("ls %s", cli.Quote(dir))
}

func regular(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular()
}

// read returns the content of a file or of standard input.
func read(f *cli.Factory, file string) ([]byte, error) {
	from := f.Streams.In
	if file != "-" {
		opened, err := os.Open(file)
		if os.IsNotExist(err) && file == appFile {
			return nil, fault.Usagef("expected an app file, found no %s here", appFile).Try("kubectl micro scaffold generate -f FILE")
		}
		if err != nil {
			return nil, fault.Unreadable(file, err)
		}
		defer opened.Close()
		if info, err := opened.Stat(); err == nil && info.IsDir() {
			return nil, folder(file)
		}
		from = opened
	}
	data, err := io.ReadAll(io.LimitReader(from, manifest.MaxSize+1))
	return data, fault.Wrap(fault.Failed, err, "read %s", file)
}

// namespace is that of -n; the namespace of a kubeconfig is not asked for, as the
// output must not depend on whose machine this is.
func namespace(cmd *cobra.Command) string {
	return cmd.Flag("namespace").Value.String()
}
