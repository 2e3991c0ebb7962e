// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// longest bounds a line; Envoy's are below 2 KB.
const longest = 1 << 20

// nameLabel holds the name of a metric among the labels of a sample.
const nameLabel = "__name__"

// theEnd is the last line of an exposition in OpenMetrics, and only of these.
const theEnd = "# EOF"

// Point is one line of an exposition: a sample with its name as label __name__.
type Point struct {
	signals.Sample
	// At is the time that the line gives; zero if it gives none.
	At time.Time
}

// Format says how an exposition is to be read.
type Format struct {
	// Name is what it is called in errors.
	Name string
	// OpenMetrics says that timestamps are in seconds; they are in milliseconds in
	// Prometheus' own format, which is else the same as far as it is read here.
	OpenMetrics bool
	// Wanted selects metrics by their names; nil selects all. Lines of others are
	// not looked at any further, which is most of the work saved.
	Wanted func(name string) bool
}

// Read calls each with every sample of an exposition, in its order. An error of
// its own has the place "name:line:column"; one of each ends the reading.
//
// https://prometheus.io/docs/instrumenting/exposition_formats and
// https://prometheus.io/docs/specs/om/open_metrics_spec
func (f Format) Read(in io.Reader, each func(Point) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), longest)
	n, ended := 0, false
	for lines.Scan() {
		n++
		text := bytes.Trim(lines.Bytes(), " \t\r")
		if ended && len(text) > 0 {
			return fault.Failedf("expected nothing after # EOF, found %s", shorten(string(text))).At(fmt.Sprintf("%s:%d:1", f.Name, n)).
				Try("one file is one exposition: keep them apart")
		}
		if len(text) == 0 || text[0] == '#' {
			ended = f.OpenMetrics && string(text) == theEnd
			continue
		}
		l := line{text: text}
		point, ok, err := l.read(f)
		if err != nil {
			return fault.Failedf("%s", err).At(fmt.Sprintf("%s:%d:%d", f.Name, n, l.at+1))
		}
		if ok {
			if err := each(point); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fault.Failedf("expected lines of at most %d bytes, found a longer one", longest).At(fmt.Sprintf("%s:%d", f.Name, n+1))
	} else if err != nil {
		return fault.Failedf("cannot read %s", f.Name).Because(err)
	}
	return nil
}

// line is one that is being read; at is how far.
type line struct {
	text []byte
	at   int
}

// read returns the sample of the line; ok is false for one that is not wanted.
func (l *line) read(f Format) (p Point, ok bool, err error) {
	name := ""
	if l.text[0] != '{' {
		if name = string(l.word("{ \t")); !isName(name) {
			l.at = 0
			return p, false, fmt.Errorf("expected the name of a metric, found %s", shorten(name))
		}
		if f.Wanted != nil && !f.Wanted(name) {
			return p, false, nil
		}
		p.Labels = append(make(signals.Labels, 0, 16), signals.Label{Name: nameLabel, Value: name})
	}
	if l.blanks(); l.peek() == '{' {
		if err := l.labels(&p.Labels); err != nil {
			return p, false, err
		}
	}
	if name == "" {
		if name = p.Labels.Get(nameLabel); name == "" {
			return p, false, errors.New("expected the name of a metric in quotes among the labels, found none")
		}
		if f.Wanted != nil && !f.Wanted(name) {
			return p, false, nil
		}
	}
	if p.Value, err = l.number("a value"); err != nil {
		return p, false, err
	}
	p.At, err = l.time(f)
	return p, err == nil, err
}

// number reads the next word as a number.
func (l *line) number(what string) (float64, error) {
	l.blanks()
	from := l.at
	word := string(l.word(" \t"))
	v, err := strconv.ParseFloat(word, 64)
	if err != nil && !math.IsInf(v, 0) || word == "" {
		l.at = from
		return 0, fmt.Errorf("expected %s, found %s", what, shorten(word))
	}
	return v, nil
}

// time reads a timestamp, if there is one, and checks that nothing but an exemplar
// follows.
func (l *line) time(f Format) (at time.Time, err error) {
	l.blanks()
	if l.at < len(l.text) && l.peek() != '#' {
		stamp, err := l.number("a timestamp")
		if err != nil {
			return at, err
		}
		if !f.OpenMetrics {
			stamp /= 1000
		}
		if math.IsNaN(stamp) || math.Abs(stamp) > math.MaxInt32*1000 {
			return at, errors.New("expected a timestamp, found a number that is none")
		}
		whole, part := math.Modf(stamp)
		at = time.Unix(int64(whole), int64(math.Round(part*1e3))*1e6)
		l.blanks()
	}
	if l.at < len(l.text) && l.peek() != '#' {
		return at, fmt.Errorf("expected the end of the line, found %s", shorten(string(l.text[l.at:])))
	}
	return at, nil
}

func (l *line) peek() byte {
	if l.at < len(l.text) {
		return l.text[l.at]
	}
	return 0
}

func (l *line) blanks() {
	for l.at < len(l.text) && (l.text[l.at] == ' ' || l.text[l.at] == '\t') {
		l.at++
	}
}

// word reads up to one of the characters in stop, or to the end.
func (l *line) word(stop string) []byte {
	rest := l.text[l.at:]
	if i := bytes.IndexAny(rest, stop); i >= 0 {
		rest = rest[:i]
	}
	l.at += len(rest)
	return rest
}

// isName reports whether s is a name that needs no quotes.
func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// shorten quotes what was found, and not much of it: it may be a whole page.
func shorten(s string) string {
	const most = 40
	if s == "" {
		return "nothing"
	}
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strconv.Quote(s)
}
