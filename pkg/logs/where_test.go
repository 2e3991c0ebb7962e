// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

const order = `{"level":"warn","msg":"paid \"late\"","status":503,"path":"/api/v1/orders","took":"1.5s","wait_ms":250,"duration":3,` +
	`"user":{"id":7,"name":"ada","tags":["a"],"gone":null},"http.code":404,"ok":false,"empty":"","my key":"x","ratio":"0.5","n":null}`

func TestWhere(t *testing.T) {
	for expr, want := range map[string]bool{
		"status=503": true, "status==503": true, "status=503.0": true, "status!=503": false, "status>=500": true, "status>503": false,
		"status<=503": true, "status<503": false, "status<1000": true, "status = 5e2": false,
		"took>1s": true, "took>1500ms": false, "took>=1500ms": true, "wait_ms>200ms": true, "wait_ms<0.25s": false, "duration>1ms": false,
		"user.id=7": true, "user.name=ada": true, "user.name='ada'": true, `user.name="ada"`: true, "user.tags~a": true, "user.id.x=1": false,
		"http.code=404": true, "level=warn": true, "level>=warn": true, "level>warn": false, "level<error": true, "level=WARNING": true, "level~wa": true,
		"path~^/api/(v1|v2)/": true, "(path~^/api/(v1|v2)/)": true, "path!~orders": false, "path ~ 'ord(er)?s$'": true,
		"message~late": true, `msg='paid "late"'`: true, `msg="paid \"late\""`: true,
		"missing=1": false, "missing!=1": true, "missing>1": false, "missing~x": false, "missing!~x": true, "missing=null": true, "missing!=null": false,
		"n=null": true, "n!=null": false, "user.gone=null": true, "status!=null": true,
		"status": true, "missing": false, "ok": false, "empty": false, "n": false, "!ok": true, "not ok": true, "not not ok": false,
		"'my key'=x": true, "ratio=0.5": true, "ratio<1": true, "user.name<b": true, "user.name>7": false, "user.name!=7": true, "user.name=7": false,
		"status=503 and ok=false": true, "status=1 or ok=false": true, "status=1 || ok=false && n": false, "(status=1 or ok=false) and status": true,
		"status=503 AND NOT (ok or n)": true, "notation=null": true, "orders=null and andy=null": true, "path=/api/v1/orders&&status=503": true,
		"level>='debug'": true, "level<\"error\"": true, "level='WARNING'": true, "level!='warning'": false, "level='boss'": false,
		"status>='1000'": false, "status<'1000'": true, "took>'90000ms'": false, "took<'90000ms'": true, "path>'/api'": true, "user.name>'7'": true,
		"took='90000ms'": false, "took>10h": false, "took!=1s": true, "user.name>1s": false, "user.name!=1s": true,
		"status='503'": true, "status='503.0'": false, "took=1.5s": true, "took=90000ms": false, "user.name=1s": false,
	} {
		w, err := logs.ParseWhere(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := (&logs.Filter{Where: w}).Stream().Keep(order); got != want {
			t.Errorf("%s: %t, want %t", expr, got, want)
		}
	}
}

func TestWhereInOtherFormats(t *testing.T) {
	for _, c := range []struct{ expr, text string }{
		{"pod=shop/web and level=error", `E0301 12:00:00.123456       1 r.go:42] "Sync failed" pod="shop/web"`},
		{"took>1s", `level=warn msg=slow took=1.5s`},
		{"response_code>=500 and duration<10ms and method=GET", `[2026-03-01T12:00:00Z] "GET /orders HTTP/1.1" 503 UF 0 91 5 - "-" "c" "i" "o" "h"`},
		{"message~words", "plain words"},
		{"level=error", "ERROR words"},
	} {
		w, err := logs.ParseWhere(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		if !(&logs.Filter{Where: w}).Stream().Keep(c.text) {
			t.Errorf("%s does not hold for %s", c.expr, c.text)
		}
	}
}

// Integers are exact whatever their size, and the level of a line that has none is
// neither more nor less than another.
func TestWhereIsExact(t *testing.T) {
	const text = `{"id":9007199254740993,"neg":-9007199254740993,"huge":123456789012345678901234567890,"point":9007199254740993.5,"level":"boss","big":1e400}`
	for expr, want := range map[string]bool{
		"id=9007199254740993": true, "id=9007199254740992": false, "id!=9007199254740992": true, "id>9007199254740992": true, "id<9007199254740994": true,
		"id>=9007199254740994": false, "id=9007199254740993.0": true, "id<9007199254740993.5": true, "neg<-9007199254740992": true,
		"huge=123456789012345678901234567890": true, "huge=123456789012345678901234567891": false, "huge>1": true, "point>9007199254740993": true,
		"level>=warn": false, "level<warn": false, "level=boss": true, "level!=warn": true, "big>1": false,
	} {
		w, err := logs.ParseWhere(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := (&logs.Filter{Where: w}).Stream().Keep(text); got != want {
			t.Errorf("%s: %t, want %t", expr, got, want)
		}
	}
}

// A unit that cannot be read makes no comparison hold, and is told.
func TestUnknownUnits(t *testing.T) {
	const text = `{"took":"1.5 sec","size":"10MB","name":"ada","n":"7"}`
	for expr, want := range map[string]struct {
		kept bool
		told []logs.Unclear
	}{
		"took>1s":     {false, []logs.Unclear{{Field: "took", Said: "1.5 sec"}}},
		"took<=9h":    {false, []logs.Unclear{{Field: "took", Said: "1.5 sec"}}},
		"took=1s":     {false, []logs.Unclear{{Field: "took", Said: "1.5 sec"}}},
		"size>9":      {false, []logs.Unclear{{Field: "size", Said: "10MB"}}},
		"size>'9'":    {false, []logs.Unclear{{Field: "size", Said: "10MB"}}},
		"size='10MB'": {true, nil},
		"size=10MB":   {true, nil},
		"name>1s":     {false, nil},
		"n>1s":        {false, []logs.Unclear{{Field: "n"}}},
	} {
		w, err := logs.ParseWhere(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		f := &logs.Filter{Where: w}
		if got := f.Stream().Keep(text); got != want.kept {
			t.Errorf("%s: %t, want %t", expr, got, want.kept)
		}
		if diff := cmp.Diff(want.told, f.Unclear()); diff != "" {
			t.Errorf("%s: %s", expr, diff)
		}
	}
}

// A number without a unit is no duration, and that is told.
func TestUnclear(t *testing.T) {
	w, err := logs.ParseWhere("duration>1ms or status>1s or wait_ms>1ms")
	if err != nil {
		t.Fatal(err)
	}
	f := &logs.Filter{Where: w}
	if !f.Stream().Keep(order) {
		t.Error("wait_ms is more than 1ms")
	}
	if diff := cmp.Diff([]logs.Unclear{{Field: "duration"}, {Field: "status"}}, f.Unclear()); diff != "" {
		t.Error(diff)
	}
}

func TestWhereErrors(t *testing.T) {
	for _, c := range []struct{ expr, where, message string }{
		{"", "column 1", "expected a field, found the end"},
		{"status 50", "column 8", "expected =, !=, <, <=, >, >=, ~ or !~ after status, found \"50\"\nstatus 50\n       ^"},
		{"status>=", "column 9", "expected a value after >=, found the end"},
		{"a=1 b=2", "column 5", `expected and, or or the end, found "b=2"`},
		{"(a=1", "column 5", "expected and, or or ), found the end"},
		{"a=1)", "column 0", ""},
		{"a=(1", "column 0", ""},
		{"status>>5", "column 8", "expected a value after > (in quotes if it begins so), found \">5\"\nstatus>>5\n       ^"},
		{"a === b", "column 5", "expected a value after == (in quotes"},
		{"level>=wran", "column 8", "expected one of trace, debug, info, warn, error, fatal after >=, found \"wran\""},
		{"level>='wran'", "column 8", "expected one of trace, debug, info, warn, error, fatal after >="},
		{"took>1sec", "column 6", "expected a number, a duration with a unit of ns, us, ms, s, m or h, or text in quotes after >, found \"1sec\"\ntook>1sec\n     ^"},
		{"size<=10MB", "column 7", "expected a number, a duration"},
		{"size>'10MB'", "column 0", ""},
		{"time>2026-03-01T12:00", "column 0", ""},
		{"level>=WARN+2", "column 0", ""},
		{"level>25", "column 0", ""},
		{"path=~x", "column 6", "expected a value after = (in quotes if it begins so), found \"~x\""},
		{"=1", "column 1", `expected a field, found "=1"`},
		{"a='x", "column 3", "expected ' at the end of the quoted text"},
		{"ä~(", "column 3", "expected a regular expression (RE2) after ~: error parsing regexp: missing closing ): `(`\nä~(\n  ^"},
		{"a<null", "column 3", "expected a value that < can compare with, found null"},
		{"a and", "column 6", "expected a field, found the end"},
		{strings.Repeat("(", 200), "column 101", "expected at most 100 parentheses within each other"},
	} {
		_, err := logs.ParseWhere(c.expr)
		if c.message == "" { // no error: a parenthesis that nothing opened is part of the word
			if err != nil {
				t.Errorf("%s: %v", c.expr, err)
			}
			continue
		}
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Usage || f.Where != "--where, "+c.where || !strings.HasPrefix(f.Message, c.message) || f.Hint == "" {
			t.Errorf("%q: %#v, want %s: %s", c.expr, err, c.where, c.message)
		}
	}
}

func FuzzWhere(f *testing.F) {
	for _, seed := range []string{"a=1", "not (a.b~'x' or c!=null) and d>250ms", "a='\\''", "((", "!!a", "a~(x)", "level>=warn"} {
		f.Add(seed, order)
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		w, err := logs.ParseWhere(expr)
		if err != nil {
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("%v", err)
			}
			return
		}
		n, err := logs.ParseWhere("not (" + expr + ")")
		if err != nil { // a word may take the parenthesis in, or be too deep
			return
		}
		if (&logs.Filter{Where: w}).Stream().Keep(text) == (&logs.Filter{Where: n}).Stream().Keep(text) {
			t.Errorf("%q and its opposite agree on %q", expr, text)
		}
	})
}
