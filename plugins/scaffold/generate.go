// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

const appFile = "micro.yaml"

func newGenerate(f *cli.Factory) *cobra.Command {
	flags := newOutputFlags()
	file := appFile
	cmd := &cobra.Command{
		Use:   "generate [-f FILE]",
		Short: "Write the objects of a system from its app file",
		Long: cli.Doc(`
			Read a file of kind System, which names services, their ports, health, configuration
			and whom they call, and write their objects as a stream, in the order to apply them.

			A call is said once, by dependsOn of the caller. It becomes the variable that tells
			the caller where to call, a NetworkPolicy at both ends, and in a mesh an
			AuthorizationPolicy with the caller's identity. Nobody else gets in.

			Mistakes are told with file, line and column; nothing is written then.`),
		Example: `
			# Into the cluster
			kubectl micro scaffold generate -f micro.yaml | kubectl apply -f -

			# What would change there?
			kubectl micro scaffold generate -f micro.yaml | kubectl diff -f -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := read(f, file)
			if err != nil {
				return err
			}
			s, err := app.Read(file, data)
			if err != nil {
				return err
			}
			if n := namespace(cmd); n != "" {
				s.Metadata.Namespace, s.Places["/metadata/namespace"] = n, "-n "+n
			}
			return flags.print(f, s)
		},
	}
	flags.addFlags(cmd)
	cmd.Flags().StringVarP(&file, "filename", "f", file, "App file to read; - reads standard input")
	_ = cmd.MarkFlagFilename("filename", "yaml", "yml", "json")
	return cmd
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
			return nil, fault.Wrap(fault.Failed, err, "read")
		}
		defer opened.Close()
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
