// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func texts(all []logs.Line) []string {
	var out []string
	for _, l := range all {
		out = append(out, l.Text)
	}
	return out
}

func TestMerge(t *testing.T) {
	at := func(ms int, text string) logs.Line {
		return logs.Line{Time: epoch.Add(time.Duration(ms) * time.Millisecond), Text: text}
	}
	sources := [][]logs.Line{
		{at(1, "a1"), at(5, "a5"), {Text: "a5 goes on"}, at(9, "a9")},
		{at(1, "b1"), at(7, "b7"), at(3, "b3 late"), at(8, "b8")},
		nil,
		{at(0, "c0")},
	}
	var all []iter.Seq[logs.Line]
	for _, s := range sources {
		all = append(all, slices.Values(s))
	}
	want := []string{"c0", "a1", "b1", "a5", "a5 goes on", "b7", "b3 late", "b8", "a9"}
	if diff := cmp.Diff(want, texts(slices.Collect(logs.Merge(all)))); diff != "" {
		t.Error(diff)
	}
	for l := range logs.Merge(all) { // an early end ends the sources
		if l.Text == "a1" {
			break
		}
	}
}

// Nothing is lost or doubled, the whole is in order, and the order does not hang
// on which source is asked first.
func TestMergeKeepsAll(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var sources []iter.Seq[logs.Line]
		var all []string
		for s := range random.IntN(6) {
			var lines []logs.Line
			now := epoch
			for i := range random.IntN(30) {
				now = now.Add(time.Duration(random.IntN(3)) * time.Millisecond)
				lines = append(lines, logs.Line{Time: now, Text: fmt.Sprintf("%d %d", s, i)})
			}
			all = append(all, texts(lines)...)
			sources = append(sources, slices.Values(lines))
		}
		got := slices.Collect(logs.Merge(sources))
		if !slices.IsSortedFunc(got, func(a, b logs.Line) int { return a.Time.Compare(b.Time) }) {
			t.Fatal("not in order")
		}
		if diff := cmp.Diff(texts(got), texts(slices.Collect(logs.Merge(sources)))); diff != "" {
			t.Fatal(diff)
		}
		found := texts(got)
		slices.Sort(found)
		slices.Sort(all)
		if !slices.Equal(found, all) {
			t.Fatalf("%v, want %v", found, all)
		}
	}
}

// Lines that are late by less than the span come out in order; later ones come
// out all the same.
func TestWindow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const span = 50 * time.Millisecond
	for round := range 300 {
		lateness := span
		if round%2 == 1 {
			lateness = 4 * span
		}
		type sent struct {
			line    logs.Line
			arrives time.Time
		}
		var all []sent
		for i := range 1 + random.IntN(100) {
			at := epoch.Add(time.Duration(random.IntN(1000)) * time.Millisecond)
			all = append(all, sent{logs.Line{Time: at, Text: fmt.Sprint(i)}, at.Add(time.Duration(random.Int64N(int64(lateness))))})
		}
		slices.SortStableFunc(all, func(a, b sent) int { return a.arrives.Compare(b.arrives) })
		w := &logs.Window{Span: span}
		var got []logs.Line
		for _, s := range all {
			for next, ok := w.Next(); ok && next.Before(s.arrives); next, ok = w.Next() {
				out := w.Take(next)
				if len(out) == 0 && lateness == span {
					t.Fatal("nothing is due when it should be")
				}
				got = append(got, out...)
			}
			w.Add(s.line, s.arrives)
		}
		got = append(got, w.Rest()...)
		if sorted := slices.IsSortedFunc(got, func(a, b logs.Line) int { return a.Time.Compare(b.Time) }); !sorted && lateness == span {
			t.Fatal("not in order")
		}
		if _, more := w.Next(); more || len(w.Rest()) > 0 {
			t.Fatal("something is left")
		}
		seen := map[string]bool{}
		for _, l := range got {
			seen[l.Text] = true
		}
		if len(seen) != len(all) || len(got) != len(all) {
			t.Fatalf("%d lines, %d different, want %d", len(got), len(seen), len(all))
		}
	}
}

func TestWindowHoldsBack(t *testing.T) {
	w := &logs.Window{Span: time.Second}
	w.Add(logs.Line{Time: epoch.Add(5), Text: "b"}, epoch)
	w.Add(logs.Line{Time: epoch.Add(1), Text: "a"}, epoch.Add(time.Millisecond))
	w.Add(logs.Line{Text: "no time"}, epoch.Add(2*time.Millisecond))
	if got := w.Take(epoch.Add(999 * time.Millisecond)); got != nil {
		t.Errorf("too early: %v", got)
	}
	if next, ok := w.Next(); !ok || !next.Equal(epoch.Add(time.Second)) {
		t.Errorf("next is %v %t", next, ok)
	}
	if diff := cmp.Diff([]string{"a", "b"}, texts(w.Take(epoch.Add(time.Second)))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"no time"}, texts(w.Rest())); diff != "" {
		t.Error(diff)
	}
	now := &logs.Window{}
	now.Add(logs.Line{Time: epoch.Add(time.Hour), Text: "at once"}, epoch)
	if got := now.Take(epoch); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}
