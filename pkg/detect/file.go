// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"sort"
	"strings"
)

// file is a text file, read when it is first asked for.
type file struct {
	path   string
	tree   *tree
	loaded bool
	body   string
	// starts are the offsets of the lines, silent the lines without code.
	starts []int
	silent []bool
	// less is what an observation counts less here, once it is judged.
	judged bool
	less   int
	// answers says whether a server is started here, once it was looked for.
	looked, answers bool
}

// match is a place in a file.
type match struct {
	file *file
	// line counts from 1, quote stands on it, groups are the groups of the expression.
	line   int
	quote  string
	groups []string
}

func (m match) group(i int) string {
	if i < len(m.groups) {
		return m.groups[i]
	}
	return ""
}

func (f *file) base() string { return path.Base(f.path) }
func (f *file) dir() string  { return path.Dir(f.path) }

func (f *file) text() string {
	if !f.loaded {
		f.loaded = true
		f.body = f.tree.load(f.path)
		f.starts = []int{0}
		for i := 0; i < len(f.body); {
			n := strings.IndexByte(f.body[i:], '\n')
			if n < 0 {
				break
			}
			i += n + 1
			f.starts = append(f.starts, i)
		}
		f.silent = silence(f)
	}
	return f.body
}

// lines is the number of lines.
func (f *file) lines() int {
	f.text()
	return len(f.starts)
}

// line returns line n, from 1, without its end; empty beyond the file.
func (f *file) line(n int) string {
	text := f.text()
	if n < 1 || n > len(f.starts) {
		return ""
	}
	end := len(text)
	if n < len(f.starts) {
		end = f.starts[n] - 1
	}
	return strings.TrimSuffix(text[f.starts[n-1]:end], "\r")
}

// number is the line of an offset.
func (f *file) number(offset int) int {
	return sort.Search(len(f.starts), func(i int) bool { return f.starts[i] > offset })
}

// maxLine is the length above which a line is data or minified, not source.
const maxLine = 2000

// grep calls yield for every match of re on a line of code that holds needle.
// The needle makes it fast: the expression runs on few lines. A nil expression
// matches the needle.
func (f *file) grep(needle string, re *pattern, yield func(match)) {
	text := f.text()
	for at := 0; at < len(text); {
		i := strings.Index(text[at:], needle)
		if i < 0 {
			return
		}
		n := f.number(at + i)
		line := f.line(n)
		if !f.silent[n-1] && len(line) <= maxLine {
			f.onLine(n, line, needle, re, yield)
		}
		if n == len(f.starts) {
			return
		}
		at = f.starts[n]
	}
}

func (f *file) onLine(n int, line, needle string, re *pattern, yield func(match)) {
	end := len(line)
	if c := trailing(f, line); c >= 0 {
		end = c
	}
	if re == nil {
		if strings.Contains(line[:end], needle) {
			yield(match{file: f, line: n, quote: needle})
		}
		return
	}
	for _, m := range re.FindAllStringSubmatch(line[:end], 8) {
		yield(match{file: f, line: n, quote: quote(m[0]), groups: m})
	}
}

// quote is the literal to show: without blanks around it, and not endless.
func quote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= 120 {
		return s
	}
	return strings.ToValidUTF8(s[:120], "")
}

// find returns the first match of a grep.
func (f *file) find(needle string, re *pattern) (match, bool) {
	var found []match
	f.grep(needle, re, func(m match) {
		if len(found) == 0 {
			found = append(found, m)
		}
	})
	if len(found) == 0 {
		return match{}, false
	}
	return found[0], true
}

// serves reports whether a Go file listens, found out once for all that import it.
func (f *file) serves() bool {
	if !f.looked {
		f.looked, f.answers = true, listens.MatchString(f.text())
	}
	return f.answers
}

// head is the first line with something on it; line 0 in a file without one.
func (f *file) head() match {
	for n := 1; n <= f.lines(); n++ {
		if q := quote(f.line(n)); q != "" {
			return match{file: f, line: n, quote: q}
		}
	}
	return match{file: f}
}

// at is the place of a literal on a line, or of what is on the line when the
// literal is spelled otherwise there (quoted, split).
func (f *file) at(n int, literal string) match {
	line := f.line(n)
	if literal == "" || !strings.Contains(line, literal) || literal != strings.TrimSpace(literal) {
		literal = line
	}
	if q := quote(literal); q != "" {
		return match{file: f, line: n, quote: q}
	}
	return f.head()
}
