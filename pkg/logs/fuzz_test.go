// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// A line is never more than it is: what is parsed is valid, the level of a whole
// line is the one that a full decoding finds, and formatting keeps one line one line.
func FuzzParse(f *testing.F) {
	for _, s := range samples {
		f.Add(s.text)
	}
	f.Add(order)
	f.Add(`{"a":1,"a":2,"\u006cevel":"error"}`)
	f.Fuzz(func(t *testing.T, text string) {
		r := logs.Parse(text)
		if r.Level != logs.Detect(text) {
			t.Errorf("%q: Parse says %q, Detect %q", text, r.Level, logs.Detect(text))
		}
		var object map[string]any
		if isJSON := json.Unmarshal([]byte(text), &object) == nil && object != nil; isJSON != (r.Format == logs.JSON) {
			t.Errorf("%q is JSON: %t, read as %s", text, isJSON, r.Format)
		}
		for _, x := range r.Fields {
			if x.Raw && !json.Valid([]byte(x.Value)) {
				t.Errorf("%q: field %s is not valid: %s", text, x.Key, x.Value)
			}
		}
		out := (&logs.Formatter{Style: logs.Lines}).Append(nil, logs.Line{Text: text})
		var shown map[string]any
		if err := json.Unmarshal(out, &shown); err != nil {
			t.Errorf("%q: %v: %s", text, err, out)
		}
		pretty := (&logs.Formatter{Clean: strings.ToUpper}).Append(nil, logs.Line{Text: text})
		if len(pretty) == 0 || pretty[len(pretty)-1] != '\n' {
			t.Errorf("%q: no line: %q", text, pretty)
		}
	})
}

func FuzzKeep(f *testing.F) {
	for _, s := range samples {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		low := &logs.Filter{Level: logs.Warn}
		high := &logs.Filter{Level: logs.Error}
		if high.Stream().Keep(text) && !low.Stream().Keep(text) {
			t.Errorf("%q is an error and less than a warning", text)
		}
	})
}
