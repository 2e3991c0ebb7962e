// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

var _ = register(Default, text)

// What fits a screen.
const (
	maxCauses  = 8  // told at all
	maxLines   = 36 // after which causes get their headline only
	maxObjects = 5  // of causes told together
	maxGone    = 8
	alike      = 3 // causes of one rule that are told together
)

// text is for people: a headline for each cause, then evidence, what it hurts,
// what it explains and how to mend it. The first cause is told in full, those
// after it as long as they fit a screen.
func text(w io.Writer, d *api.Diagnosis, o Options) error {
	p := &page{o: o, now: d.Time, indent: "        "}
	shown, brief, causes, notes := 0, 0, 0, 0
	for _, g := range groups(d.Causes, o.All) {
		switch {
		case !o.All && !o.Notes && worst(g[0]) == "info":
			notes += len(g)
		case !o.All && shown == maxCauses:
			causes += len(g)
		default:
			shown++
			if !p.tell(g) {
				brief += len(g)
			}
		}
	}
	p.rest(brief, causes, notes)
	p.gone(d.Gone)
	_, err := p.WriteTo(w)
	return err
}

// tell writes a group in full if it fits the screen and reports whether it did;
// otherwise it writes one line. Single lines stand together.
func (p *page) tell(g []*api.Cause) bool {
	whole := page{o: p.o, now: p.now, indent: p.indent}
	if len(g) == 1 {
		whole.cause(g[0])
	} else {
		whole.together(g)
	}
	first := p.Len() == 0
	fits := p.o.All || first || p.lines()+whole.lines() <= maxLines
	if bare := !fits || whole.bare; !bare || !p.bare {
		p.gap()
		p.bare = bare
	}
	if fits {
		_, _ = whole.WriteTo(p)
		return true
	}
	message := title(g)
	if len(g) == 1 {
		message = sentence(&g[0].Finding)
		if at := place(&g[0].Finding); at != "" {
			message += " (" + at + ")"
		}
	}
	p.headline(g[0].Severity, g[0].ID, message)
	return false
}

// groups puts causes together that are the same fault of many objects and
// explain nothing else. With all, each stands alone.
func groups(causes []api.Cause, all bool) [][]*api.Cause {
	key := func(c *api.Cause) string { return c.ID + c.Severity + worst(c) }
	counts := map[string]int{}
	for i := range causes {
		if lone(&causes[i]) {
			counts[key(&causes[i])]++
		}
	}
	at := map[string]int{}
	var out [][]*api.Cause
	for i := range causes {
		c := &causes[i]
		if all || !lone(c) || counts[key(c)] < alike {
			out = append(out, []*api.Cause{c})
			continue
		}
		first, again := at[key(c)]
		if !again {
			first = len(out)
			at[key(c)] = first
			out = append(out, nil)
		}
		out[first] = append(out[first], c)
	}
	return out
}

// lone reports whether a cause explains nothing but other fields of its object.
func lone(c *api.Cause) bool {
	for _, e := range c.Explains {
		if e.ID != c.ID || e.Subject != c.Subject {
			return false
		}
	}
	return c.Rollout == nil
}

// together tells one fault of many objects.
func (p *page) together(g []*api.Cause) {
	p.headline(g[0].Severity, g[0].ID, title(g))
	same := uniform(g, func(c *api.Cause) string { return c.Message })
	for i, c := range g {
		if i == maxObjects {
			p.line("", fmt.Sprintf("and %d more", len(g)-i))
			break
		}
		what := sentence(&c.Finding)
		if same {
			what = object(c.Subject)
		}
		if at := place(&c.Finding); at != "" {
			what += " (" + at + ")"
		}
		p.line("", what)
	}
	p.asked(g[0])
	if uniform(g, func(c *api.Cause) string { return c.Hint }) {
		p.hint(g[0].Hint)
	}
	if uniform(g, remedy) {
		p.fixes(g[0].ID, g[0].Fixes)
	} else if len(g[0].Fixes) > 0 {
		p.line("fix: ", g[0].Fixes[0].Title+risk(g[0].ID, g[0].Fixes)+", and the like")
	}
}

// title is what a group has in common: the message, or else what the rule says.
func title(g []*api.Cause) string {
	what := g[0].Title
	if uniform(g, func(c *api.Cause) string { return c.Message }) {
		what = g[0].Message
	}
	return fmt.Sprintf("%s (%d objects)", what, len(g))
}

// remedy is the fix that would be told.
func remedy(c *api.Cause) string {
	if len(c.Fixes) == 0 {
		return ""
	}
	return c.Fixes[0].Title + "\n" + c.Fixes[0].Command
}

func uniform(g []*api.Cause, of func(*api.Cause) string) bool {
	for _, c := range g[1:] {
		if of(c) != of(g[0]) {
			return false
		}
	}
	return true
}

// rest says what was left out.
func (p *page) rest(brief, causes, notes int) {
	var left []string
	if brief > 0 {
		left = append(left, "details of "+count(brief, "cause"))
	}
	if causes > 0 {
		left = append(left, count(causes, "more cause"))
	}
	if notes > 0 {
		left = append(left, count(notes, "note"))
	}
	if len(left) == 0 {
		return
	}
	again := p.o.Again
	if again == "" {
		again = "--show all"
	}
	p.gap()
	p.flow("", 0, 2, listed(left)+" not shown: "+again, plain)
}

// listed is "a, b and c".
func listed(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// gone lists what an overlay mends.
func (p *page) gone(findings []api.Finding) {
	for i := range findings {
		f := &findings[i]
		if i == 0 {
			p.gap()
		}
		if i == maxGone && !p.o.All {
			p.flow(p.o.Palette.Green("gone    "), 8, 8, fmt.Sprintf("and %d more", len(findings)-i), plain)
			break
		}
		id := render.Sanitise(f.ID)
		p.flow(p.o.Palette.Green("gone    ")+id+" ", 9+cells(id), 15, sentence(f), plain)
	}
}
