// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Explain says how much of an answer text shows.
type Explain string

// The amounts: the layers of security and what is not well, every hop with its
// notes, or the verdict alone.
const (
	Short Explain = "short"
	Full  Explain = "full"
	None  Explain = "none"
)

// heads are the verdicts as a headline has them.
var heads = map[verdict.Verdict]string{verdict.Allow: "ALLOWED", verdict.Deny: "DENIED", verdict.Unknown: "UNKNOWN"}

// marks are the verdicts as a line of a hop has them.
var marks = map[verdict.Verdict]string{verdict.None: "-", verdict.Allow: "ok", verdict.Deny: "DENY", verdict.Unknown: "?"}

// writer writes one answer for people.
type writer struct {
	out     strings.Builder
	palette render.Palette
	explain Explain
}

// Text writes an answer for people: the verdict, then the hops in the order of
// the packet, then what would change it.
func Text(w io.Writer, a reach.Answer, explain Explain, palette render.Palette) error {
	t := &writer{palette: palette, explain: explain}
	t.headline(a)
	if explain != None {
		t.groups(a)
		for _, note := range a.Notes {
			t.line("note: %s", note)
		}
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (t *writer) line(format string, args ...any) {
	t.out.WriteString(strings.TrimRight(render.Sanitise(fmt.Sprintf(format, args...)), " "))
	t.out.WriteByte('\n')
}

// headline is the verdict on what was asked.
func (t *writer) headline(a reach.Answer) {
	head := heads[a.Verdict]
	if len(a.Open()) > 0 {
		head += " IN PART"
	}
	t.out.WriteString(t.colour(a.Verdict, head))
	asked := a.From.Text + " -> " + a.To.Text
	if len(a.Groups) > 0 && a.Groups[0].Port != 0 && a.Groups[0].Port != a.To.Port {
		asked += fmt.Sprintf(" (pod port %d)", a.Groups[0].Port)
	}
	if a.Request.Method != "" || a.Request.Path != "" {
		asked += "  " + strings.TrimSpace(a.Request.Method+" "+a.Request.Path)
	}
	t.line("  %s", asked)
}

func (t *writer) colour(v verdict.Verdict, word string) string {
	switch v {
	case verdict.Allow:
		return t.palette.Green(word)
	case verdict.Deny:
		return t.palette.Red(word)
	case verdict.Unknown:
		return t.palette.Yellow(word)
	}
	return word
}

// groups are the hops of all pairs of pods, or of each group that fares in its
// own way.
func (t *writer) groups(a reach.Answer) {
	if len(a.Groups) < 2 {
		t.hops(a.Hops)
		return
	}
	for _, g := range a.Groups {
		t.out.WriteString(t.colour(g.Verdict, strings.ToLower(heads[g.Verdict])))
		t.line("  %s", g.Text)
		t.hops(g.Hops)
	}
}

// shown reports whether a hop is worth a line: those of security are in any
// case, the others where they are not well.
func (t *writer) shown(h verdict.Hop) bool {
	return t.explain == Full || h.Number >= verdict.NetworkPolicy && h.Number <= verdict.Authorization ||
		h.Verdict == verdict.Deny || h.Verdict == verdict.Unknown
}

func (t *writer) hops(all []verdict.Hop) {
	names, said := 0, 0
	for _, h := range all {
		if t.shown(h) {
			names, said = max(names, len(h.Name)), max(said, len(sentence(h)))
		}
	}
	denied := false
	for _, h := range all {
		if !t.shown(h) {
			continue
		}
		mark := marks[h.Verdict]
		text := fmt.Sprintf("%-*s  %s", names, h.Name, sentence(h))
		if place := h.Where; place != "" && strings.Contains(place, ".") && h.Object.Name != "" && !strings.HasPrefix(place, h.Object.Kind) {
			text = fmt.Sprintf("%-*s  %-*s  %s", names, h.Name, min(said, 64), sentence(h), place)
		}
		t.out.WriteString(fmt.Sprintf("%3d %s", int(h.Number), t.colour(h.Verdict, fmt.Sprintf("%-5s", mark))))
		t.line("%s", text)
		if h.Verdict == verdict.Deny {
			t.denial(h, denied)
			denied = true
		}
		if t.explain == Full || h.Verdict == verdict.Unknown {
			for _, note := range h.Notes {
				t.line("          %s", note)
			}
		}
	}
}

// sentence is what a hop says in one line: who decides, by which rule, and why.
func sentence(h verdict.Hop) string {
	var words []string
	if h.Object.Name != "" {
		name := h.Object.Name
		if h.Object.Namespace != "" {
			name = h.Object.Namespace + "/" + name
		}
		words = append(words, name)
	}
	if h.Rule != "" {
		words = append(words, h.Rule)
	}
	out := strings.Join(words, " ")
	if h.Reason != "" {
		if out != "" {
			out += ": "
		}
		out += h.Reason
	}
	if h.Only {
		out += " (the only rule that does)"
	}
	return out
}

// denial says what a hop that denies was missing, and that later ones deny too.
func (t *writer) denial(h verdict.Hop, later bool) {
	if later {
		t.line("          would deny too")
	}
	shown := h.Nearest
	if t.explain != Full && len(shown) > 1 {
		shown = shown[:1]
	}
	for _, m := range shown {
		t.miss(h, m)
	}
	if left := len(h.Nearest) - len(shown); left > 0 {
		t.line("          (%d more that come less near: --explain full)", left)
	}
	if h.Fix != "" {
		t.line("          fix: %s", h.Fix)
	}
	if h.ID != "" {
		t.line("          more: kubectl micro diagnose rules %s", h.ID)
	}
}

// miss sets what a rule wants beside what the request brings.
func (t *writer) miss(h verdict.Hop, m verdict.Miss) {
	who := m.Rule
	if m.Object.Name != "" && m.Object != h.Object {
		who = m.Object.Name + " " + who
	}
	who += " wants"
	for j := range m.Wants {
		t.line("          %s  %s", who, m.Wants[j])
		if j < len(m.Has) {
			what, value, said := strings.Cut(m.Has[j], " is ")
			if !said {
				what, value = "found", m.Has[j]
			} else {
				what += " is"
			}
			t.line("          %-*s  %s", len(who), what, value)
		}
	}
}
