// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// lintFlags are those of "scaffold lint".
type lintFlags struct {
	*checkup.Flags
	linters []string
	proof   bool
}

func newLint(f *cli.Factory) *cobra.Command {
	flags := &lintFlags{Flags: checkup.NewFlags(checkup.Defaults{Only: lint.IDs(lint.Rules()), FailOn: "info", All: true, Fails: inView, Asked: true})}
	cmd := &cobra.Command{
		Use:   "lint [TARGET]",
		Short: "Check manifests, whoever wrote them, by what all the linters ask for",
		Long: cli.Doc(`
			Check manifests by the union of what kube-linter, kube-score, Polaris and kubescape
			ask of workloads, by a few rules of our own, and by those of "diagnose" that can
			judge files. Each finding says which of the linters asks for it.

			What is exempted in an annotation of one of the linters is exempted here:
			ignore-check.kube-linter.io/CHECK: REASON, kube-score/ignore: CHECK,
			polaris.fairwinds.com/CHECK-exempt: "true". So is what our own say:
			kubectl-micro.dev/ignore: "KM1513: REASON".

			Three rules ask for what nobody can make up but you: a digest for each image (KM1508),
			SELinux options (KM1542) and an address of the owners (KM2515). They run with --only,
			or with --linter of one that asks for them.

			The exit code is 1 when something is found, whatever its severity; what is only not
			among these files, and files of other programs, are told and do not fail the run.`),
		Example: `
			# What is generated, and what is not
			kubectl micro scaffold generate -f micro.yaml | kubectl micro scaffold lint -f -
			kubectl micro scaffold lint -f k8s/

			# What would kube-score and Polaris say?
			kubectl micro scaffold lint -f k8s/ --linter kube-score,polaris

			# Every check of every linter, with its result
			kubectl micro scaffold lint -f k8s/ --proof

			# Repair what can be repaired
			kubectl micro scaffold lint -f k8s/ --write --risk review`,
		Args:              checkup.OneTarget,
		ValidArgsFunction: checkup.CompleteTargets(f, &flags.World),
		RunE:              func(cmd *cobra.Command, args []string) error { return flags.run(f, cmd, args) },
	}
	flags.AddFlags(cmd)
	cmd.Flags().StringSliceVar(&flags.linters, "linter", nil, "Run only the rules that these linters ask for: "+strings.Join(lint.Linters, ", "))
	cli.Offer(cmd.Flags(), "linter", lint.Linters...)
	cmd.Flags().BoolVar(&flags.proof, "proof", false, "List every check of the linters: passed, failed, exempted, or nothing to judge")
	return cmd
}

// inView reports whether a finding is about what is in the files, and not about
// what may be elsewhere, or about a file of another program.
func inView(r rules.Result) bool {
	foreign := r.ID == "KM0002" // as a note
	return r.Rule.Hygiene || r.Severity > finding.Info || r.Confidence != finding.Possible && !foreign
}

func (l *lintFlags) run(f *cli.Factory, cmd *cobra.Command, args []string) error {
	for _, linter := range l.linters {
		if slices.Contains(lint.Linters, linter) {
			continue
		}
		err := fault.Usagef("--linter: expected one of %s, found %q", strings.Join(lint.Linters, ", "), linter)
		if near := ref.Closest(linter, lint.Linters); len(near) > 0 {
			return err.Try("did you mean %s?", near[0])
		}
		return err.Try("--linter %s", strings.Join(lint.Linters, ","))
	}
	switch {
	case len(l.linters) > 0 && cmd.Flags().Changed("only"):
		return fault.Usagef("expected one of --linter and --only, found both")
	case l.proof && (len(args) > 0 || cmd.Flags().Changed("output") || cmd.Flags().Changed("only") || cmd.Flags().Changed("skip")):
		return fault.Usagef("--proof lists all checks in a table: expected no target, -o, --only or --skip beside it").Try("--linter kube-score --proof")
	case l.proof:
		return l.prove(f, cmd)
	case len(l.linters) > 0:
		l.Default(lint.IDs(lint.Of(l.linters...))...)
	}
	return l.Run(f, cmd, args)
}

// prove prints the result of each check, and of each linter how many there are.
func (l *lintFlags) prove(f *cli.Factory, cmd *cobra.Command) error {
	if err := l.World.Validate(); err != nil {
		return err
	}
	of := l.linters
	if len(of) == 0 {
		of = lint.Linters
	}
	w, err := world.New(f, cmd, &l.World, false)
	if err != nil {
		return err
	}
	return l.World.Timeout.Run(cmd.Context(), func(ctx context.Context) error {
		seen, _, err := checkup.Everything(ctx, w)
		if err != nil {
			return err
		}
		lines := lint.Proof(&rules.World{Snapshot: seen.Snapshot, Now: seen.Time, Unread: seen.Unread}, of)
		table := f.Table("LINTER", "CHECK", "RESULT", "RULES", "DETAIL")
		for _, x := range lines {
			table.Rows = append(table.Rows, []string{x.Linter, x.Check, string(x.Result), strings.Join(x.Rules, ","), x.Detail})
		}
		if err := table.Write(f.Streams.Out); err != nil {
			return err
		}
		return sum(f, of, lines)
	})
}

// sum says how each linter would judge; a check that fails is the answer no.
func sum(f *cli.Factory, linters []string, lines []lint.Line) error {
	var err error
	for _, linter := range linters {
		n := map[lint.Result]int{}
		for _, x := range lines {
			if x.Linter == linter {
				n[x.Result]++
			}
		}
		fmt.Fprintf(f.Streams.ErrOut, "%s: %d pass, %d fail, %d exempt, %d n/a\n", linter, n[lint.Pass], n[lint.Fail], n[lint.Exempt], n[lint.NotApplicable])
		if n[lint.Fail] > 0 {
			err = fault.Silently(fault.Negative)
		}
	}
	return err
}
