// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sexagesimal numbers are what YAML 1.1 readers other than kubectl make of 12:30.
var sexagesimal = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// textOf writes a scalar that is not a string.
func textOf(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
			return strconv.FormatFloat(v, 'e', -1, 64)
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return "null"
}

// quote writes a string on one line so that every YAML reader gives it back as a
// string, in the wanted style when that is possible.
func quote(s string, want style, inFlow bool) string {
	switch {
	case want == single && singleLine(s):
		return singleQuoted(s)
	case want != double && plainSafe(s, inFlow):
		return s
	case want != double && singleLine(s) && strings.ContainsAny(s, `"\`) && !strings.Contains(s, "'"):
		return singleQuoted(s) // nothing to escape
	}
	return doubleQuoted(s)
}

func singleQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// plainSafe reports whether s can stand without quotes. It says no whenever in
// doubt: quotes never hurt.
func plainSafe(s string, inFlow bool) bool {
	if s == "" || !singleLine(s) || strings.ContainsRune(s, '\t') || s != strings.TrimSpace(s) {
		return false
	}
	if strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") {
		return false
	}
	if inFlow && strings.ContainsAny(s, ",[]{}:?") {
		return false
	}
	first, n := utf8.DecodeRuneInString(s)
	switch {
	case strings.ContainsRune("?:,[]{}#&*!|>'\"%@`=<~", first):
		return false
	case first == '-' && (inFlow || n == len(s) || s[1] == ' ' || strings.HasPrefix(s, "---")):
		return false
	case strings.HasPrefix(s, "..."):
		return false
	}
	if text, ok := resolvePlain(s).(string); !ok || text != s {
		return false
	}
	return !sexagesimal.MatchString(s) && !isTimestamp(s)
}

// singleLine reports whether s has only characters that need no escape.
func singleLine(s string) bool {
	for _, r := range s {
		if r == '\n' || !printable(r) {
			return false
		}
	}
	return true
}

// printable reports whether YAML allows r as it is and every editor shows it.
func printable(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r >= ' ' && r < 0x7F:
		return true
	case r == utf8.RuneError || r == 0xFEFF || r == 0x85 || r == 0x2028 || r == 0x2029:
		return false
	}
	return unicode.IsPrint(r)
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case printable(r) && r != '\n' && r != '\t' && r != '"' && r != '\\':
			b.WriteRune(r)
		case strings.ContainsRune("\n\r\t\"\\", r):
			b.WriteString(escapes.Replace(string(r)))
		case r < 0x100:
			b.WriteString(`\x` + hex(r, 2))
		case r < 0x10000:
			b.WriteString(`\u` + hex(r, 4))
		default:
			b.WriteString(`\U` + hex(r, 8))
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hex(r rune, width int) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", width-len(s)) + s
}

// literalLines returns the header and the lines of s as a literal block scalar,
// ok is false when s is better written in double quotes.
func literalLines(s string) (header string, lines []string, ok bool) {
	if !strings.Contains(s, "\n") || strings.HasSuffix(s, "\n\n") || s == "\n" {
		return "", nil, false
	}
	header = "|-"
	if strings.HasSuffix(s, "\n") {
		header = "|"
	}
	lines = strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	if lines[0] == "" || isBlank(lines[0][0]) {
		return "", nil, false
	}
	for _, line := range lines {
		if !singleLine(line) || line != "" && strings.TrimSpace(line) == "" {
			return "", nil, false
		}
	}
	return header, lines, true
}
