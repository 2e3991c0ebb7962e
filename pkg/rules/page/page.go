// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package page tells what a rule is, for the terminal and for the documentation.
package page

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Markdown returns the page of a rule, without its examples.
func Markdown(r *rules.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n", r.ID, r.Short)
	fmt.Fprintf(&b, "Name `%s`, severity %s", r.Slug, r.Severity)
	switch {
	case r.Hygiene:
		b.WriteString(", runs only when named")
	case r.Live:
		b.WriteString(", on clusters and snapshots only")
	}
	b.WriteString(".\n")
	if len(r.Aliases) > 0 {
		fmt.Fprintf(&b, "Elsewhere: %s.\n", strings.Join(r.Aliases, ", "))
	}
	if kinds := API(r).Kinds; len(kinds) > 0 {
		fmt.Fprintf(&b, "Reads: %s.\n", strings.Join(kinds, ", "))
	}
	if r.Texts {
		b.WriteString("Reads Dockerfiles, pipelines and scripts beside the manifests.\n")
	}
	fmt.Fprintf(&b, "\n## Why\n\n%s\n\n## What to do\n\n%s\n", strings.TrimSpace(r.Why), strings.TrimSpace(r.Fix))
	if len(r.Explains) > 0 {
		fmt.Fprintf(&b, "\nMay be the cause of %s.\n", strings.Join(r.Explains, ", "))
	}
	fmt.Fprintf(&b, "\nSee <%s>.\n", r.Reference)
	return b.String()
}

// API returns a rule in the shape that is printed.
func API(r *rules.Rule) api.Rule {
	out := api.Rule{
		ID: r.ID, Name: r.Slug, Severity: r.Severity.String(), Short: r.Short, Why: r.Why, Fix: r.Fix, Reference: r.Reference,
		Aliases: r.Aliases, Live: r.Live, Hygiene: r.Hygiene, Explains: r.Explains, Repairs: r.Repair != nil,
	}
	for _, k := range r.Needs {
		out.Kinds = append(out.Kinds, k.GroupKind.String())
	}
	return out
}
