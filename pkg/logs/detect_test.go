// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// What programs write, and what only looks like it.
func TestDetect(t *testing.T) {
	for text, want := range map[string]logs.Level{
		// Pairs are the line's own only from its start, and outside of quotes.
		`retrying with level=error set`:                               logs.Unknown,
		`url http://x/?a=1 level=error`:                               logs.Unknown,
		`msg="set level=error please" level=info`:                     logs.Info,
		`msg="it says \"level=fatal\"" took=1s`:                       logs.Unknown,
		"ts=1\tlevel=warn\tmsg=x":                                     logs.Warn,
		"\t level=warn msg=x":                                         logs.Warn,
		`level="error" msg=x`:                                         logs.Error,
		`2026-03-01T12:00:00.5Z level=warn msg=x`:                     logs.Warn,
		"\x1b[36mlevel\x1b[0m=error msg=x":                            logs.Error,
		"\x1b[90m12:00PM\x1b[0m \x1b[31mWRN\x1b[0m slow":              logs.Warn,
		"2026-03-01T12:00:00Z\t\x1b[1;34mINFO\x1b[0m\tmain.go:1\tx":   logs.Info,
		"\x1b[31;1mpanic: \x1b[0mx":                                   logs.Fatal,
		"\x1b[2J\x1b[3 INFO":                                          logs.Info,
		"\x1b[":                                                       logs.Unknown,
		`{"EventId":1,"LogLevel":"Warning","Message":"m"}`:            logs.Warn,
		`{"@timestamp":"t","log":{"level":"error"},"message":"e"}`:    logs.Error,
		`{"log":{"level":"error"},"level":"info"}`:                    logs.Info,
		`{"log":"level","stream":"stdout"}`:                           logs.Unknown,
		`{"t":{"$date":"d"},"s":"E","c":"NETWORK","msg":"m"}`:         logs.Error,
		`{"t":{"$date":"d"},"s":"D2","c":"NETWORK","msg":"m"}`:        logs.Debug,
		`{"s":"E","t":1}`:                                             logs.Unknown,
		"12:00PM INF started":                                         logs.Info,
		"[12:00:00 VRB] tick":                                         logs.Trace,
		"12:00PM TRC tick":                                            logs.Trace,
		"12:00PM DBG tick":                                            logs.Debug,
		"12:00PM ERR no":                                              logs.Error,
		"12:00PM FTL no":                                              logs.Fatal,
		"12:00PM PNC no":                                              logs.Fatal,
		"[server] error: no port":                                     logs.Error,
		"12:00:01 [web] [a] warn: slow":                               logs.Warn,
		"it is [said] error: no":                                      logs.Unknown,
		"[2026-03-01 12:00:00,000: ERROR/MainProcess] Task x raised":  logs.Error,
		"[2026-03-01 12:00:00,000: WARNING/ForkPoolWorker-1] slow":    logs.Warn,
		"see ERROR/INFO":                                              logs.Unknown,
		"[Sun Mar 01 12:00:00 2026] [core:error] [pid 1] AH00037: no": logs.Error,
		"[Sun Mar 01 12:00:00 2026] [:warn] [pid 1] no":               logs.Warn,
		"[a mention of core:error] in brackets":                       logs.Unknown,
		"PHP Fatal error:  Uncaught Exception in /x.php":              logs.Fatal,
		"Fatal error: Uncaught Exception":                             logs.Fatal,
		"[01-Mar-2026 12:00:00 UTC] PHP Warning:  Undefined variable": logs.Warn,
		"PHP Deprecated:  x":                                          logs.Info,
		"written in PHP by error":                                     logs.Unknown,
		"1:M 01 Jan 2026 00:00:00.000 # Warning: no memory":           logs.Warn,
		"12:C 01 Jan 2026 00:00:00.000 * RDB: 0 MB":                   logs.Info,
		"1:S 01 Jan 2026 00:00:00.000 - accepted":                     logs.Debug,
		"1:X 01 Jan 00:00:00.000 . tick":                              logs.Debug,
		"1:M 01 Jan 2026 is no date # of Redis":                       logs.Unknown,
		"2026-03-01 12:00:00.123 UTC [42] DEBUG3:  x":                 logs.Debug,
		"DEBUG9: x":                                  logs.Unknown,
		"2026-03-01 12:00:00 0 [Note] InnoDB: x":     logs.Info,
		"2026-03-01 12:00:00 0 [Warning] InnoDB: x":  logs.Warn,
		"2026-03-01 12:00:00 0 [ERROR] Aborting":     logs.Error,
		"Note: all is well":                          logs.Unknown,
		`[main] called "GET /a" 500 times`:           logs.Unknown,
		`[main] ERROR called "GET /a" 200 times`:     logs.Error,
		`[2026-03-01] ERROR said "GET /a" 200 times`: logs.Error,
	} {
		if got := logs.Detect(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := logs.Parse(text).Level; got != want {
			t.Errorf("Parse(%q): %q, want %q", text, got, want)
		}
	}
}

// Whatever was sent is a request of an access log.
func TestOddRequests(t *testing.T) {
	for text, want := range map[string]struct {
		level           logs.Level
		message, fields string
	}{
		`10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "-" 408 0 "-" "-"`:                 {logs.Warn, "-", "response_code=408! bytes_sent=0!"},
		`10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "" 400 0 "-" "-"`:                  {logs.Warn, "", "response_code=400! bytes_sent=0!"},
		`10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "\x16\x03\x01 \x02" 400 150`:       {logs.Warn, `\x16\x03\x01 \x02`, "response_code=400! bytes_sent=150!"},
		`10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "GET /" 200 5`:                     {logs.Info, "GET /", "method=GET path=/ response_code=200! bytes_sent=5!"},
		`10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "GET /a b" 200 5`:                  {logs.Info, "GET /a b", "method=GET path=/a b response_code=200! bytes_sent=5!"},
		`10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "GET /\"a\" HTTP/1.0" 500 5`:       {logs.Error, `GET /\"a\"`, `method=GET path=/\"a\" protocol=HTTP/1.0 response_code=500! bytes_sent=5!`},
		`[::1] - - [01/Mar/2026 12:00:00] "PRI * HTTP/2.0" 505 -`:                     {logs.Error, "PRI *", "method=PRI path=* protocol=HTTP/2.0 response_code=505!"},
		`[2026-03-01T12:00:00Z] "- - -" 0 UF 0 0 5 - "-" "-" "-" "-" "10.0.0.1:1"`:    {logs.Error, "- - -", "response_code=0! response_flags=UF bytes_received=0! bytes_sent=0! duration=5! upstream_host=10.0.0.1:1"},
		`10.0.0.1 [2026/03/01 12:00:00] shop.example "M-SEARCH * HTTP/1.1" 404 0 "-"`: {logs.Warn, "M-SEARCH *", "method=M-SEARCH path=* protocol=HTTP/1.1 response_code=404! bytes_sent=0!"},
	} {
		r := logs.Parse(text)
		if r.Format != logs.Access || r.Level != want.level || r.Message != want.message {
			t.Errorf("%s: %s %q %q", text, r.Format, r.Level, r.Message)
		}
		if diff := cmp.Diff(want.fields, fieldsText(r)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// What some loggers put into an object is told like what others do not.
func TestNested(t *testing.T) {
	for text, want := range map[string]struct{ time, message, fields string }{
		`{"timestamp":"T","level":"INFO","fields":{"message":"a \"b\"","n":1},"target":"x"}`:         {"T", `a "b"`, `fields={"n":1}! target=x`},
		`{"level":"INFO","fields":{"message":"m"}}`:                                                  {"", "m", ""},
		`{"message":"outer","fields":{"message":"m"}}`:                                               {"", "outer", `fields={"message":"m"}!`},
		`{"fields":{"message":7}}`:                                                                   {"", "", `fields={"message":7}!`},
		`{"@timestamp":"T","log":{"level":"warn","logger":"x"},"message":"m"}`:                       {"T", "m", `log={"logger":"x"}!`},
		`{"log":{"level":"warn"},"message":"m"}`:                                                     {"", "m", ""},
		`{"log":{"level":"warn"},"level":"info","message":"m"}`:                                      {"", "m", `log={"level":"warn"}!`},
		`{"t":{"$date":"2026-03-01T12:00:00.000+00:00"},"s":"I","c":"NETWORK","id":22943,"msg":"m"}`: {"2026-03-01T12:00:00.000+00:00", "m", "c=NETWORK id=22943!"},
		`{"s":"I","t":"x","msg":"m"}`:                                                                {"", "m", "s=I t=x"},
	} {
		r := logs.Parse(text)
		if r.Time != want.time || r.Message != want.message {
			t.Errorf("%s: %q %q", text, r.Time, r.Message)
		}
		if diff := cmp.Diff(want.fields, fieldsText(r)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	r := logs.Parse(`{"level":"INFO","fields":{"message":"m"}}`)
	if f, found := r.Lookup("fields.message"); !found || f.Value != "m" {
		t.Errorf("found %v", f)
	}
}
