// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// What fits the part of a screen that one cause gets.
const (
	maxEvidence = 3
	maxQuoted   = 4 // lines of one observation
	maxEffects  = 4
	maxNames    = 3
	maxChanges  = 4
)

func (p *page) headline(severity, id, message string) {
	severity, id = fmt.Sprintf("%-7s", render.Sanitise(severity)), render.Sanitise(id)
	colour := severityStyle(strings.TrimSpace(severity), p.o.Palette)
	p.flow(colour(severity)+" "+id+" ", cells(severity)+cells(id)+2, 15, message, p.o.Palette.Bold)
}

func (p *page) cause(c *api.Cause) {
	p.headline(c.Severity, c.ID, sentence(&c.Finding))
	head := p.Len()
	p.body(c)
	p.bare = p.Len() == head
}

// body is everything about a cause but its headline.
func (p *page) body(c *api.Cause) {
	p.at(&c.Finding)
	if len(c.Pods) > 0 {
		p.line("in ", p.pods(&c.Finding))
	}
	for i, e := range c.Evidence {
		if i == maxEvidence && !p.o.All {
			p.line("", fmt.Sprintf("and %s", count(len(c.Evidence)-i, "more observation")))
			break
		}
		p.evidence(e)
	}
	if c.Rollout != nil {
		p.rollout(c.Rollout)
	} else if c.Since != nil {
		p.line("since: ", p.ago(*c.Since))
	}
	if len(c.Impact) > 0 {
		p.line("impact: ", strings.Join(c.Impact, "; "))
	}
	p.explains(c)
	p.asked(c)
	p.hint(c.Hint)
	p.fixes(c.ID, c.Fixes)
}

// asked says which checks of other tools a finding is.
func (p *page) asked(c *api.Cause) {
	if p.o.Asked && len(c.Aliases) > 0 {
		p.line("asked for by ", strings.Join(c.Aliases, ", "))
	}
}

// at says where to look, and how much there is to it where that is in doubt.
func (p *page) at(f *api.Finding) {
	where, doubt := place(f), doubts(f)
	switch {
	case where == "" && doubt == "":
	case where == "":
		p.line("", doubt)
	case doubt == "":
		p.line("at ", where)
	default:
		p.line("at ", where+" ("+doubt+")")
	}
}

// doubts are the confidence and the state where they are not the usual.
func doubts(f *api.Finding) string {
	var out []string
	if f.Confidence != "certain" && f.Confidence != "" {
		out = append(out, f.Confidence)
	}
	if f.State != "broken" && f.State != "" {
		out = append(out, f.State)
	}
	return strings.Join(out, ", ")
}

// pods is "2 of 3 pods: a, b".
func (p *page) pods(f *api.Finding) string {
	n := maxNames
	if p.o.All {
		n = len(f.Pods)
	}
	return fmt.Sprintf("%d of %s: %s", len(f.Pods), count(max(f.Of, len(f.Pods)), "pod"), few(f.Pods, n))
}

// evidence shows an observation.
func (p *page) evidence(e api.Evidence) {
	label := e.Kind
	if e.Of != "" {
		label += " " + e.Of
	}
	if e.Time != nil {
		label += " " + p.ago(*e.Time)
	}
	seen := slices.DeleteFunc(lines(e.Value), func(l string) bool { return l == "" })
	if len(seen) < 2 {
		p.quote(label+": ", strings.Join(seen, ""))
		return
	}
	kept := seen
	if !p.o.All {
		kept = telling(e.Kind, seen)
	}
	if left := len(seen) - len(kept); left > 0 {
		label += fmt.Sprintf(" (%d of %d lines)", len(kept), len(seen))
	}
	// The bar keeps apart what a container says from what the report says, and a
	// CI runner from taking a line of a log for a command (::error).
	p.label(label + ":")
	for _, l := range kept {
		p.quote("  | ", l)
	}
}

// cry is how programs begin the line that says what they died of; what follows
// it, a trace, says where.
var cry = regexp.MustCompile(`(?i)^\S.*\b(panic|fatal|error|exception|caused by)\b|^(panic|fatal|error|exception|caused by)\b`)

// telling picks the lines to show of an observation: of a log the last that cry,
// with what follows, or else its end; of others the beginning.
func telling(kind string, seen []string) []string {
	if len(seen) <= maxQuoted {
		return seen
	}
	from := 0
	if kind == "log" {
		from = len(seen) - maxQuoted
		for i := len(seen) - 1; i >= 0; i-- {
			if cry.MatchString(seen[i]) {
				from = min(i, from)
				break
			}
		}
	}
	return seen[from : from+maxQuoted]
}

func (p *page) rollout(r *api.Rollout) {
	because := ""
	if r.Cause != "" {
		because = " (" + r.Cause + ")"
	}
	p.line("since: ", fmt.Sprintf("rollout %d, %s%s", r.Revision, p.ago(r.Time), because))
	for i, c := range r.Changes {
		if i == maxChanges && !p.o.All {
			p.line("  ", fmt.Sprintf("and %s", count(len(r.Changes)-i, "more field")))
			break
		}
		p.quote("  ", fmt.Sprintf("%s: %s -> %s", c.Field, orNone(c.Before), orNone(c.After)))
	}
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func (p *page) hint(hint string) {
	if hint == "" {
		return
	}
	for i, l := range lines(hint) {
		if i == 0 {
			p.line("hint: ", l)
			continue
		}
		p.line("  ", l)
	}
}

// maxFixes is how many findings of a cause get their fix told.
const maxFixes = 3

// fixes shows the first way to mend each finding of a cause, or all of them.
func (p *page) fixes(id string, fixes []api.Fix) {
	told, findings := map[string]bool{}, map[string]bool{}
	for i, f := range fixes {
		key := f.Title + "\n" + f.Risk + "\n" + f.Command
		if told[key] || !p.o.All && (findings[f.Finding] || len(findings) == maxFixes) {
			continue
		}
		told[key], findings[f.Finding] = true, true
		if p.o.All {
			p.line("fix: ", f.Title+risk(id, fixes[i:i+1]))
		} else {
			p.line("fix: ", f.Title+risk(id, fixes[i:]))
		}
		p.verbatim(f.Command)
	}
}

// risk is what to know of the first fix of a cause, and how many others there
// are for the same finding.
func risk(id string, fixes []api.Fix) string {
	var notes []string
	if f := fixes[0]; f.ID != "" && f.ID != id {
		notes = append(notes, "mends "+f.ID)
	}
	if r := fixes[0].Risk; r != "safe" && r != "" {
		notes = append(notes, r)
	}
	others := 0
	for _, f := range fixes[1:] {
		if f.Finding == fixes[0].Finding {
			others++
		}
	}
	if others > 0 {
		notes = append(notes, count(others, "other way"))
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}
