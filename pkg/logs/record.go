// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Format is how a line is written.
type Format string

// The formats. Text is everything that is none of the others.
const (
	JSON   Format = "json"
	Klog   Format = "klog"
	Logfmt Format = "logfmt"
	Access Format = "access"
	Text   Format = "text"
)

// Field is a part of a line with a name.
type Field struct {
	Key string
	// Value is what a string says, or, if Raw, a number, a boolean, null, an
	// object or an array as JSON.
	Value string
	Raw   bool
}

// Record is a line in its parts.
type Record struct {
	Format Format
	// Time is as the program wrote it; empty if it wrote none.
	Time    string
	Level   Level
	Message string
	// Fields are in the order of the line, without those that are told above.
	Fields []Field
	// all are the fields with those.
	all []Field
}

// when is the time at which the runtime took the line; of a line of a file, its own.
func (r Record) when(taken time.Time) (time.Time, bool) {
	if !taken.IsZero() {
		return taken, true
	}
	return instant(r.Time)
}

// instant reads a time as programs write it, with its date and zone, or in seconds or
// milliseconds since 1970. Without one of these it could be any.
func instant(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), true
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || !isNumber(s):
		return time.Time{}, false
	case v >= 1e12 && v < 1e13:
		return time.UnixMicro(int64(math.Round(v * 1e3))).UTC(), true
	case v >= 1e9 && v < 1e10:
		return time.UnixMicro(int64(math.Round(v * 1e6))).UTC(), true
	}
	return time.Time{}, false
}

// Parse splits a line. Its level is what Detect says. The message of a line
// without a form of its own is the whole line.
func Parse(text string) Record {
	r := parse(text)
	r.Level = Detect(text)
	return r
}

func parse(text string) Record {
	trimmed := strings.TrimSpace(text)
	if isObject(trimmed) {
		var fields []Field
		members(trimmed, func(m member) bool {
			fields = append(fields, fieldOf(m))
			return true
		})
		return newRecord(JSON, fields)
	}
	if h, ok := klogHeader(text); ok {
		return h.record()
	}
	if a, ok := accessLine(text); ok {
		return a.record()
	}
	if r, ok := logfmt(text); ok {
		return r
	}
	return Record{Format: Text, Message: text}
}

// fieldOf is a member of a valid object as a field.
func fieldOf(m member) Field {
	f := Field{Key: m.key, Value: m.value, Raw: !strings.HasPrefix(m.value, `"`)}
	if !f.Raw {
		f.Value = unquote(m.value)
	}
	return f
}

// messageKey reports whether a key holds the message.
func messageKey(key string) bool {
	switch key {
	case "msg", "message", "@m", "@mt", "M", "Message", "short_message", "event":
		return true
	}
	return false
}

// timeKey reports whether a key holds the time.
func timeKey(key string) bool {
	switch key {
	case "time", "ts", "timestamp", "@timestamp", "@t", "T", "asctime", "start_time", "Timestamp":
		return true
	}
	return false
}

// newRecord takes the level, the message and the time out of the fields: the
// first that holds each.
func newRecord(format Format, fields []Field) Record {
	r := Record{Format: format, all: fields}
	var told struct{ level, message, time, mongo bool }
	for _, f := range fields {
		switch level, ok := f.level(told.mongo); {
		case ok && !told.level:
			r.Level, told.level = level, true
		case !told.message && messageKey(f.Key) && !f.Raw:
			r.Message, told.message = f.Value, true
		case !told.time && timeKey(f.Key):
			r.Time, told.time = f.Value, true
		case !told.time && format == JSON && f.Key == "t" && f.Raw && mongoTime(f.Value):
			r.Time, told.time, told.mongo = mongoDate(f.Value), true, true
		default:
			r.Fields = append(r.Fields, f)
		}
	}
	if format == JSON {
		r.unwrap(!told.level, !told.message)
		if r.Message == "" {
			r.Message = requested(fields)
		}
	}
	return r
}

// level is what a field says of it; mongo says that the line is of MongoDB.
func (f Field) level(mongo bool) (Level, bool) {
	switch {
	case levelKey(f.Key):
		return ParseLevel(f.Value)
	case mongo && f.Key == "s":
		return mongoLevel(f.Value)
	}
	return Unknown, false
}

// requested is what an access log's line is about: it has no message.
func requested(fields []Field) string {
	var method, path string
	for _, f := range fields {
		switch f.Key {
		case "method":
			method = f.Value
		case "path":
			path = f.Value
		}
	}
	if method == "" || path == "" {
		return ""
	}
	return method + " " + path
}

// Lookup finds a field by its name, or by a path into objects: "http.status" is
// the field of that name, else status in the object http. The names "level",
// "message" and "time" are found whatever the program calls them.
func (r Record) Lookup(path string) (Field, bool) {
	all := r.all
	if all == nil {
		all = r.Fields
	}
	if f, found := lookup(all, path); found {
		return f, true
	}
	switch path {
	case "level":
		return Field{Key: path, Value: r.Level.String()}, r.Level != Unknown
	case "message", "msg":
		return Field{Key: path, Value: r.Message}, true
	case "time":
		return Field{Key: path, Value: r.Time}, r.Time != ""
	}
	return Field{}, false
}

func lookup(fields []Field, path string) (Field, bool) {
	for _, f := range fields {
		if f.Key == path {
			return f, true
		}
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		for _, f := range fields {
			if f.Key != path[:i] || !f.Raw || !strings.HasPrefix(f.Value, "{") {
				continue
			}
			var below []Field
			members(f.Value, func(m member) bool {
				below = append(below, fieldOf(m))
				return true
			})
			if found, ok := lookup(below, path[i+1:]); ok {
				found.Key = path
				return found, true
			}
		}
	}
	return Field{}, false
}
