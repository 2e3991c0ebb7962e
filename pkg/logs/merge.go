// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"cmp"
	"container/heap"
	"iter"
	"time"
)

// Merge puts the lines of several sources in the order of their times. Each
// source is taken to be in order; where it is not, its lines keep theirs: one
// that is late, or has no time, comes right behind the line before it. Equal
// times are in the order of the sources. It holds one line of each source at a
// time, so that what is merged may be larger than memory, and it needs the next
// line of every source before it goes on: for sources that end.
func Merge(sources []iter.Seq[Line]) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		var heads heads
		for i, s := range sources {
			next, stop := iter.Pull(s)
			defer stop()
			h := &head{source: i, next: next}
			if h.advance() {
				heads = append(heads, h)
			}
		}
		heap.Init(&heads)
		for len(heads) > 0 {
			h := heads[0]
			if !yield(h.line) {
				return
			}
			if h.advance() {
				heap.Fix(&heads, 0)
			} else {
				heap.Pop(&heads)
			}
		}
	}
}

// head is the next line of a source.
type head struct {
	source int
	next   func() (Line, bool)
	line   Line
}

func (h *head) advance() bool {
	var ok bool
	h.line, ok = h.next()
	return ok
}

// heads are ordered by time, then by source.
type heads []*head

func (h heads) Len() int      { return len(h) }
func (h heads) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h heads) Less(i, j int) bool {
	return cmp.Or(h[i].line.Time.Compare(h[j].line.Time), h[i].source-h[j].source) < 0
}
func (h *heads) Push(x any) { *h = append(*h, x.(*head)) }
func (h *heads) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

// Window puts lines in order that arrive as they are written, from containers
// that never end: it holds each back for a while, in which earlier lines may
// still arrive. What arrives later than that comes out of order; no line is
// lost. The zero value holds nothing back. It reads no clock:
// the time of arrival is an argument, and must not go back.
type Window struct {
	// Span is how long a line is held back.
	Span time.Duration

	held waiting
	// arrivals are in the order of their times; the first is still held.
	arrivals []*entry
	count    int
}

// entry is a line in the window.
type entry struct {
	key
	line    Line
	arrived time.Time
	gone    bool
}

// key orders lines: by their own time, then as they arrived.
type key struct {
	time time.Time
	nth  int
}

func (k key) compare(o key) int { return cmp.Or(k.time.Compare(o.time), k.nth-o.nth) }

// Add takes a line in that arrives now.
func (w *Window) Add(l Line, now time.Time) {
	if l.Time.IsZero() {
		l.Time = now
	}
	e := &entry{key: key{l.Time, w.count}, line: l, arrived: now}
	w.count++
	heap.Push(&w.held, e)
	w.arrivals = append(w.arrivals, e)
}

// Take returns the lines whose time has come, and those before them.
func (w *Window) Take(now time.Time) []Line {
	var last key
	due := 0
	for ; due < len(w.arrivals) && !now.Before(w.arrivals[due].arrived.Add(w.Span)); due++ {
		if k := w.arrivals[due].key; due == 0 || k.compare(last) > 0 {
			last = k
		}
	}
	if due == 0 {
		return nil
	}
	var out []Line
	for len(w.held) > 0 && w.held[0].compare(last) <= 0 {
		out = append(out, w.pop())
	}
	for len(w.arrivals) > 0 && w.arrivals[0].gone {
		w.arrivals = w.arrivals[1:]
	}
	return out
}

func (w *Window) pop() Line {
	e := heap.Pop(&w.held).(*entry)
	e.gone = true
	return e.line
}

// Next is when Take has something to return; false if nothing is held.
func (w *Window) Next() (time.Time, bool) {
	if len(w.held) == 0 {
		return time.Time{}, false
	}
	return w.arrivals[0].arrived.Add(w.Span), true
}

// Rest returns all that is held, in order.
func (w *Window) Rest() []Line {
	var out []Line
	for len(w.held) > 0 {
		out = append(out, w.pop())
	}
	w.arrivals = nil
	return out
}

// waiting is a heap of what is held.
type waiting []*entry

func (h waiting) Len() int           { return len(h) }
func (h waiting) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h waiting) Less(i, j int) bool { return h[i].compare(h[j].key) < 0 }
func (h *waiting) Push(x any)        { *h = append(*h, x.(*entry)) }
func (h *waiting) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return x
}
