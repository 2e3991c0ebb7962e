// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// note is one suppression as somebody wrote it down:
//
//	WORD[,WORD...] [until=DATE] [:] [REASON]
type note struct {
	words  []string
	until  string
	reason string
	// problem says why it cannot be read, and hint what to type; empty if it can.
	problem, hint string
}

// parseNotes reads the notes of a text: they are separated by semicolons and
// line breaks.
func parseNotes(text string) []note {
	var out []note
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, parseNote(part))
		}
	}
	return out
}

// glued is an ID with the reason right behind its colon. Other words may have a
// colon in them (kube-linter:dangling-service), so that these need a blank.
var glued = regexp.MustCompile(`^(?i:KM[0-9*?\[\]]+):`)

func parseNote(text string) note {
	var n note
	word, rest, ended := "", text, false
	for {
		if id := glued.FindString(rest); id != "" {
			word, rest = id, rest[len(id):]
		} else {
			word, rest = cutBlank(rest)
		}
		word, ended = strings.CutSuffix(word, ":")
		more := strings.HasSuffix(word, ",") && !ended
		for w := range strings.SplitSeq(word, ",") {
			if w != "" {
				n.words = append(n.words, w)
			}
		}
		if !more || rest == "" {
			break
		}
	}
	if date, is := strings.CutPrefix(rest, "until="); is && !ended {
		n.until, rest = cutBlank(date)
		n.until = strings.TrimSuffix(n.until, ":")
		if n.until == "" {
			n.problem = "expected a date after until=, found none"
		}
	}
	n.reason = strings.TrimSpace(strings.TrimPrefix(rest, ":"))
	switch {
	case n.problem != "":
	case text == "":
		n.problem = "expected a rule such as KM3004, found nothing"
	case len(n.words) == 0:
		n.problem = fmt.Sprintf("expected a rule such as KM3004 first, found %q", text)
	case strings.HasPrefix(n.reason, "until=") || strings.Contains(n.reason, " until="):
		n.problem = "expected until=DATE between the rule and the reason, found it in the reason"
	}
	if n.problem != "" {
		n.hint = "write it as KM3004 until=2026-12-31: reason"
	}
	return n
}

// cutBlank returns the first word of a text and what follows the blanks after it.
func cutBlank(text string) (word, rest string) {
	i := strings.IndexAny(text, " \t")
	if i < 0 {
		return text, ""
	}
	return text[:i], strings.TrimLeft(text[i:], " \t")
}

// date reads the last day of a suppression and returns its end, which is
// midnight UTC; zero for one that has no end.
func (n *note) date() (end time.Time, err error) {
	if n.until == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, n.until)
	if err != nil {
		return time.Time{}, fmt.Errorf("expected a date such as 2026-12-31 after until, found %q", n.until)
	}
	return day.AddDate(0, 0, 1), nil
}

// said is the note's rules for people.
func (n *note) said() string { return strings.Join(slices.Compact(slices.Clone(n.words)), ", ") }
