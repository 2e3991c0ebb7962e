// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

var _ = register("github", github)

// annotations is how many of each level GitHub shows for a step; the others are
// in the step's log only.
const annotations = 10

// annotation is one workflow command.
type annotation struct {
	level string
	on    *api.Location
	title string
	body  []string
}

// github writes workflow commands, which GitHub Actions turns into annotations.
// Causes come first, in their order, so that the few that GitHub shows are
// those to begin with.
//
// Lines that are no commands hold no text of others: a runner would look for
// commands in them.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func github(w io.Writer, d *api.Diagnosis, _ Options) error {
	var all []annotation
	for i := range d.Causes {
		c := &d.Causes[i]
		all = append(all, annotate(c, c.Severity))
	}
	for i := range d.Causes {
		c := &d.Causes[i]
		for _, e := range c.Explains {
			a := annotate(&api.Cause{Finding: e}, e.Severity)
			a.body = append(a.body, "explained by "+c.ID+" "+sentence(&c.Finding))
			all = append(all, a)
		}
	}
	for _, s := range d.Skipped {
		all = append(all, annotation{level: "notice", title: "not looked at: " + s.Kind, body: missed(&s)})
	}
	var b bytes.Buffer
	if note := hidden(all); note != "" {
		fmt.Fprintln(&b, note)
	}
	for _, a := range all {
		b.WriteString(a.command() + "\n")
	}
	if n := len(d.Gone); n > 0 {
		fmt.Fprintf(&b, "%s would go\n", count(n, "finding"))
	}
	if n := len(d.Suppressed); n > 0 {
		fmt.Fprintf(&b, "%s suppressed\n", count(n, "finding"))
	}
	_, err := b.WriteTo(w)
	return err
}

func annotate(c *api.Cause, severity string) annotation {
	a := annotation{level: level(severity, "notice"), on: c.Location, title: c.ID + " " + c.Title, body: []string{sentence(&c.Finding)}}
	if c.Location == nil && c.Field != "" {
		a.body = append(a.body, "at "+c.Field)
	}
	if c.Hint != "" {
		a.body = append(a.body, lines("hint: "+c.Hint)...)
	}
	if len(c.Fixes) > 0 {
		a.body = append(a.body, "fix: "+c.Fixes[0].Title+risk(c.ID, c.Fixes))
		a.body = append(a.body, lines(c.Fixes[0].Command)...)
	}
	if c.Docs != "" {
		a.body = append(a.body, c.Docs)
	}
	return a
}

// command is "::error file=a.yaml,line=1,col=2,title=t::message".
func (a annotation) command() string {
	var properties []string
	add := func(name, value string) {
		if value != "" {
			properties = append(properties, name+"="+property.Replace(strings.Join(lines(value), " ")))
		}
	}
	if a.on != nil {
		add("file", strings.TrimPrefix(a.on.File, "./"))
		if a.on.Line > 0 {
			add("line", strconv.Itoa(a.on.Line))
		}
		if a.on.Line > 0 && a.on.Column > 0 {
			add("col", strconv.Itoa(a.on.Column))
		}
	}
	add("title", a.title)
	var body []string
	for _, l := range a.body {
		if l = strings.Join(lines(l), " "); l != "" {
			body = append(body, l)
		}
	}
	return "::" + a.level + " " + strings.Join(properties, ",") + "::" + data.Replace(strings.Join(body, "\n"))
}

// The escapes of a command's data and of its properties.
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// hidden says what GitHub does not show beside the log; nothing if it shows all.
func hidden(all []annotation) string {
	counts := map[string]int{}
	for _, a := range all {
		counts[a.level]++
	}
	var left []string
	for _, level := range []string{"error", "warning", "notice"} {
		if n := counts[level] - annotations; n > 0 {
			left = append(left, count(n, "more "+level))
		}
	}
	if len(left) == 0 {
		return ""
	}
	return fmt.Sprintf("GitHub annotates the first %d of each level; in this log only: %s", annotations, listed(left))
}

// level is a severity in the words of GitHub and SARIF, which agree on all but
// the least.
func level(severity, least string) string {
	switch severity {
	case "error", "warning":
		return severity
	}
	return least
}

// missed says what was not looked at, why, and what that takes.
func missed(s *api.Skipped) []string {
	where := ""
	if s.Namespace != "" {
		where = " of namespace " + s.Namespace
	}
	out := []string{s.Kind + where + " was not looked at: " + s.Reason}
	if s.Needs != "" {
		out = append(out, "needs: "+s.Needs)
	}
	if len(s.Rules) > 0 {
		out = append(out, "rules that could not say all: "+strings.Join(s.Rules, ", "))
	}
	return out
}
