// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// notes are what a run says besides the lines.
type notes struct {
	// mu is held while one is written: streams tell of their trouble meanwhile.
	mu sync.Mutex
	// told are the fields that unclear has spoken of.
	told map[string]bool
}

// matched says on stderr why there may be fewer lines than expected.
func (r *logsRun) matched(read, kept int, where string) {
	r.unclear()
	switch {
	case read == 0:
		r.note("no lines were written (%s)", where)
	case kept == 0:
		r.note("none of %s %s matches", cli.Plural(read, "line"), where)
	}
}

// unclear says, once for each, which fields --where could not compare.
func (r *logsRun) unclear() {
	for _, u := range r.filter.Unclear() {
		switch {
		case r.told[u.Field]:
			continue
		case u.Said == "":
			r.note("--where: nothing says what the numbers of field %s count: compare it with a number, not with a duration", u.Field)
		default:
			r.note("--where: field %s says %q, whose unit is not known: such lines do not match; compare it with ~ and a regular expression", u.Field, u.Said)
		}
		if r.told == nil {
			r.told = map[string]bool{}
		}
		r.told[u.Field] = true
	}
}

// note says something on stderr, below what has been written so far.
func (r *logsRun) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(r.Streams.ErrOut, render.Sanitise(fmt.Sprintf(format, args...)))
}
