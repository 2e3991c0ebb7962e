// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

var web = logs.Line{Time: epoch.Add(1500), Namespace: "shop", Pod: "web-1", Container: "app"}

func TestFormat(t *testing.T) {
	const structured = `{"level":"error","ts":1,"msg":"pay\u001b[31m","order":17,"by":"ada l","e":"","o":{"a":[1]}}`
	for _, c := range []struct {
		name, text, want string
		f                logs.Formatter
	}{
		{"pretty", structured, "ERROR pay\x1b[31m order=17 by=\"ada l\" e=\"\" o={\"a\":[1]}\n", logs.Formatter{}},
		{"no level", `{"msg":"a"}`, "-     a\n", logs.Formatter{}},
		{"several lines", `{"level":"error","msg":"a\nb\n","stack":"f()\n\tat 1\n","n":1}`, "ERROR a n=1\n    b\n    stack=\n    f()\n        at 1\n", logs.Formatter{}},
		{"text", "some\ttext", "some\ttext\n", logs.Formatter{}},
		{"klog stays", `E0301 12:00:00.1 1 r.go:42] "x"`, "E0301 12:00:00.1 1 r.go:42] \"x\"\n", logs.Formatter{}},
		{"clean", structured, "ERROR pay^[31m order=17 by=\"ada l\" e=\"\" o={\"a\":[1]}\n", logs.Formatter{Clean: func(s string) string { return strings.ReplaceAll(s, "\x1b[", "^[") }}},
		{"prefix and time", "x", "web-1/app 2026-03-01T12:00:00.000001500Z x\n", logs.Formatter{Prefix: true, Times: true}},
		{"raw", structured, structured + "\n", logs.Formatter{Style: logs.Raw, Prefix: true}},
		{"raw with time", "x", "2026-03-01T12:00:00.000001500Z x\n", logs.Formatter{Style: logs.Raw, Times: true}},
		{"fields", structured, "order=17 level=error o.a=[1] none=- by=\"ada l\"\n", logs.Formatter{Select: []string{"order", "level", "o.a", "none", "by"}}},
		{"colour", structured, "\x1b[31mERROR\x1b[0m x\n", logs.Formatter{Color: true}},
		{"colour of text", "WARN x", "\x1b[33mWARN x\x1b[0m\n", logs.Formatter{Color: true}},
		{"jsonl", structured, `{"time":"2026-03-01T12:00:00.0000015Z","namespace":"shop","pod":"web-1","container":"app","level":"error","format":"json","message":"pay\u001b[31m","fields":{"order":17,"by":"ada l","e":"","o":{"a":[1]}}}` + "\n", logs.Formatter{Style: logs.Lines}},
		{"jsonl fields", "x <y>", `{"time":"2026-03-01T12:00:00.0000015Z","namespace":"shop","pod":"web-1","container":"app","level":null,"format":"text","message":"x <y>","fields":{"message":"x <y>","a":null}}` + "\n", logs.Formatter{Style: logs.Lines, Select: []string{"message", "a"}}},
		{"jsonl hostile", "{\"msg\":\"a\u009b31m\u202e\u2028\x7f\",\"k\u061c\":\"\u2066é\",\"o\":{\"p\":\"\u0085\x9b\u200f\u2029\"},\"z\":\"\U0001f600\"}", `{"time":"2026-03-01T12:00:00.0000015Z","namespace":"shop","pod":"web-1","container":"app","level":null,"format":"json","message":"a\u009b31m\u202e\u2028\u007f","fields":{"k\u061c":"\u2066é","o":{"p":"\u0085\ufffd\u200f\u2029"},"z":"😀"}}` + "\n", logs.Formatter{Style: logs.Lines}},
		{"jsonl doubled", `{"msg":"m","a":1,"a":2}`, `{"time":"2026-03-01T12:00:00.0000015Z","namespace":"shop","pod":"web-1","container":"app","level":null,"format":"json","message":"m","fields":{"a":2}}` + "\n", logs.Formatter{Style: logs.Lines}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := web
			if l.Text = c.text; c.name == "colour" {
				l.Text = `{"level":"error","msg":"x"}`
			}
			if diff := cmp.Diff(c.want, string(c.f.Append(nil, l))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Where no runtime took the line, its own time is the time, if it says which.
func TestOwnTimes(t *testing.T) {
	for text, want := range map[string]string{
		`{"ts":"2026-03-01T13:00:00.25+01:00","msg":"m"}`: `"time":"2026-03-01T12:00:00.25Z"`,
		`{"time":1772366400.5,"msg":"m"}`:                 `"time":"2026-03-01T12:00:00.5Z"`,
		`{"time":1772366400250,"msg":"m"}`:                `"time":"2026-03-01T12:00:00.25Z"`,
		`{"time":"noon","msg":"m"}`:                       `"fields":{"time":"noon"}`,
		`time=2026-03-01T12:00:00Z level=info msg=m`:      `"time":"2026-03-01T12:00:00Z"`,
	} {
		got := string((&logs.Formatter{Style: logs.Lines}).Append(nil, logs.Line{Text: text}))
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s has no %s", text, got, want)
		}
	}
}

func TestLinesOfAFileHaveNoOrigin(t *testing.T) {
	var o map[string]any
	if err := json.Unmarshal((&logs.Formatter{Style: logs.Lines}).Append(nil, logs.Line{Text: "x"}), &o); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"time", "namespace", "pod", "container", "level"} {
		if v, found := o[key]; !found || v != nil {
			t.Errorf("%s is %v, want null", key, v)
		}
	}
	if got := string((&logs.Formatter{Prefix: true, Times: true}).Append(nil, logs.Line{Text: "x"})); got != "x\n" {
		t.Errorf("got %q", got)
	}
}

// The prefix is as wide as the widest, and its colour is that of the pod.
func TestPrefix(t *testing.T) {
	f := &logs.Formatter{Prefix: true, Color: true}
	f.Reserve("web-1", "istio-proxy")
	short := string(f.Append(nil, logs.Line{Pod: "web-1", Container: "app", Text: "x"}))
	long := string(f.Append(nil, logs.Line{Pod: "web-1", Container: "istio-proxy", Text: "x"}))
	if strings.Index(short, " x")+1 >= len(short) || strings.LastIndex(short, " x") != strings.LastIndex(long, " x") {
		t.Errorf("not aligned:\n%q\n%q", short, long)
	}
	if short[:5] != long[:5] || !strings.HasPrefix(short, "\x1b[") {
		t.Errorf("not one colour: %q %q", short, long)
	}
	colours := map[string]bool{}
	for _, pod := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		line := string(f.Append(nil, logs.Line{Pod: pod, Container: "c", Text: "x"}))
		colours[line[:strings.Index(line, "m")]] = true
	}
	if len(colours) < 3 {
		t.Errorf("8 pods have %d colours", len(colours))
	}
}

func BenchmarkLevelFilter(b *testing.B) {
	const line = `{"ts":"2026-03-01T12:00:00.123456789Z","caller":"pay/handler.go:112","msg":"request handled in good time","method":"GET","path":"/api/v1/orders/1234567","status":200,"duration_ms":12.5,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","user":{"id":17,"name":"ada"},"level":"info"}`
	s := (&logs.Filter{Level: logs.Warn}).Stream()
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	began := time.Now()
	for b.Loop() {
		if s.Keep(line) {
			b.Fatal("info is no warning")
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "lines/s")
}

func BenchmarkWhere(b *testing.B) {
	w, err := logs.ParseWhere("status>=600")
	if err != nil {
		b.Fatal(err)
	}
	s := (&logs.Filter{Where: w}).Stream()
	b.ReportAllocs()
	for b.Loop() {
		if s.Keep(order) {
			b.Fatal("no such status")
		}
	}
}

func TestFromFile(t *testing.T) {
	for text, want := range map[string]logs.Line{
		"plain words\r":                               {Text: "plain words"},
		"2026-03-01T12:00:00.000001500Z {}":           {Time: epoch.Add(1500), Text: "{}"},
		"2026-03-01T12:00:00Z INFO x":                 {Text: "2026-03-01T12:00:00Z INFO x"},
		"[pod/web-1/app] x":                           {Pod: "web-1", Container: "app", Text: "x"},
		`[pod/w/a] 2026-03-01T13:00:00+01:00 {"a":1}`: {Time: epoch, Pod: "w", Container: "a", Text: `{"a":1}`},
		"[pod/web-1] x":                               {Text: "[pod/web-1] x"},
		"[pod/a b/c] x":                               {Text: "[pod/a b/c] x"},
	} {
		if diff := cmp.Diff(want, logs.FromFile(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
