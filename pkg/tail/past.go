// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"hash/maphash"
	"math"
	"slices"
	"time"
)

// overlap is how far before the latest line a log is asked for again: the lines of
// a container's two streams are written down one after the other, each with the
// time at which it was taken, so that a later line may have an earlier time.
const overlap = time.Second

// past is what was read of a container's log, as far as the server sends it again
// when the log is opened once more. The zero value has read nothing.
type past struct {
	// first is the time of the first line, last the latest of all.
	first, last time.Time
	marks       []mark
	// lines is how many there were, pieces how many of the last one so far.
	lines, pieces int
}

// mark stands for a line; the hash is that of its first piece.
type mark struct{ at, hash uint64 }

var seed = maphash.MakeSeed()

func markOf(at time.Time, text string) mark {
	return mark{uint64(at.UnixNano()), maphash.String(seed, text)}
}

// since is the time from which on the log is asked for again, in whole seconds, as
// servers understand it.
func (p *past) since() time.Time { return p.last.Add(-overlap).Truncate(time.Second) }

// add takes in the first piece of a line.
func (p *past) add(m mark, at time.Time) {
	if p.first.IsZero() {
		p.first = at
	}
	before := p.since()
	if at.After(p.last) {
		p.last = at
	}
	if from := p.since(); from.After(before) {
		old := uint64(from.UnixNano())
		p.marks = slices.DeleteFunc(p.marks, func(m mark) bool { return m.at < old })
	}
	p.marks = append(p.marks, m)
	p.lines, p.pieces = p.lines+1, 1
}

// resume returns what tells how many pieces of a line were read before, when the log
// is opened once more. A log gives its lines in the order in which they were written
// down: what comes before the first that is known, and is not younger than where the
// reading began, was left out then.
func (p *past) resume() func(m mark, at time.Time) int {
	if len(p.marks) == 0 {
		return func(mark, time.Time) int { return 0 }
	}
	left := map[mark]int{}
	for _, m := range p.marks {
		left[m]++
	}
	latest, pieces, first, known := p.marks[len(p.marks)-1], p.pieces, p.first, false
	return func(m mark, at time.Time) int {
		switch {
		case left[m] > 0:
			left[m]--
			known = true
			if m == latest && left[m] == 0 {
				return pieces // it may have broken off within the line
			}
			return math.MaxInt
		case !known && !at.After(first):
			return math.MaxInt
		}
		return 0
	}
}
