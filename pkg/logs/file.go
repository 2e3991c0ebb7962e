// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"strings"
	"time"
)

// FromFile takes a line of a file or a pipe, with what kubectl has put in front
// of it: "[pod/NAME/CONTAINER] " of --prefix, and the time of --timestamps where
// a JSON object follows. Before anything else a time belongs to the line.
func FromFile(text string) Line {
	l := Line{Text: strings.TrimSuffix(text, "\r")}
	if rest, found := strings.CutPrefix(l.Text, "[pod/"); found {
		if who, rest, closed := strings.Cut(rest, "] "); closed {
			if pod, container, both := strings.Cut(who, "/"); both && !strings.ContainsAny(who, " \t") {
				l.Pod, l.Container, l.Text = pod, container, rest
			}
		}
	}
	if word, rest, found := strings.Cut(l.Text, " "); found && strings.HasPrefix(rest, "{") {
		if at, err := time.Parse(time.RFC3339Nano, word); err == nil {
			l.Time, l.Text = at.UTC(), rest
		}
	}
	return l
}
