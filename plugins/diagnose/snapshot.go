// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// newSnapshot is the parent of the verbs about saved snapshots.
func newSnapshot(f *cli.Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Save what a diagnosis looks at, to diagnose it elsewhere",
		Long:  "Save what a diagnosis looks at, to diagnose it elsewhere, or later, with --snapshot.",
		Example: cli.Doc(`
			kubectl micro diagnose snapshot save shop.gz
			kubectl micro diagnose --snapshot shop.gz`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fault.Usagef("expected a verb").Try("%s save FILE", cmd.CommandPath())
		},
	}
	cmd.AddCommand(newSave(f))
	return cmd
}

func newSave(f *cli.Factory) *cobra.Command {
	flags := &world.Flags{}
	scope := &cli.ScopeFlags{}
	cmd := &cobra.Command{
		Use:   "save FILE",
		Short: "Save what a diagnosis looks at into a file, without secrets",
		Long: cli.Doc(`
			Read what "diagnose" would read and save it. Every command that reads takes the
			file by --snapshot and answers as it would have answered then.

			No contents of Secrets are read, and values that look secret (tokens, passwords,
			environment variables by their names) are left out, as are the values of ConfigMaps.
			Names, labels, images and addresses stay: look before you send it to somebody.

			A name that ends in .gz is compressed; - is standard output.`),
		Example: `
			# The current namespace
			kubectl micro diagnose snapshot save shop.gz

			# The whole cluster, then the diagnosis elsewhere
			kubectl micro diagnose snapshot save cluster.gz -A
			kubectl micro diagnose --snapshot cluster.gz -n shop`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.Usagef("expected the name of one file, found %d", len(args)).Try("kubectl micro diagnose snapshot save FILE.gz")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.Validate(); err != nil {
				return err
			}
			w, err := world.New(f, cmd, flags, scope.AllNamespaces)
			if err != nil {
				return err
			}
			return flags.Timeout.Run(cmd.Context(), func(ctx context.Context) error { return save(ctx, w, args[0]) })
		},
	}
	flags.AddFlags(cmd, "save")
	cmd.ValidArgsFunction = completeFile
	_ = cmd.Flags().MarkHidden("overlay")
	cmd.Flags().BoolVarP(&scope.AllNamespaces, "all-namespaces", "A", false, "Save all namespaces")
	return cmd
}

func save(ctx context.Context, w *world.World, file string) error {
	loaded, kinds, err := checkup.Everything(ctx, w)
	if err != nil {
		return err
	}
	head := source.Head{Time: loaded.Time, Version: w.Build.Version, Options: loaded.Options}
	if !w.Offline() {
		head.Kinds = groupKinds(kinds)
	}
	if file == "-" {
		return source.Save(ctx, w.Streams.Out, loaded.Snapshot, head)
	}
	if err := source.SaveFile(ctx, file, loaded.Snapshot, head); err != nil {
		return err
	}
	fmt.Fprintf(w.Streams.ErrOut, "%s: %s, without secrets; kubectl micro diagnose --snapshot %s\n",
		render.Sanitise(file), cli.Plural(len(loaded.Objects()), "object"), cli.Quote(file))
	return nil
}

func groupKinds(kinds []*model.Kind) []ref.GroupKind {
	var out []ref.GroupKind
	for _, k := range kinds {
		out = append(out, k.GroupKind)
	}
	return out
}
