// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"strconv"
	"strings"
)

// plainReach is how far into a line of text a level's name is looked for: after
// a time, a thread and a logger, but not in the middle of what it says.
const plainReach = 100

// Detect tells the level of a line; Unknown where it says none.
func Detect(text string) Level {
	i := skipSpace(text, 0)
	if i == len(text) {
		return Unknown
	}
	if text[i] == '{' {
		if level, isJSON := detectJSON(text); isJSON {
			return level
		}
	}
	text = withoutColours(text)
	if h, ok := klogHeader(text); ok {
		return h.level
	}
	if a, ok := accessLine(text); ok {
		return levelOfStatus(a.code)
	}
	if level, ok := detectLogfmt(text); ok {
		return level
	}
	return detectPlain(text)
}

// levelKey reports whether a key of a structured line holds the level: that of
// most loggers, of Google's and ECS' conventions, of Python's, of .NET's and of Serilog.
func levelKey(key string) bool {
	switch key {
	case "level", "lvl", "severity", "log.level", "loglevel", "log_level", "levelname", "severity_text", "severityText", "@l", "L", "Level", "LogLevel":
		return true
	}
	return false
}

// detectJSON finds the level of a line that starts as an object does. A line cut
// off behind its level has one all the same.
func detectJSON(text string) (level Level, isJSON bool) {
	status, mongo, nested := -1, false, Unknown
	whole := members(text, func(m member) bool {
		if levelKey(m.key) {
			level, isJSON = ParseLevel(unquote(m.value))
			return !isJSON
		}
		switch m.key {
		case "response_code": // of Envoy's access log
			if n, err := strconv.Atoi(unquote(m.value)); err == nil {
				status = n
			}
		case "t":
			mongo = mongoTime(m.value)
		case "s":
			if mongo {
				level, isJSON = mongoLevel(unquote(m.value))
				return !isJSON
			}
		case "log":
			nested = ecsLevel(m.value)
		}
		return true
	})
	switch {
	case isJSON:
		return level, true
	case nested != Unknown:
		return nested, true
	case whole && status >= 0:
		return levelOfStatus(status), true
	}
	return Unknown, whole
}

// detectLogfmt finds level=warn in a line that is made of such pairs from its start.
// A sentence with one in it says nothing of itself.
func detectLogfmt(text string) (Level, bool) {
	for rest := pairsFrom(text); rest != ""; {
		var key, value string
		if key, value, rest = nextPair(rest); !levelKey(key) {
			continue
		}
		if level, ok := ParseLevel(strings.Trim(value, `"`)); ok {
			return level, true
		}
	}
	return Unknown, false
}

// openings begin the lines by which runtimes die, or by which one alone says error.
var openings = []struct {
	text  string
	level Level
}{
	{"panic: ", Fatal}, {"fatal error: ", Fatal}, {"Fatal error: ", Fatal}, {"runtime error: ", Fatal},
	{"Traceback (most recent call last)", Error}, {"Exception in thread ", Error}, {"Unhandled exception", Error},
	{"Uncaught ", Error},
	{"fail: ", Error}, // the console of Microsoft.Extensions.Logging
}

// detectPlain finds the name of a level in text: in capitals as a word of its
// own, or in any case where it stands apart: "[warn]", "\tinfo\t", "error: ".
func detectPlain(text string) Level {
	for _, o := range openings {
		if strings.HasPrefix(text, o.text) {
			return o.level
		}
	}
	if level, ok := programLevel(text); ok {
		return level
	}
	end := min(len(text), plainReach)
	for i := 0; i < end; {
		if !letter(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && letter(text[i]) {
			i++
		}
		if i-start == 1 {
			continue
		}
		if text[start] <= 'Z' || start > 0 && text[start-1] == '[' {
			if level, ok := ownWord(text, start, i); ok {
				return level
			}
		}
		if !apart(text, start, i) {
			continue
		}
		if level, ok := levelOfWord(text[start:i]); ok && !ambiguous(text[start:i]) {
			return level
		}
	}
	return Unknown
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// ambiguous reports names of levels that are as often other words.
func ambiguous(word string) bool {
	switch strings.ToLower(word) {
	case "http", "default", "off", "config", "fine", "finer", "finest", "silly", "alert":
		return true
	}
	return false
}

// apart reports whether the word from start to end can be the level's name and
// not part of a sentence.
func apart(text string, start, end int) bool {
	before, after := byte('\n'), byte('\n')
	if start > 0 {
		before = text[start-1]
	}
	if end < len(text) {
		after = text[end]
	}
	const around = " \t\n[]()<>|:,;-"
	if strings.IndexByte(around, before) < 0 || strings.IndexByte(around, after) < 0 {
		return capitals(text[start:end]) && after == '/' && strings.HasSuffix(text[:start], ": ") // ": ERROR/MainProcess]" of Celery
	}
	switch {
	case capitals(text[start:end]):
		return true
	case before == '[' && after == ']', before == '<' && after == '>', before == '\t' && after == '\t', before == '|' && after == '|':
		return true
	case before == ':' && after == ']':
		return bracketed(text[:start-1]) // "[core:error]" of Apache
	}
	return after == ':' && (before == '\n' || labelled(text[:start]))
}

func capitals(word string) bool {
	for i := range len(word) {
		if word[i] < 'A' || word[i] > 'Z' {
			return false
		}
	}
	return true
}

// bracketed reports whether a text ends with an open bracket and a name.
func bracketed(text string) bool {
	name := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
	return strings.HasSuffix(name, "[")
}

// labelled reports whether what comes before a word is a label in brackets, behind a
// time if there is one: "[web] error: ", "12:00:01 [web] error: ".
func labelled(text string) bool {
	return strings.HasSuffix(text, "] ") && (text[0] == '[' || '0' <= text[0] && text[0] <= '9')
}
