// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// YAML writes objects as a stream of documents: keys sorted at every level, two
// spaces, and quotes only where a reader of YAML 1.1 or of YAML 1.2 could take a
// text for something else. Values are those of JSON: map[string]any, []any,
// string, bool, nil, int, int64 and float64.
func YAML(objects ...map[string]any) []byte {
	parts := make([][]byte, len(objects))
	shared(len(objects), func(from, to int) {
		w := yamlWriter{written: map[string]string{}}
		for _, o := range objects[from:to] {
			w.WriteString("---\n")
			w.mapping(o, 0)
		}
		parts[from] = w.Bytes()
	})
	return bytes.Join(parts, nil)
}

// longestKey is how long a key may be, in bytes, for a reader to see that it is
// one; YAML says 1024 with what is around it.
const longestKey = 500

type yamlWriter struct {
	bytes.Buffer
	// written are texts on one line, by what they say: most of a system's are the
	// same, and telling how to write one costs more than looking it up.
	written map[string]string
}

// scalar is scalar of a text that may have been written before.
func (w *yamlWriter) scalar(s string) string {
	out, known := w.written[s]
	if !known {
		out = scalar(s)
		w.written[s] = out
	}
	return out
}

func (w *yamlWriter) indent(depth int) {
	for range depth {
		w.WriteString("  ")
	}
}

// mapping writes the entries of a map that is not empty, each on a line of its
// own; the first one is not indented where it follows a dash.
func (w *yamlWriter) mapping(m map[string]any, depth int) {
	if len(m) == 0 {
		w.WriteString("{}\n")
		return
	}
	for i, key := range slices.Sorted(maps.Keys(m)) {
		value := m[key]
		if i > 0 {
			w.indent(depth)
		}
		if len(key) > longestKey {
			w.WriteString("? " + quoted(key) + "\n")
			w.indent(depth)
			key = ""
		} else {
			key = w.scalar(key)
		}
		w.WriteString(key + ":")
		w.value(value, depth)
	}
}

// value writes what follows a key at a depth, with the end of the line.
func (w *yamlWriter) value(v any, depth int) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 {
			w.WriteByte('\n')
			w.indent(depth + 1)
			w.mapping(v, depth+1)
			return
		}
		w.WriteString(" {}\n")
	case []any:
		if len(v) == 0 {
			w.WriteString(" []\n")
			return
		}
		w.WriteByte('\n')
		for _, item := range v {
			w.indent(depth)
			w.item(item, depth)
		}
	case string:
		w.WriteByte(' ')
		w.text(v, depth+1)
	default:
		fmt.Fprintf(w, " %s\n", number(v))
	}
}

// item writes an item of a list whose dash is at a depth.
func (w *yamlWriter) item(v any, depth int) {
	w.WriteString("- ")
	switch v := v.(type) {
	case map[string]any:
		w.mapping(v, depth+1)
	case []any:
		if len(v) == 0 {
			w.WriteString("[]\n")
			return
		}
		for i, inner := range v {
			if i > 0 {
				w.indent(depth + 1)
			}
			w.item(inner, depth+1)
		}
	case string:
		w.text(v, depth+1)
	default:
		fmt.Fprintf(w, "%s\n", number(v))
	}
}

// number writes what is neither text nor a collection.
func number(v any) string {
	if v == nil {
		return "null"
	}
	out, err := json.Marshal(v)
	if err != nil { // no value of JSON
		return quoted(fmt.Sprint(v))
	}
	return string(out)
}

// text writes a string: several lines as a block that is kept as it is, where a
// block can hold them.
func (w *yamlWriter) text(s string, depth int) {
	if !strings.Contains(s, "\n") || !blockSafe(s) {
		w.WriteString(w.scalar(s) + "\n")
		return
	}
	body, ends := strings.CutSuffix(s, "\n")
	switch {
	case !ends:
		w.WriteString("|-\n")
	case strings.HasSuffix(body, "\n"):
		w.WriteString("|+\n")
	default:
		w.WriteString("|\n")
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			w.indent(depth)
			w.WriteString(line)
		}
		w.WriteByte('\n')
	}
}

// blockSafe reports whether a text of several lines can stand as it is: its first
// line tells the indentation, so that it must have something to tell by.
func blockSafe(s string) bool {
	if s[0] == ' ' || s[0] == '\n' || s[0] == '\t' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && !printable(r) }) < 0
}

// printable reports whether all readers of YAML take a character as it is. The
// separators of lines and the byte order mark are not among them.
func printable(r rune) bool {
	return unicode.IsPrint(r) && r != unicode.ReplacementChar && r != 0xFEFF
}

var (
	// plain are texts that cannot be the beginning of anything else in YAML.
	plain = regexp.MustCompile(`^[A-Za-z0-9/_]([A-Za-z0-9 _./@%+,;()*?&=<>!|~^$-]|:[^ ])*$`)
	// numeric are texts that one of the two versions could take for a number or a
	// time: decimal, octal, hexadecimal, binary, with exponents, base 60, dates.
	numeric = regexp.MustCompile(`^[0-9][0-9a-fA-FxXoObB_.,:+TtZz -]*$`)
	// words are what one of the two versions takes for a boolean or for nothing.
	words = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
)

// scalar writes a text on one line.
func scalar(s string) string {
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return !printable(r) }):
		return quoted(s)
	case plain.MatchString(s) && !numeric.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) && !strings.HasSuffix(s, " "):
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// quoted writes a text with escapes that all readers of YAML know.
func quoted(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case printable(r):
			out.WriteRune(r)
		case r > 0xFFFF:
			out.WriteString(`\U` + hex(r, 8))
		default:
			out.WriteString(`\u` + hex(r, 4))
		}
	}
	return out.String() + `"`
}

func hex(r rune, digits int) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", digits-len(s)) + s
}
