// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/lines"
)

// Text merges the lines of a text that is no list of objects. File is its name
// for people.
//
// Lines next to each other that both changed are a conflict. A text with one is
// left as the person has it, in full, as half a change of a program may be worse
// than none; Beside is set then. If the generator is to win, the text is taken as
// generated.
func Text(file string, base, user, generated []byte, o Options) Result {
	switch {
	case bytes.Equal(user, generated), bytes.Equal(base, generated):
		return Result{Content: user}
	case bytes.Equal(base, user):
		return Result{Content: generated}
	}
	windows := allCRLF(user)
	own := split(user)
	if windows {
		own = split(bytes.ReplaceAll(user, crlf, lf))
	}
	m := texts{base: split(base), user: own, generated: split(generated)}
	m.run()
	switch {
	case len(m.conflicts) == 0:
		out := []byte(strings.Join(m.out, ""))
		if windows {
			out = bytes.ReplaceAll(out, lf, crlf)
		}
		return Result{Content: out}
	case o.Generated:
		return Result{Content: generated}
	}
	out := Result{Content: user, Beside: true}
	for _, line := range m.conflicts {
		out.Conflicts = append(out.Conflicts, Conflict{Where: fmt.Sprintf("%s:%d", file, line), Why: "the generator changed these lines too"})
	}
	return out
}

var lf, crlf = []byte("\n"), []byte("\r\n")

// allCRLF reports whether all lines end as on Windows.
func allCRLF(text []byte) bool {
	n := bytes.Count(text, crlf)
	return n > 0 && n == bytes.Count(text, lf)
}

func split(text []byte) []string { return slices.Collect(strings.Lines(string(text))) }

// texts merges lines. Lines of the base that all have stand still; between them
// are chunks, of which each is taken from the one who changed it.
type texts struct {
	base, user, generated []string
	out                   []string
	conflicts             []int // lines of user, from 1
}

func (t *texts) run() {
	toUser, toGenerated := lines.Common(t.base, t.user), lines.Common(t.base, t.generated)
	var b, u, g int // how far each is done
	for i := range t.base {
		if matched(toUser[i]) && matched(toGenerated[i]) {
			t.chunk(t.base[b:i], t.user[u:toUser[i]], t.generated[g:toGenerated[i]], u)
			t.out = append(t.out, t.base[i])
			b, u, g = i+1, toUser[i]+1, toGenerated[i]+1
		}
	}
	t.chunk(t.base[b:], t.user[u:], t.generated[g:], u)
}

// matched reports whether a line has its equal in the other text.
func matched(i int) bool { return i >= 0 }

// chunk takes one of three runs of lines; that of the user begins after line at.
func (t *texts) chunk(base, user, generated []string, at int) {
	switch {
	case slices.Equal(base, user):
		t.out = append(t.out, generated...)
	case slices.Equal(base, generated), slices.Equal(user, generated):
		t.out = append(t.out, user...)
	default:
		t.conflicts = append(t.conflicts, min(at+1, max(len(t.user), 1)))
	}
}
