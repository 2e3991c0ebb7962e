// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The styles of output.
const (
	// Pretty is "LEVEL message key=value" for lines in a form of their own; other
	// lines are as they were written.
	Pretty = "text"
	// Raw is every line as it was written, with nothing before it.
	Raw = "raw"
	// Lines is one JSON object a line, of one shape whatever the program wrote.
	Lines = "jsonl"
)

// Formatter writes lines for people or programs.
type Formatter struct {
	// Style is Pretty, Raw or Lines.
	Style string
	// Prefix puts the pod and container first in Pretty, Times the time of the
	// container's runtime in Pretty and Raw.
	Prefix, Times bool
	// Select are the fields to show in Pretty and Lines, in this order, in place
	// of the whole line; paths as in Where. Empty shows all.
	Select []string
	// Color adds escape codes.
	Color bool
	// Clean makes text safe for a terminal; nil leaves it as it is.
	Clean func(string) string

	// width is that of the widest prefix so far.
	width int
}

// The escape codes that are used.
const (
	reset     = "\x1b[0m"
	dim       = "\x1b[2m"
	red       = "\x1b[31m"
	boldRed   = "\x1b[1;31m"
	yellow    = "\x1b[33m"
	keyColour = "\x1b[36m"
)

// podColours leaves red and yellow to what is wrong.
var podColours = [...]string{"\x1b[32m", "\x1b[34m", "\x1b[35m", "\x1b[36m", "\x1b[92m", "\x1b[94m", "\x1b[95m", "\x1b[96m"}

// Reserve widens the prefix to that of a container, so that the lines of all
// that are known before the first are aligned.
func (f *Formatter) Reserve(pod, container string) {
	f.width = max(f.width, utf8.RuneCountInString(prefix(pod, container)))
}

func prefix(pod, container string) string { return pod + "/" + container }

// Append adds a line with its end to b. In Pretty and Lines a record is made of
// the line; parse it once there.
func (f *Formatter) Append(b []byte, l Line) []byte {
	switch f.Style {
	case Lines:
		return f.object(b, l)
	case Raw:
		b = f.time(b, l)
		return append(f.clean(b, l.Text), '\n')
	}
	b = f.prefixed(b, l)
	b = f.time(b, l)
	r := Parse(l.Text)
	switch {
	case len(f.Select) > 0:
		b = f.chosen(b, r)
	case r.Format == JSON:
		b = f.pretty(b, r)
	default:
		b = f.painted(b, colourOf(r.Level), indented(l.Text))
	}
	return append(b, '\n')
}

// indented turns the tabs that a line begins with into blanks, which no cleaning
// takes away.
func indented(text string) string {
	rest := strings.TrimLeft(text, "\t")
	return strings.Repeat("    ", len(text)-len(rest)) + rest
}

func (f *Formatter) clean(b []byte, text string) []byte {
	if f.Clean != nil {
		text = f.Clean(text)
	}
	return append(b, text...)
}

// painted is clean in a colour.
func (f *Formatter) painted(b []byte, colour, text string) []byte {
	if !f.Color || colour == "" {
		return f.clean(b, text)
	}
	return append(f.clean(append(b, colour...), text), reset...)
}

func (f *Formatter) prefixed(b []byte, l Line) []byte {
	if !f.Prefix || l.Pod == "" {
		return b
	}
	f.Reserve(l.Pod, l.Container)
	who := prefix(l.Pod, l.Container)
	b = f.painted(b, colourOfPod(l.Pod), who)
	return append(b, strings.Repeat(" ", f.width-utf8.RuneCountInString(who)+1)...)
}

// colourOfPod is the same in every run.
func colourOfPod(pod string) string {
	h := fnv.New32a()
	h.Write([]byte(pod))
	return podColours[h.Sum32()%uint32(len(podColours))]
}

func (f *Formatter) time(b []byte, l Line) []byte {
	if !f.Times || l.Time.IsZero() {
		return b
	}
	return append(l.Time.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000000Z"), ' ')
}

func colourOf(l Level) string {
	switch l {
	case Trace, Debug:
		return dim
	case Warn:
		return yellow
	case Error:
		return red
	case Fatal:
		return boldRed
	}
	return ""
}

// pretty is the level, the message and the fields of a record.
func (f *Formatter) pretty(b []byte, r Record) []byte {
	name := strings.ToUpper(r.Level.String())
	if name == "" {
		name = "-"
	}
	b = f.painted(b, colourOf(r.Level), name)
	b = append(b, strings.Repeat(" ", len("ERROR")-len(name)+1)...)
	message, more, _ := strings.Cut(r.Message, "\n")
	b = f.clean(b, message)
	for _, x := range r.Fields {
		if !long(x) {
			b = f.pair(append(b, ' '), x)
		}
	}
	b = f.below(b, more)
	for _, x := range r.Fields {
		if long(x) {
			b = append(b, "\n    "...)
			b = f.painted(b, keyColour, x.Key+"=")
			b = f.below(b, x.Value)
		}
	}
	return b
}

// long reports whether a field is a text of several lines, such as a stack trace.
func long(x Field) bool { return !x.Raw && strings.Contains(x.Value, "\n") }

// below adds the lines of a text, indented so that no line looks like another
// container's.
func (f *Formatter) below(b []byte, text string) []byte {
	if text == "" {
		return b
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		b = append(b, "\n    "...)
		b = f.clean(b, strings.ReplaceAll(line, "\t", "    "))
	}
	return b
}

// chosen is the fields that were asked for; what a line lacks is "-".
func (f *Formatter) chosen(b []byte, r Record) []byte {
	for i, path := range f.Select {
		if i > 0 {
			b = append(b, ' ')
		}
		x, found := r.Lookup(path)
		if !found {
			x = Field{Value: "-", Raw: true}
		}
		x.Key = path
		b = f.pair(b, x)
	}
	return b
}

func (f *Formatter) pair(b []byte, x Field) []byte {
	b = f.painted(b, keyColour, x.Key+"=")
	value := x.Value
	if !x.Raw && (value == "" || strings.ContainsAny(value, " \t\r\n\"=")) {
		value = quote(value)
	}
	return f.clean(b, value)
}

// quote is a string as JSON, without the escapes that only HTML needs.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // strings encode, and a builder takes all
	return strings.TrimSuffix(b.String(), "\n")
}

// Object is the shape of a line in Lines; null is what is not known.
type Object struct {
	Time      *time.Time      `json:"time"`
	Namespace *string         `json:"namespace"`
	Pod       *string         `json:"pod"`
	Container *string         `json:"container"`
	Level     *string         `json:"level"`
	Format    Format          `json:"format"`
	Message   string          `json:"message"`
	Fields    json.RawMessage `json:"fields"`
}

// ObjectOf returns the shape of a line.
func (f *Formatter) ObjectOf(l Line) Object {
	r := Parse(l.Text)
	known := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	o := Object{
		Namespace: known(l.Namespace), Pod: known(l.Pod), Container: known(l.Container),
		Level: known(r.Level.String()), Format: r.Format, Message: r.Message,
	}
	fields := r.Fields
	if at, known := r.when(l.Time); known {
		o.Time = &at
	} else if r.Time != "" {
		fields = append([]Field{{Key: "time", Value: r.Time}}, fields...)
	}
	if len(f.Select) > 0 {
		fields = nil
		for _, path := range f.Select {
			x, found := r.Lookup(path)
			if !found {
				x = Field{Value: "null", Raw: true}
			}
			x.Key = path
			fields = append(fields, x)
		}
	}
	o.Fields = encode(fields)
	return o
}

// encode is an object of fields in their order, of each name the last: more
// than one of a name is no JSON that everybody reads alike.
func encode(fields []Field) json.RawMessage {
	b := []byte{'{'}
	for i, x := range fields {
		if slices.ContainsFunc(fields[i+1:], func(later Field) bool { return later.Key == x.Key }) {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(b, quote(x.Key)...), ':')
		if x.Raw {
			b = append(b, x.Value...)
		} else {
			b = append(b, quote(x.Value)...)
		}
	}
	return append(b, '}')
}
