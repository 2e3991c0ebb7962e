// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/timeline"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// print writes the timeline in one format.
func (e *events) print(found []timeline.Entry, seen *world.Seen) error {
	out := e.Streams.Out
	switch e.report.Output {
	case "json", "yaml":
		return render.Report(out, e.report.Output, api.Timeline{
			TypeMeta: api.Type("Timeline"), Now: seen.Time.UTC(), Items: entries(found), Unknowns: unknownKinds(seen),
		})
	case "jsonl":
		return render.JSONL(out, entries(found))
	case "markdown":
		return e.table(found, seen.Time).Markdown(out)
	}
	for _, u := range unknownKinds(seen) {
		fmt.Fprintf(e.Streams.ErrOut, "unknown: %s\n", render.Sanitise(u))
	}
	if len(found) == 0 && !e.watch {
		return nil
	}
	return e.table(found, seen.Time).Write(out)
}

// unknownKinds are the reasons why rollouts and scaling may be missing.
func unknownKinds(seen *world.Seen) []string {
	out := []string{}
	for _, g := range seen.Gaps() {
		if !g.Missing && !g.Unasked {
			out = append(out, g.Reason)
		}
	}
	return out
}

func entries(found []timeline.Entry) []api.TimelineEntry {
	out := make([]api.TimelineEntry, 0, len(found))
	known := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	for _, x := range found {
		out = append(out, api.TimelineEntry{
			Kind: string(x.Kind), First: known(x.First), Last: known(x.Last), Count: x.Count, Type: x.Type, Reason: x.Reason,
			Object:    api.ObjectRef{APIVersion: x.Object.APIVersion(), Kind: x.Object.Kind, Namespace: x.Object.Namespace, Name: x.Object.Name},
			Container: x.Container, Source: x.Source, Message: x.Message,
		})
	}
	return out
}

// header are the columns; wide and markdown, which outlive the moment, name times.
func (e *events) header() []string {
	var out []string
	switch {
	case e.report.Output == "wide":
		out = []string{"TIME", "FIRST", "TYPE", "REASON"}
	case e.dated():
		out = []string{"TIME", "TYPE", "REASON"}
	default:
		out = []string{"LAST", "TYPE", "REASON"}
	}
	if e.world.Namespace == "" {
		out = append(out, "NAMESPACE")
	}
	out = append(out, "OBJECT")
	if e.report.Output == "wide" {
		out = append(out, "SOURCE")
	}
	return append(out, "COUNT", "MESSAGE")
}

// dated reports whether times are written out: an age is of no use in a document,
// nor on a line that stays while others come.
func (e *events) dated() bool { return e.report.Output != "table" || e.watch }

func (e *events) cells(x timeline.Entry, now time.Time) []string {
	out := []string{when(x.Last, now, e.dated())}
	if e.report.Output == "wide" {
		out = append(out, when(x.First, now, true))
	}
	out = append(out, x.Type, x.Reason)
	if e.world.Namespace == "" {
		out = append(out, orDash(x.Object.Namespace))
	}
	out = append(out, x.Object.Short())
	if e.report.Output == "wide" {
		out = append(out, orDash(x.Source))
	}
	return append(out, strconv.Itoa(x.Count), said(x))
}

// said is the message, with the container that it is about where it does not say so:
// probes of two that fail would look the same.
func said(x timeline.Entry) string {
	words := strings.FieldsFunc(x.Message, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if x.Container == "" || slices.Contains(words, x.Container) {
		return x.Message
	}
	return x.Container + ": " + x.Message
}

func (e *events) table(found []timeline.Entry, now time.Time) *render.Table {
	t := e.Table(e.header()...)
	t.NoHeaders = e.report.NoHeaders
	if e.report.Output == "wide" {
		t.Width = 0
	}
	for _, x := range found {
		t.Rows = append(t.Rows, e.cells(x, now))
	}
	colors, column := e.Colors(), len(t.Header)
	for i, name := range t.Header {
		if name == "TYPE" {
			column = i
		}
	}
	t.Style = func(row, at int) render.Style {
		switch {
		case at != column:
		case found[row].Type == "Warning":
			return colors.Yellow
		case found[row].Kind == timeline.Rollout:
			return colors.Cyan
		}
		return nil
	}
	return t
}

func when(t, now time.Time, dated bool) string {
	switch {
	case t.IsZero():
		return "-"
	case dated:
		return t.UTC().Format(time.RFC3339)
	}
	return duration.HumanDuration(max(0, now.Sub(t).Truncate(time.Second)))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
