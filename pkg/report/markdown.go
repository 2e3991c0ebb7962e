// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

var _ = register("markdown", markdown)

// A comment of GitHub takes 65,536 characters; some are left to whoever wraps
// the report in a comment of theirs. The table may fill a part of them, so that
// the causes at its top have room for their details.
const (
	maxComment = 60_000
	maxTable   = 20_000
	// maxCell is the length of a message in the table; the block has all of it.
	maxCell = 400
	// tail is what the sentences about what was left out take at most.
	tail = 500
)

// markdown is for the comment on a pull request: a summary, a table of the
// causes, and for each cause a block to open.
func markdown(w io.Writer, d *api.Diagnosis, _ Options) error {
	m := &comment{d: d}
	m.summary()
	m.table()
	m.details()
	m.list("Would go", len(d.Gone), func(i int) string { return inline(d.Gone[i].ID) + " " + inline(sentence(&d.Gone[i])) })
	m.list("Suppressed", len(d.Suppressed), func(i int) string {
		s := &d.Suppressed[i]
		return fmt.Sprintf("%s %s (%s)", inline(s.ID), inline(sentence(&s.Finding)), inline(strings.TrimSuffix(s.By+": "+s.Reason, ": ")))
	})
	m.list("Not looked at", len(d.Skipped), func(i int) string { return inline(strings.Join(missed(&d.Skipped[i]), "; ")) })
	_, err := io.WriteString(w, m.text.String())
	return err
}

// comment is Markdown of bounded length.
type comment struct {
	d    *api.Diagnosis
	text strings.Builder
	used int
}

// add writes a part if it leaves the comment within limit characters.
func (m *comment) add(part string, limit int) bool {
	n := utf8.RuneCountInString(part)
	if m.used+n > limit {
		return false
	}
	m.used += n
	m.text.WriteString(part)
	return true
}

func (m *comment) summary() {
	s := m.d.Summary
	verdict := "nothing found"
	if n := len(m.d.Causes); n > 0 {
		verdict = fmt.Sprintf("%s (%s, %s, %s)", count(n, "cause"), count(s.Errors, "error"), count(s.Warnings, "warning"), count(s.Infos, "note"))
	}
	m.add(fmt.Sprintf("### kubectl micro diagnose: %s\n\n%s on %s", verdict, count(s.Rules, "rule"), count(s.Objects, "object")), maxComment)
	if n := len(m.d.Suppressed); n > 0 {
		m.add(fmt.Sprintf("; %d suppressed", n), maxComment)
	}
	if s.Partial {
		m.add("; not everything could be looked at", maxComment)
	}
	m.add("\n", maxComment)
}

func (m *comment) table() {
	for i := range m.d.Causes {
		c := &m.d.Causes[i]
		if i == 0 {
			m.add("\n| Severity | Rule | Object | Message | Where |\n|---|---|---|---|---|\n", maxComment)
		}
		severity := c.Severity
		if doubt := doubts(&c.Finding); doubt != "" {
			severity += " (" + doubt + ")"
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |\n", inline(severity), rule(&c.Finding), code(object(c.Subject)),
			inline(elide(c.Message, maxCell)), code(place(&c.Finding)))
		if !m.add(row, maxTable) {
			m.add(fmt.Sprintf("\nand %d more\n", len(m.d.Causes)-i), maxComment)
			return
		}
	}
}

// details writes a block for each cause that has more to tell than its row.
func (m *comment) details() {
	left := 0
	for i := range m.d.Causes {
		c := &m.d.Causes[i]
		body := block(m.d, c)
		if body == "" && cells(c.Message) <= maxCell {
			continue
		}
		part := fmt.Sprintf("\n<details><summary>%s %s %s</summary>\n\n%s</details>\n", inline(c.Severity), inline(c.ID), inline(sentence(&c.Finding)), body)
		if left > 0 || !m.add(part, maxComment-tail) {
			left++
		}
	}
	if left > 0 {
		m.add(fmt.Sprintf("\nDetails of %s are left out for their length.\n", count(left, "more cause")), maxComment)
	}
}

// list writes a block of items, as many as fit.
func (m *comment) list(title string, n int, item func(int) string) {
	if n == 0 || !m.add(fmt.Sprintf("\n<details><summary>%s: %d</summary>\n\n", title, n), maxComment-tail) {
		return
	}
	for i := range n {
		if !m.add("- "+item(i)+"\n", maxComment-tail) {
			m.add(fmt.Sprintf("- and %d more\n", n-i), maxComment)
			break
		}
	}
	m.add("\n</details>\n", maxComment)
}
