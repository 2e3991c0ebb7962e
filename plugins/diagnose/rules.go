// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/page"
)

// newRules lists the rules, or tells one of them.
func newRules(f *cli.Factory) *cobra.Command {
	report := cli.NewReportFlags("table", "json", "yaml", "name")
	cmd := &cobra.Command{
		Use:   "rules [RULE...]",
		Short: "List the rules, or tell what one checks, why, and how to mend it",
		Long: cli.Doc(`
			List the rules of the suite. With RULE (an ID, a name, or another tool's code for
			the same check), its page: what it finds, why that matters, what to do, and examples.`),
		Example: `
			# All rules
			kubectl micro diagnose rules

			# One rule
			kubectl micro diagnose rules KM8002

			# What does istioctl's IST0118 stand for here?
			kubectl micro diagnose rules IST0118 -o name`,
		ValidArgsFunction: func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return checkup.RuleWords(typed), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := report.Validate(); err != nil {
				return err
			}
			chosen := catalog.Rules()
			if len(args) > 0 {
				var err error
				if chosen, err = catalog.Select(args, nil); err != nil {
					return err
				}
			}
			return printRules(f, report, chosen, len(args) > 0)
		},
	}
	report.AddFlags(cmd.Flags())
	return cmd
}

func printRules(f *cli.Factory, o *cli.ReportFlags, chosen []*rules.Rule, pages bool) error {
	switch o.Output {
	case "json", "yaml":
		list := api.RuleList{TypeMeta: api.Type("RuleList")}
		for _, r := range chosen {
			list.Items = append(list.Items, page.API(r))
		}
		return render.Report(f.Streams.Out, o.Output, list)
	case "name":
		for _, r := range chosen {
			if _, err := fmt.Fprintln(f.Streams.Out, r.ID); err != nil {
				return err
			}
		}
		return nil
	}
	if pages {
		for i, r := range chosen {
			if i > 0 {
				fmt.Fprintln(f.Streams.Out)
			}
			if _, err := fmt.Fprint(f.Streams.Out, page.Markdown(r)); err != nil {
				return err
			}
		}
		return nil
	}
	table := f.Table("ID", "SEVERITY", "NAME", "FINDS", "ALIASES")
	table.NoHeaders = o.NoHeaders
	for _, r := range chosen {
		severity := r.Severity.String()
		if r.Hygiene {
			severity += " (when named)"
		}
		table.Rows = append(table.Rows, []string{r.ID, severity, r.Slug, r.Short, strings.Join(slices.Sorted(slices.Values(r.Aliases)), ",")})
	}
	return table.Write(f.Streams.Out)
}
