// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package version is `kubectl micro version`: which versions meet, and whether
// another file on the PATH takes this one's place.
package version

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// NewCommand returns the version command.
func NewCommand(f *cli.Factory) *cobra.Command {
	o := &options{factory: f, report: cli.NewReportFlags("text", "json", "yaml")}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the client, the server, Istio and the APIs served",
		Long: cli.Doc(`
			Print the version of this client, of the API server, of every Istio control plane,
			and the versions of the API groups that the suite uses.

			Another file on the PATH that kubectl would run instead of this one is a warning.`),
		Example: `
			# All versions
			kubectl micro version

			# This client's alone, without asking a cluster
			kubectl micro version --client`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.report.Validate(); err != nil {
				return err
			}
			return o.run(cmd.Context(), cmd.Root().Commands())
		},
	}
	cmd.Flags().BoolVar(&o.clientOnly, "client", false, "Print the client's version alone, without asking a cluster.")
	o.report.AddFlags(cmd.Flags())
	return cmd
}

type options struct {
	factory    *cli.Factory
	report     *cli.ReportFlags
	clientOnly bool
}

func (o *options) run(ctx context.Context, commands []*cobra.Command) error {
	build := o.factory.Build
	out := api.VersionReport{
		TypeMeta: api.Type("VersionReport"),
		Client:   api.ClientVersion{Version: build.Version, Commit: build.Commit, Go: build.Go, Platform: build.Platform},
	}
	var failure error
	if !o.clientOnly {
		failure = askCluster(ctx, o.factory, &out)
	}
	for _, s := range shadows(o.factory.Getenv("PATH"), commands) {
		fmt.Fprintln(o.factory.Streams.ErrOut, "warning: "+s)
	}
	if err := o.print(out); err != nil {
		return err
	}
	return failure
}

func (o *options) print(out api.VersionReport) error {
	w := o.factory.Streams.Out
	if o.report.Output != "text" {
		return render.Report(w, o.report.Output, out)
	}
	_, err := io.WriteString(w, text(out))
	return err
}

// text renders the report for people.
func text(v api.VersionReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Client Version: %s\n", v.Client.Version)
	if v.Server != nil {
		fmt.Fprintf(&b, "Server Version: %s\n", v.Server.Version)
	}
	for _, i := range v.Istio {
		fmt.Fprintf(&b, "Istio Version: %s (revision %s in %s)\n", i.Version, i.Revision, i.Namespace)
	}
	if v.Istio != nil && len(v.Istio) == 0 {
		b.WriteString("Istio Version: no control plane found\n")
	}
	for _, g := range v.APIs {
		served := strings.Join(g.Versions, ", ")
		if served == "" {
			served = "not installed"
		}
		fmt.Fprintf(&b, "%s: %s\n", g.Group, served)
	}
	for _, n := range v.Notes {
		fmt.Fprintf(&b, "%s\n", n)
	}
	return b.String()
}
