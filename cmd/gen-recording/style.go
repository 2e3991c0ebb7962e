// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// style is how text looks: its colour's name, bold, dim. The zero value is plain.
type style struct {
	color     string
	bold, dim bool
}

// span is text of one style; line is what stands on one line of the screen.
type span struct {
	style
	text string
}

type line []span

// colors are those of pkg/render, by the codes of ECMA-48, 8.3.117.
var colors = map[string]string{"31": "red", "32": "green", "33": "yellow", "36": "cyan"}

// read splits a line with escape codes, which begins in the style that the line
// before has left.
func read(text string, now style) (line, style, error) {
	var l line
	for text != "" {
		plain, rest, found := strings.Cut(text, "\x1b[")
		if plain != "" {
			l = append(l, span{now, plain})
		}
		if !found {
			break
		}
		codes, after, found := strings.Cut(rest, "m")
		if !found {
			return nil, now, fmt.Errorf("expected the end of an escape code, found %q", rest)
		}
		for code := range strings.SplitSeq(codes, ";") {
			if err := now.apply(code); err != nil {
				return nil, now, err
			}
		}
		text = after
	}
	// A style may end at the beginning of the next line; blanks before it are none.
	for len(l) > 0 && strings.TrimRight(l[len(l)-1].text, " ") == "" {
		l = l[:len(l)-1]
	}
	return l, now, nil
}

// wrap breaks a line where the terminal's last column is.
func (l line) wrap(width int) []line {
	lines := []line{nil}
	left := width
	for _, s := range l {
		for r := []rune(s.text); len(r) > 0; {
			if left == 0 {
				lines, left = append(lines, nil), width
			}
			n := min(left, len(r))
			last := &lines[len(lines)-1]
			*last = append(*last, span{s.style, string(r[:n])})
			r, left = r[n:], left-n
		}
	}
	return lines
}

// apply changes the style as a code says.
func (s *style) apply(code string) error {
	switch code {
	case "", "0":
		*s = style{}
	case "1":
		s.bold = true
	case "2":
		s.dim = true
	case "22":
		s.bold, s.dim = false, false
	case "39":
		s.color = ""
	case "49": // the background, which is never changed
	default:
		color, ok := colors[code]
		if !ok {
			return fmt.Errorf("escape code %q: expected one that pkg/render writes", code)
		}
		s.color = color
	}
	return nil
}

// class is the style's in the drawing; empty for plain text.
func (s style) class() string {
	var names []string
	if s.color != "" {
		names = append(names, s.color)
	}
	if s.bold {
		names = append(names, "bold")
	}
	if s.dim {
		names = append(names, "dim")
	}
	return strings.Join(names, " ")
}
