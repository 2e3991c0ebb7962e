// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package logs reads what containers write: it tells the level of a line
// whatever wrote it, splits a line into its fields, chooses lines by level, by
// pattern and by an expression over fields, puts the lines of many containers
// in order, and formats them.
//
// A program writes one of a handful of forms, and none of them says which: JSON
// (zap, logrus, zerolog, bunyan, pino, logback, slog, Envoy's access log), klog,
// logfmt, access logs as text, and text with a level's name in it. Everything
// here is decided from the text alone.
//
// The level is found without decoding the line, because most runs over large
// logs only look for what is an error.
package logs

import "time"

// Line is one line of one container.
type Line struct {
	// Time is when the container's runtime took the line, in UTC; zero is unknown.
	Time time.Time
	// Namespace, Pod and Container say who wrote it; empty for lines of a file.
	Namespace, Pod, Container string
	// Text is the line as it was written, without its end.
	Text string
}
