// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/checkup"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/explain"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/page"
)

func newExplain(f *cli.Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "explain FIELD|RULE",
		Short: "Tell why a field is written, who asks for it, and how to change it",
		Long: cli.Doc(`
			Tell of a field what is written there, why, which linters ask for it, and which flag
			or field of micro.yaml changes it. A field is a path in a manifest, or its last words.

			With a rule (its ID, its name, or what a linter calls it), tell what it finds, why that
			matters and what to do.`),
		Example: `
			# Fields
			kubectl micro scaffold explain preStop
			kubectl micro scaffold explain spec.template.spec.containers.securityContext.runAsUser

			# Rules
			kubectl micro scaffold explain KM1515
			kubectl micro scaffold explain polaris:missingNetworkPolicy`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return fault.Usagef("expected one field or rule, found %d arguments", len(args)).Try("%s preStop", cmd.CommandPath())
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return append(prefixed(explain.Words(), typed), checkup.RuleWords(typed)...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := explained(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(f.Streams.Out, text)
			return err
		},
	}
}

// prefixed are the words that begin with what is typed, in any case.
func prefixed(words []string, typed string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return !strings.HasPrefix(strings.ToLower(w), strings.ToLower(typed)) })
}

// explained is what there is to say about a word: of a field, else of a rule.
func explained(word string) (string, error) {
	found, near := explain.Lookup(word)
	var out []string
	for _, field := range found {
		out = append(out, aboutField(field))
	}
	if len(out) > 0 {
		return strings.Join(out, "\n"), nil
	}
	if chosen := rulesCalled(word); len(chosen) > 0 {
		for _, r := range chosen {
			out = append(out, page.Markdown(r))
		}
		return strings.Join(out, "\n"), nil
	}
	for _, r := range catalog.Rules() {
		near = append(near, ref.Closest(word, append([]string{r.ID, r.Slug}, r.Aliases...))...)
	}
	err := fault.Usagef("expected a field that scaffold writes or a rule, found %q", word)
	if len(near) > 0 {
		return "", err.Try("did you mean %s?", ref.Closest(word, near)[0])
	}
	return "", err.Try("kubectl micro scaffold explain preStop")
}

// rulesCalled are the rules that a word means; the name of a check stands for that
// of any linter.
func rulesCalled(word string) []*rules.Rule {
	return slices.DeleteFunc(catalog.Rules(), func(r *rules.Rule) bool {
		return !catalog.Means(word, r) && !slices.ContainsFunc(lint.AskedBy(r), func(alias string) bool {
			return strings.HasSuffix(strings.ToLower(alias), ":"+strings.ToLower(word))
		})
	})
}

// aboutField is a field as it is told.
func aboutField(field explain.Field) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s (%s)\n", field.Path, field.Kind)
	line := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&out, "  %-12s %s\n", title, text)
		}
	}
	line("Writes:", field.Writes)
	line("Why:", field.Why)
	line("Since:", field.Since)
	for _, id := range field.Rules {
		r, known := catalog.Rule(id)
		if !known {
			continue
		}
		by := strings.Join(lint.AskedBy(r), ", ")
		if by == "" {
			by = "nobody else"
		}
		line("Asked by:", fmt.Sprintf("%s %s (%s)", r.ID, r.Short, by))
	}
	var change []string
	for _, flag := range field.Flags {
		change = append(change, "--"+flag)
	}
	if len(field.File) > 0 {
		change = append(change, "micro.yaml: "+strings.Join(field.File, ", "))
	}
	line("Change with:", strings.Join(change, "; "))
	return out.String()
}
