// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// page is text for people in the making.
type page struct {
	bytes.Buffer
	o   Options
	now time.Time
	// indent is where the lines below a headline begin.
	indent string
	// bare is true after a cause that has no more than a headline.
	bare bool
}

// flow writes text, sanitised, after a head that is not. On a terminal it
// continues below itself, hang columns from the left; elsewhere it stays one
// line, for grep.
func (p *page) flow(head string, used, hang int, text string, style render.Style) {
	parts := []string{strings.TrimRight(render.Sanitise(text), " ")}
	if p.o.Width >= narrowest {
		parts = wrap(parts[0], p.o.Width-used, p.o.Width-hang)
	}
	p.WriteString(head)
	for i, part := range parts {
		if i > 0 {
			p.WriteString(strings.Repeat(" ", hang))
		}
		p.WriteString(style(part) + "\n")
	}
}

// label writes the line above others.
func (p *page) label(label string) {
	p.WriteString(p.indent + p.o.Palette.Dim(render.Sanitise(label)) + "\n")
}

// line writes a line below a headline.
func (p *page) line(label, text string) {
	label = render.Sanitise(label)
	p.flow(p.indent+p.o.Palette.Dim(label), len(p.indent)+cells(label), len(p.indent)+2, text, plain)
}

// quote writes a line that was seen somewhere. The beginning is enough to
// know it by: what runs over the edge of a terminal is cut.
func (p *page) quote(label, text string) {
	if p.o.All || p.o.Width < narrowest {
		p.line(label, text)
		return
	}
	label = elide(render.Sanitise(label), p.o.Width*2/3)
	text = elide(render.Sanitise(text), p.o.Width-len(p.indent)-cells(label))
	p.WriteString(p.indent + p.o.Palette.Dim(label) + text + "\n")
}

// verbatim writes lines to copy, which nothing may break.
func (p *page) verbatim(text string) {
	for _, l := range lines(text) {
		if l != "" {
			p.WriteString(p.indent + "  " + l + "\n")
		}
	}
}

// lines is how many there are.
func (p *page) lines() int { return bytes.Count(p.Bytes(), []byte{'\n'}) }

// gap separates paragraphs.
func (p *page) gap() {
	if p.Len() > 0 {
		p.WriteByte('\n')
	}
}

// ago is the age of a moment.
func (p *page) ago(t time.Time) string {
	return duration.HumanDuration(max(0, p.now.Sub(t).Truncate(time.Second))) + " ago"
}

func plain(s string) string { return s }
