// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
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
	out strings.Builder
	Style
}

// Style is how an answer is written for people.
type Style struct {
	Explain Explain
	Palette render.Palette
	// Remedy is the command that would let the request through; may be empty.
	Remedy string
}

// Text writes an answer for people: the verdict, then the hops in the order of
// the packet, then what would change it.
func Text(w io.Writer, a reach.Answer, style Style) error {
	t := &writer{Style: style}
	t.headline(a)
	if t.Explain != None {
		t.groups(a)
		for _, note := range a.Notes {
			t.line("note: %s", note)
		}
		if t.Remedy != "" {
			t.line("let it through: %s", t.Remedy)
		}
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (t *writer) line(format string, args ...any) {
	t.out.WriteString(strings.TrimRight(render.Sanitise(fmt.Sprintf(format, args...)), " "))
	t.out.WriteByte('\n')
}

// more adds a line to a hop.
func (t *writer) more(format string, args ...any) { t.line("          "+format, args...) }

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
		return t.Palette.Green(word)
	case verdict.Deny:
		return t.Palette.Red(word)
	case verdict.Unknown:
		return t.Palette.Yellow(word)
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
	return t.Explain == Full || h.Number >= verdict.NetworkPolicy && h.Number <= verdict.Authorization ||
		h.Verdict == verdict.Deny || h.Verdict == verdict.Unknown
}

// most is how long a sentence may be that has its place on the same line.
const most = 64

func (t *writer) hops(all []verdict.Hop) {
	names, said := 0, 0
	for _, h := range all {
		if n := len(sentence(h)); t.shown(h) {
			names = max(names, len(h.Name))
			if n <= most {
				said = max(said, n)
			}
		}
	}
	denied := false
	for _, h := range all {
		if !t.shown(h) {
			continue
		}
		text, where := sentence(h), h.Where
		if file, _ := place(where); file == "" {
			where = "" // of a live object its name says it all
		}
		fmt.Fprintf(&t.out, "%3d %s", int(h.Number), t.colour(h.Verdict, fmt.Sprintf("%-5s", marks[h.Verdict])))
		if len(text) <= most {
			t.line("%-*s  %-*s  %s", names, h.Name, said, text, where)
		} else {
			t.line("%-*s  %s", names, h.Name, text)
			if where != "" {
				t.more("at %s", where)
			}
		}
		if h.Verdict == verdict.Deny {
			t.denial(h, denied)
			denied = true
		}
		if t.Explain == Full || h.Verdict == verdict.Unknown {
			for _, note := range h.Notes {
				t.more("%s", note)
			}
		}
	}
}

// noRule is the rule of a hop that denies because none lets the request through.
const noRule = "no rule"

// sentence is what a hop says in one line: who decides, by which rule, and why.
func sentence(h verdict.Hop) string {
	out := h.Object.Name
	if h.Object.Namespace != "" {
		out = h.Object.Namespace + "/" + out
	}
	if h.Rule != "" && h.Rule != noRule { // the reason of those says so
		out = strings.TrimSpace(out + " " + h.Rule)
	}
	reason := h.Reason
	if len(h.Open) > 0 {
		reason = only(h)
	}
	switch {
	case reason == "":
	case out == "":
		out = reason
	case strings.HasPrefix(reason, "("):
		out += " " + reason
	default:
		out += ": " + reason
	}
	if h.Only {
		out += " (the only rule that does)"
	}
	return out
}

// denial says what a hop that denies was missing, and that later ones deny too.
func (t *writer) denial(h verdict.Hop, later bool) {
	if later {
		t.more("would deny too")
	}
	shown := near(h.Nearest)
	if t.Explain != Full {
		shown = related(h.Nearest)
		shown = shown[:min(1, len(shown))]
	}
	for _, m := range shown {
		t.miss(h, m)
	}
	if left := len(h.Nearest) - len(shown); left > 0 {
		t.more("(farther off: %s, see --explain full)", cli.Plural(left, "rule"))
	}
	if t.advises(h, shown) {
		t.more("fix: %s", h.Fix)
	}
	if h.ID != "" {
		t.more("more: kubectl micro diagnose rules %s", h.ID)
	}
}

// owned is advice to run a workload under a ServiceAccount.
var owned = regexp.MustCompile(`^serviceAccountName: (\S+) in [a-z]+/(\S+), or `)

// advises reports whether a fix says more than the rules that come near. To take
// the identity of another workload is no advice.
func (t *writer) advises(h verdict.Hop, shown []verdict.Miss) bool {
	switch {
	case h.Fix == "":
		return false
	case h.Rule != noRule:
		return true
	case h.Number == verdict.NetworkPolicy:
		return t.Remedy == "" && len(h.Nearest) == 0
	}
	account := owned.FindStringSubmatch(h.Fix)
	return account != nil && account[1] == account[2] && len(shown) > 0 && strings.HasSuffix(h.Fix, " in "+shown[0].Rule)
}

// miss sets what a rule wants beside what the request brings.
func (t *writer) miss(h verdict.Hop, m verdict.Miss) {
	who := m.Rule
	if m.Object.Name != "" && m.Object != h.Object {
		who = m.Object.Name + " " + who
	}
	who += " wants"
	for i, wants := range m.Wants {
		t.more("%s  %s", who, wants)
		if i < len(m.Has) {
			what, value, said := strings.Cut(m.Has[i], " is ")
			if what += " is"; !said {
				what, value = "found", m.Has[i]
			}
			t.more("%-*s  %s", len(who), what, value)
		}
	}
}
