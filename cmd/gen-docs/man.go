// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

// manFolder is where the man pages are, from the root.
const manFolder = "docs/man"

// manName is the name of a command's page: kubectl-micro-canary-status.
func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPages are a page of section 1 for each command.
func manPages(commands []*cobra.Command) (tree, error) {
	out := tree{}
	for _, c := range commands {
		name := manFolder + "/" + manName(c) + ".1"
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("two commands want the page %s", name)
		}
		out[name] = manPage(c)
	}
	return out, nil
}

// manPage is written in the man macros, which man, mandoc and groff all know. It has no
// date: the same program makes the same page, and its version says how old it is.
func manPage(c *cobra.Command) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, ".\\\" %s; make generate writes it.\n", signature)
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"kubectl micro\" \"User Commands\"\n.nh\n.ad l\n", strings.ToUpper(manName(c)))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(c)), roff(c.Short))
	b.WriteString(".SH SYNOPSIS\n.nf\n")
	for _, line := range cli.UsageLines(c) {
		fmt.Fprintf(&b, "%s\n", roff(line))
	}
	b.WriteString(".fi\n.SH DESCRIPTION\n")
	for _, p := range paragraphs(c.Long) {
		manParagraph(&b, p)
	}
	if children := below(c); len(children) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, child := range children {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(child.Name()), roff(child.Short))
		}
	}
	manFlags(&b, c)
	manExits(&b, c)
	if !c.HasParent() {
		b.WriteString(".SH ENVIRONMENT\n")
		for _, v := range cli.Environment() {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(v.Name), roff(v.Use))
		}
	}
	if c.Example != "" {
		b.WriteString(".SH EXAMPLES\n")
		manParagraph(&b, paragraph{true, strings.Split(cli.Doc(c.Example), "\n")})
	}
	var names []string
	for _, other := range append(beside(c), below(c)...) {
		names = append(names, ".BR "+roff(manName(other))+" (1)")
	}
	fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", strings.Join(names, ",\n"))
	return b.Bytes()
}

func manParagraph(b *bytes.Buffer, p paragraph) {
	b.WriteString(".PP\n")
	if p.literal {
		b.WriteString(".RS 4\n.nf\n")
	}
	for _, line := range p.lines {
		fmt.Fprintf(b, "%s\n", roff(line))
	}
	if p.literal {
		b.WriteString(".fi\n.RE\n")
	}
}

func manFlags(b *bytes.Buffer, c *cobra.Command) {
	if flags := own(c); len(flags) > 0 {
		title := "OPTIONS"
		if !c.HasParent() {
			title = "GLOBAL OPTIONS"
		}
		fmt.Fprintf(b, ".SH %s\n", title)
		for _, f := range flags {
			fmt.Fprintf(b, ".TP\n.B %s=%s\n%s\n", roff(spelling(f)), roff(f.DefValue), roff(f.Usage))
		}
	}
	if c.HasParent() {
		fmt.Fprintf(b, ".PP\nThe global options are in\n.BR kubectl\\-micro (1).\n")
	}
}

func manExits(b *bytes.Buffer, c *cobra.Command) {
	b.WriteString(".SH EXIT STATUS\n")
	codes := map[int]string{}
	if c.HasParent() {
		codes = exits(c)
	} else {
		for _, one := range cli.ExitCodes() {
			codes[one.Number] = one.Meaning
		}
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		fmt.Fprintf(b, ".TP\n.B %d\n%s\n", code, roff(codes[code]))
	}
	if c.HasParent() {
		b.WriteString(".PP\nWhat is not listed means what it means for every command, see\n.BR kubectl\\-micro (1).\n")
	}
}

// roff is a line of text that roff takes for nothing else.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		return `\&` + s
	}
	return s
}
