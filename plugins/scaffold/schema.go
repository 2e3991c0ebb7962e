// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

func newSchema(f *cli.Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of app files, for editors",
		Long: cli.Doc(`
			Print the JSON Schema (draft 7) of app files. An editor that knows it completes fields,
			shows what they are for, and marks what "generate" would refuse as unknown.`),
		Example: `
			# For editors with the YAML language server: a file, and the first line of micro.yaml
			kubectl micro scaffold schema > micro.schema.json
			# yaml-language-server: $schema=micro.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(f.Streams.Out, api.SystemSchema)
			return fault.Wrap(fault.Failed, err, "write the schema")
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
}
