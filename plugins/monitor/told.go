// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"strings"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// told remembers lines. Objects and signals are read at the same time.
type told struct {
	mu    sync.Mutex
	lines map[string]bool
}

// first reports whether a line is new.
func (t *told) first(line string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines[line] {
		return false
	}
	if t.lines == nil {
		t.lines = map[string]bool{}
	}
	t.lines[line] = true
	return true
}

// note says something on stderr, and reports whether it is new.
func (g *golden) note(format string, args ...any) bool {
	return g.once("note: " + fmt.Sprintf(format, args...))
}

// tell says what people have to know about numbers.
func (g *golden) tell(warnings []string) {
	for _, w := range warnings {
		g.once("warning: " + w)
	}
}

// once writes a line that was not written before, and reports whether it did: what is
// watched does not become news by happening again.
func (g *golden) once(line string) bool {
	line = flat(line)
	if !g.told.first(line) {
		return false
	}
	fmt.Fprintln(g.Streams.ErrOut, render.Sanitise(line))
	return true
}

// flat makes one line of several: an error may list what was tried.
func flat(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case b.Len() == 0:
		case strings.HasSuffix(b.String(), ":"):
			b.WriteString(" ")
		default:
			b.WriteString("; ")
		}
		b.WriteString(line)
	}
	return b.String()
}
