// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"slices"
	"strings"
)

// withoutColours takes the escape sequences off that colour a text
// (ECMA-48, 8.3.117: SGR): they stand around the very word that tells the level.
func withoutColours(text string) string {
	const begin = "\x1b["
	if strings.IndexByte(text, begin[0]) < 0 {
		return text
	}
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(text, begin)
		b.WriteString(plain)
		if !found {
			return b.String()
		}
		text = strings.TrimLeft(rest, "0123456789;:")
		if !strings.HasPrefix(text, "m") { // another sequence, or cut off
			b.WriteString(begin)
			text = rest
			continue
		}
		text = text[1:]
	}
}

// mongoTime reports whether a member "t" is that of MongoDB's log, whose "s" is
// the severity (https://www.mongodb.com/docs/manual/reference/log-messages/).
func mongoTime(value string) bool { return strings.HasPrefix(value, `{"$date"`) }

// mongoLevel reads F, E, W, I and D1 to D5.
func mongoLevel(s string) (Level, bool) {
	if len(s) == 2 && s[0] == 'D' && '1' <= s[1] && s[1] <= '5' {
		return Debug, true
	}
	if len(s) != 1 || strings.IndexByte("FEWID", s[0]) < 0 {
		return Unknown, false
	}
	return levelOfLetter(s[0] - 'A' + 'a')
}

// mongoDate is the time in {"$date": time}.
func mongoDate(value string) (date string) {
	members(value, func(m member) bool {
		date = unquote(m.value)
		return false
	})
	return date
}

// ecsLevel is the level in the object "log", where the Elastic Common Schema has it
// (https://www.elastic.co/guide/en/ecs/current/ecs-log.html).
func ecsLevel(value string) (level Level) {
	if !strings.HasPrefix(value, "{") {
		return Unknown
	}
	members(value, func(m member) bool {
		if m.key == "level" {
			level, _ = ParseLevel(unquote(m.value))
		}
		return m.key != "level"
	})
	return level
}

// unwrap takes the level out of the object "log", as ecsLevel does, and the message
// out of the object "fields", where tracing of Rust has it.
func (r *Record) unwrap(level, message bool) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if !f.Raw {
			continue
		}
		if level && f.Key == "log" && ecsLevel(f.Value) != Unknown {
			r.Level = ecsLevel(f.Value)
			_, f.Value, _ = without(f.Value, "level")
		}
		if message && f.Key == "fields" {
			if value, rest, found := without(f.Value, "message"); found {
				r.Message, f.Value = value, rest
			}
		}
	}
	r.Fields = slices.DeleteFunc(r.Fields, func(f Field) bool { return f.Raw && f.Value == "" })
}

// without splits a text off an object: what the first member of a name says, and the
// object of the others, empty if there are none. Found is false where it is no text.
func without(object, key string) (value, rest string, found bool) {
	if !strings.HasPrefix(object, "{") {
		return "", object, false
	}
	var b strings.Builder
	members(object, func(m member) bool {
		if !found && m.key == key && strings.HasPrefix(m.value, `"`) {
			value, found = unquote(m.value), true
			return true
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(m.key) + ":" + m.value)
		return true
	})
	if b.Len() == 0 {
		return value, "", found
	}
	return value, "{" + b.String() + "}", found
}

// programLevel is the level of a line of a program that does not write it as a
// word: Redis, and PHP with what it calls its errors.
func programLevel(text string) (Level, bool) {
	if level, ok := redisLevel(text); ok {
		return level, true
	}
	_, rest, found := strings.Cut(text[:min(len(text), plainReach)], "PHP ")
	if !found {
		return Unknown, false
	}
	for _, e := range phpErrors {
		if strings.HasPrefix(rest, e.text) {
			return e.level, true
		}
	}
	return Unknown, false
}

// phpErrors are as grave as for PHP's own syslog (main/main.c, php_error_cb), but
// that what ends the program is more than an error.
var phpErrors = []struct {
	text  string
	level Level
}{
	{"Fatal error:", Fatal}, {"Parse error:", Fatal}, {"Recoverable fatal error:", Error}, {"Catchable fatal error:", Error},
	{"Warning:", Warn}, {"Notice:", Info}, {"Strict Standards:", Info}, {"Deprecated:", Info},
}

// redisLevel reads "1:M 01 Jan 2026 00:00:00.000 # text": debug, verbose, notice and
// warning are . - * # (serverLogRaw). Old versions have no year.
func redisLevel(text string) (Level, bool) {
	pid := 0
	for pid < len(text) && '0' <= text[pid] && text[pid] <= '9' {
		pid++
	}
	rest := text[pid:]
	if pid == 0 || len(rest) < len(":M 01 Jan 00:00:00.000 # ") || rest[0] != ':' || strings.IndexByte("MSCX", rest[1]) < 0 || rest[2] != ' ' {
		return Unknown, false
	}
	rest = rest[3:]
	for _, at := range []int{len("01 Jan 2026 00:00:00.000 "), len("01 Jan 00:00:00.000 ")} {
		if len(rest) <= at+1 || rest[at-1] != ' ' || rest[at+1] != ' ' || rest[at-5] != '.' || rest[at-8] != ':' || !digits(rest[:2]) {
			continue
		}
		switch rest[at] {
		case '.', '-':
			return Debug, true
		case '*':
			return Info, true
		case '#':
			return Warn, true
		}
	}
	return Unknown, false
}

// ownWord is the level of a word that is one for a single program only, from start to end.
func ownWord(text string, start, end int) (Level, bool) {
	word, after := text[start:end], text[end:]
	switch {
	case after == "":
		return Unknown, false
	case word == "LOG" && strings.HasPrefix(after, ":  "): // PostgreSQL
		return Info, true
	case word == "DEBUG" && len(after) > 1 && '1' <= after[0] && after[0] <= '5' && after[1] == ':': // PostgreSQL, the more the finer
		return Debug, true
	case after[0] == ']' && start > 0 && text[start-1] == '[' && strings.EqualFold(word, "note"): // MariaDB
		return Info, true
	}
	return Unknown, false
}
