// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The size of the terminal.
const (
	columns = 80
	rows    = 24
)

// scene is one screen: what is said, what is typed and what is shown.
type scene struct {
	comment string
	steps   []*step
}

// step is a command, as it is typed, and what it prints.
type step struct {
	typed  []string
	output []line
}

// command is what the shell gets.
func (s *step) command() string { return strings.Join(s.typed, "\n") }

// rows is how many lines of the screen a scene takes.
func (s *scene) rows() int {
	n := 1
	for _, step := range s.steps {
		n += len(step.typed) + len(step.output)
	}
	return n
}

// parse reads a script: paragraphs that begin with a comment, "# ...", and go on with
// commands, "$ ...", which a backslash continues.
func parse(text string) ([]*scene, error) {
	var scenes []*scene
	var open *step
	for i, l := range strings.Split(text, "\n") {
		command, isCommand := strings.CutPrefix(l, "$ ")
		switch {
		case utf8.RuneCountInString(l) > columns:
			return nil, fmt.Errorf("line %d: expected at most %d columns, found %d", i+1, columns, utf8.RuneCountInString(l))
		case open != nil:
			open.typed = append(open.typed, l)
		case l == "":
			continue
		case strings.HasPrefix(l, "# "):
			scenes = append(scenes, &scene{comment: l})
			continue
		case isCommand && len(scenes) > 0:
			open = &step{typed: []string{command}}
			last := scenes[len(scenes)-1]
			last.steps = append(last.steps, open)
		default:
			return nil, fmt.Errorf("line %d: expected a comment, \"# ...\", or a command after one, \"$ ...\", found %q", i+1, l)
		}
		if !strings.HasSuffix(l, `\`) {
			open = nil
		}
	}
	if open != nil {
		return nil, errors.New("the last command is continued, but nothing follows")
	}
	for _, s := range scenes {
		if len(s.steps) == 0 {
			return nil, fmt.Errorf("expected a command after %q", s.comment)
		}
	}
	return scenes, nil
}
