// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// planFlags are those of "plan".
type planFlags struct {
	writeFlags
	intents cli.FileFlags
	base    []string
	from    string
	apply   bool
}

func newPlan(f *cli.Factory) *cobra.Command {
	flags := &planFlags{writeFlags: newWriteFlags()}
	cmd := &cobra.Command{
		Use:   "plan -f INTENTS",
		Short: "Turn intents into policies, or policies into intents",
		Long: cli.Doc(`
			Read who is meant to call whom from files of kind ServiceIntents, and work out the
			smallest set of NetworkPolicies (at both ends), AuthorizationPolicies,
			PeerAuthentications and ServiceEntries that makes it so. Nothing is written
			without --apply.

			The world that the policies would make is checked first: what would cut off DNS,
			probes, metrics, the control plane, ingress, webhooks or a caller that is known is
			refused with exit code 6 and the name of the invariant.

			--from live goes the other way: the policies of the cluster, or of the manifests
			of --base, as intents.`),
		Example: `
			# What would these intents write?
			kubectl micro secure plan -f intents.yaml

			# As YAML, on manifests
			kubectl micro secure plan -f intents.yaml --base k8s -o yaml

			# Apply them
			kubectl micro secure plan -f intents.yaml --apply

			# The policies that there are, as intents
			kubectl micro secure plan --from live -n shop >intents.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.plan(f, cmd) },
	}
	flags.addFlags(cmd)
	for _, name := range []string{"overlay", "complete"} {
		_ = cmd.Flags().MarkHidden(name)
	}
	cmd.Flags().Lookup("filename").Usage = "Files, directories or URLs with the intents, - for standard input"
	cmd.Flags().StringSliceVar(&flags.base, "base", nil, "Files or directories with the manifests that the intents are about; the cluster by default")
	_ = cmd.MarkFlagFilename("base", "yaml", "yml", "json")
	cli.EnumVar(cmd.Flags(), &flags.from, "from", "", "Read policies back into intents", "live")
	cmd.Flags().BoolVar(&flags.apply, "apply", false, "Write the policies to the cluster")
	return cmd
}

// plan is one run.
func (p *planFlags) plan(f *cli.Factory, cmd *cobra.Command) error {
	p.intents = p.world.Files
	p.world.Files = cli.FileFlags{Files: p.base, Recursive: p.intents.Recursive && len(p.base) > 0}
	switch {
	case p.from != "" && p.intents.Given():
		return fault.Usagef("--from and -f are two directions: expected one of them")
	case p.from != "":
		return p.back(f, cmd)
	case !p.intents.Given():
		return fault.Usagef("expected the intents").Try("%s -f INTENTS, or the other way: %s --from live", cmd.CommandPath(), cmd.CommandPath())
	case p.apply && len(p.base) > 0:
		return fault.Usagef("--apply is for the cluster, but with --base none is contacted")
	}
	streams, err := p.streams(cmd.Context(), f.Streams.In)
	if err != nil {
		return err
	}
	return p.run(f, cmd, !p.apply, func(w *world.World, seen *world.Seen, m *made) (err error) {
		if m.intents, err = p.read(streams, w, seen); err != nil {
			return err
		}
		m.Set, err = policy.Generate(seen.Snapshot, m.intents, m.options)
		return err
	})
}

// streams are the files of the intents: who misspells one is told so before a cluster
// is asked.
func (p *planFlags) streams(ctx context.Context, stdin io.Reader) ([]*manifest.Stream, error) {
	return (&source.Files{
		Paths: p.intents.Files, Recursive: p.intents.Recursive, Kustomize: p.intents.Kustomize, Stdin: stdin,
	}).Streams(ctx)
}

// read reads the intents; every document of the files has to be one.
func (p *planFlags) read(streams []*manifest.Stream, w *world.World, seen *world.Seen) ([]api.ServiceIntents, error) {
	home := w.Home(seen.Snapshot)
	if home == "" {
		home = "default"
	}
	var out []api.ServiceIntents
	var errs []error
	for _, s := range streams {
		data, err := s.Edit()
		if err != nil {
			return nil, err
		}
		intents, err := policy.Read(s.File, data, home)
		out, errs = append(out, intents...), append(errs, err)
	}
	return out, errors.Join(errs...)
}

// back prints the policies that there are as intents.
func (p *planFlags) back(f *cli.Factory, cmd *cobra.Command) error {
	o, err := p.options()
	if err != nil {
		return err
	}
	l, err := p.start(f, cmd)
	if err != nil {
		return err
	}
	return p.world.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
		seen, err := l.see(ctx)
		if err != nil {
			return err
		}
		found := policy.Infer(seen.Snapshot, l.world.Namespace, o)
		for _, n := range found.Unsaid {
			where := n.Where
			if where == "" {
				where = n.On.String()
			}
			fmt.Fprintf(f.Streams.ErrOut, "no intent can say: %s: %s\n", render.Sanitise(where), render.Sanitise(n.Text))
		}
		if len(found.Intents) == 0 {
			fmt.Fprintln(f.Streams.ErrOut, "there are no policies to read")
		}
		for i, one := range found.Intents {
			if i > 0 && p.report.Output != "json" {
				if err := write(f.Streams.Out, "---\n"); err != nil {
					return err
				}
			}
			format := p.report.Output
			if format == "table" {
				format = "yaml"
			}
			if err := render.Report(f.Streams.Out, format, one); err != nil {
				return err
			}
		}
		if doubt := trace.Doubt(seen.Unread); doubt != "" {
			return fault.New(fault.Undecided, "whether these are all intents is unknown: %s", doubt).Try("mend it first: %s", l.mend())
		}
		return nil
	})
}
