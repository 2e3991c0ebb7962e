// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"strconv"
	"strings"
)

// Level is how grave a line is.
type Level int8

// The levels, the least grave first. Unknown is below all: a line whose level
// cannot be told is not thereby harmless.
const (
	Unknown Level = iota
	Trace
	Debug
	Info
	Warn
	Error
	Fatal
)

var levelNames = [...]string{"", "trace", "debug", "info", "warn", "error", "fatal"}

// Levels are the names that ParseLevel is asked for by people, the least grave first.
func Levels() []string { return levelNames[Trace:] }

// String is the level's name; empty for Unknown.
func (l Level) String() string {
	if l < Unknown || l > Fatal {
		return ""
	}
	return levelNames[l]
}

// words are the names that loggers write.
var words = map[string]Level{
	"trace": Trace, "trce": Trace, "trc": Trace, "vrb": Trace, "finest": Trace, "finer": Trace, "verbose": Trace, "silly": Trace,
	"debug": Debug, "dbug": Debug, "dbg": Debug, "fine": Debug, "config": Debug,
	"info": Info, "inf": Info, "information": Info, "informational": Info, "notice": Info, "default": Info, "http": Info,
	"warn": Warn, "warning": Warn, "wrn": Warn,
	"error": Error, "err": Error, "eror": Error, "severe": Error,
	"fatal": Fatal, "critical": Fatal, "crit": Fatal, "panic": Fatal, "dpanic": Fatal, "alert": Fatal,
	"emergency": Fatal, "emerg": Fatal, "off": Fatal, "ftl": Fatal, "pnc": Fatal,
}

// ParseLevel reads the name of a level in any case, with what slog adds to it
// ("WARN+2"), and the numbers of bunyan and pino (10 to 60) and of syslog (0 to 7).
func ParseLevel(s string) (Level, bool) {
	if s != "" && !letter(s[0]) {
		n, err := strconv.Atoi(s)
		if err != nil || s[0] == '+' {
			return Unknown, false
		}
		return levelOfNumber(n)
	}
	// What slog adds stays within the distance to its next level.
	if i := strings.LastIndexAny(s, "+-"); i > 0 {
		if _, err := strconv.Atoi(s[i:]); err == nil {
			s = s[:i]
		}
	}
	return levelOfWord(s)
}

// levelOfWord looks a word up; it does not allocate.
func levelOfWord(s string) (Level, bool) {
	var lower [len("informational")]byte
	if len(s) == 0 || len(s) > len(lower) {
		return Unknown, false
	}
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	if len(s) == 1 {
		return levelOfLetter(lower[0])
	}
	l, known := words[string(lower[:len(s)])]
	return l, known
}

// levelOfLetter reads the first letter alone, as klog and some JSON loggers write it.
func levelOfLetter(c byte) (Level, bool) {
	i := strings.IndexByte(" tdiwef", c)
	if i < 1 {
		return Unknown, false
	}
	return Level(i), true
}

// levelOfNumber reads bunyan's tens, and syslog's severities (RFC 5424, 6.2.1),
// which count the other way. Levels between two of bunyan's are custom ones of
// pino, and are as grave as the one below.
func levelOfNumber(n int) (Level, bool) {
	switch {
	case n >= 10 && n < 100:
		return min(Level(n/10), Fatal), true
	case n < 0 || n > 7:
		return Unknown, false
	case n <= 2:
		return Fatal, true
	case n == 3:
		return Error, true
	case n == 4:
		return Warn, true
	case n == 7:
		return Debug, true
	}
	return Info, true
}

// levelOfStatus is the level of a request by its HTTP status. Envoy writes 0
// where there was no response.
func levelOfStatus(code int) Level {
	switch {
	case code == 0 || code >= 500:
		return Error
	case code >= 400:
		return Warn
	}
	return Info
}
