// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// samples are lines of the loggers there are, with what they say.
var samples = []struct {
	name, text string
	level      logs.Level
	format     logs.Format
	message    string
	fields     string
}{
	{"zap", `{"level":"error","ts":1772366400.123,"caller":"pay/main.go:12","msg":"payment failed","order":17}`, logs.Error, logs.JSON, "payment failed", "caller=pay/main.go:12 order=17!"},
	{"zap dpanic", `{"level":"dpanic","msg":"x"}`, logs.Fatal, logs.JSON, "x", ""},
	{"logrus", `{"level":"warning","msg":"slow","time":"2026-03-01T12:00:00Z"}`, logs.Warn, logs.JSON, "slow", ""},
	{"zerolog", `{"time":1772366400,"level":"trace","message":"tick"}`, logs.Trace, logs.JSON, "tick", ""},
	{"bunyan", `{"name":"web","hostname":"h","pid":1,"level":50,"msg":"boom","time":"2026-03-01T12:00:00.000Z","v":0}`, logs.Error, logs.JSON, "boom", "name=web hostname=h pid=1! v=0!"},
	{"pino", `{"level":35,"time":1772366400000,"msg":"custom"}`, logs.Info, logs.JSON, "custom", ""},
	{"gelf", `{"version":"1.1","level":4,"short_message":"disk"}`, logs.Warn, logs.JSON, "disk", "version=1.1"},
	{"logback", `{"@timestamp":"2026-03-01T12:00:00Z","@version":"1","message":"m","logger_name":"c.S","level":"WARN","level_value":30000}`, logs.Warn, logs.JSON, "m", "@version=1 logger_name=c.S level_value=30000!"},
	{"slog", `{"time":"2026-03-01T12:00:00Z","level":"WARN+1","msg":"m","user":{"id":7}}`, logs.Warn, logs.JSON, "m", `user={"id":7}!`},
	{"ecs", `{"@timestamp":"t","log.level":"ERROR","message":"e"}`, logs.Error, logs.JSON, "e", ""},
	{"google", `{"severity":"CRITICAL","message":"down"}`, logs.Fatal, logs.JSON, "down", ""},
	{"serilog", `{"@t":"t","@m":"hello","@l":"Debug"}`, logs.Debug, logs.JSON, "hello", ""},
	{"blanks", "  { \"msg\" : \"a \\\"b\\\"\" , \"level\" : \"info\" }  ", logs.Info, logs.JSON, `a "b"`, ""},
	{"nested level is not the level", `{"user":{"level":"error"},"msg":"x"}`, logs.Unknown, logs.JSON, "x", `user={"level":"error"}!`},
	{"a level that is none", `{"level":"boss","msg":"x"}`, logs.Unknown, logs.JSON, "x", "level=boss"},
	{"two levels", `{"level":"warn","severity":"error","msg":"x"}`, logs.Warn, logs.JSON, "x", "severity=error"},
	{"cut off", `{"level":"error","msg":"a long`, logs.Error, logs.Text, `{"level":"error","msg":"a long`, ""},
	{"envoy json", `{"method":"GET","path":"/a","response_code":503,"response_flags":"UF","duration":3}`, logs.Error, logs.JSON, "GET /a", "method=GET path=/a response_code=503! response_flags=UF duration=3!"},
	{"envoy json without an answer", `{"method":"GET","path":"/a","response_code":0}`, logs.Error, logs.JSON, "GET /a", "method=GET path=/a response_code=0!"},
	{"klog", `E0301 12:00:00.123456       1 reconciler.go:42] "Sync failed" pod="shop/web" err="no such \"x\""`, logs.Error, logs.Klog, "Sync failed", `pod=shop/web err=no such "x" caller=reconciler.go:42`},
	{"klog text", `I0301 12:00:00.123456 1 main.go:1] started error counter`, logs.Info, logs.Klog, "started error counter", "caller=main.go:1"},
	{"logfmt", `ts=2026-03-01T12:00:00Z level=warn msg="slow query" took=1.5s n=3`, logs.Warn, logs.Logfmt, "slow query", "took=1.5s n=3!"},
	{"logrus text", `time="2026-03-01T12:00:00Z" level=fatal msg=bye`, logs.Fatal, logs.Logfmt, "bye", ""},
	{"envoy text", `[2026-03-01T12:00:00.000Z] "GET /orders HTTP/1.1" 503 UF 0 91 5 - "-" "curl/8" "id-1" "order-service:8080" "10.0.0.1:8080"`, logs.Error, logs.Access, "GET /orders",
		"method=GET path=/orders protocol=HTTP/1.1 response_code=503! response_flags=UF bytes_received=0! bytes_sent=91! duration=5! user_agent=curl/8 request_id=id-1 authority=order-service:8080 upstream_host=10.0.0.1:8080"},
	{"istio text", `[2026-03-01T12:00:00.000Z] "POST /pay HTTP/2" 200 - via_upstream - "-" 5 7 12 11 "-" "grpc" "id" "pay:80" "10.0.0.2:80" outbound|80||pay 10.0.0.1:1 10.0.0.2:80 10.0.0.1:2 - default`, logs.Info, logs.Access, "POST /pay",
		"method=POST path=/pay protocol=HTTP/2 response_code=200! response_code_details=via_upstream bytes_received=5! bytes_sent=7! duration=12! upstream_service_time=11! user_agent=grpc request_id=id authority=pay:80 upstream_host=10.0.0.2:80 upstream_cluster=outbound|80||pay upstream_local_address=10.0.0.1:1 downstream_local_address=10.0.0.2:80 downstream_remote_address=10.0.0.1:2 route_name=default"},
	{"common log", `10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "GET /error HTTP/1.1" 404 153 "-" "curl/8"`, logs.Warn, logs.Access, "GET /error", "method=GET path=/error protocol=HTTP/1.1 response_code=404! bytes_sent=153! user_agent=curl/8"},
	{"logback text", "2026-03-01 12:00:00.123  WARN 1 --- [main] c.s.Web : slow", logs.Warn, logs.Text, "2026-03-01 12:00:00.123  WARN 1 --- [main] c.s.Web : slow", ""},
	{"python", "ERROR:root:no route", logs.Error, logs.Text, "ERROR:root:no route", ""},
	{"nginx", "2026/03/01 12:00:00 [crit] 7#7: no memory", logs.Fatal, logs.Text, "2026/03/01 12:00:00 [crit] 7#7: no memory", ""},
	{"istio proxy", "2026-03-01T12:00:00.0Z\twarn\tca\tslow", logs.Warn, logs.Text, "2026-03-01T12:00:00.0Z\twarn\tca\tslow", ""},
	{"envoy", "[2026-03-01 12:00:00.000][12][warning][config] [source/a.cc:1] gone", logs.Warn, logs.Text, "[2026-03-01 12:00:00.000][12][warning][config] [source/a.cc:1] gone", ""},
	{"panic", "panic: runtime error: index out of range", logs.Fatal, logs.Text, "panic: runtime error: index out of range", ""},
	{".NET", "fail: Kestrel[13]", logs.Error, logs.Text, "fail: Kestrel[13]", ""},
	{"PostgreSQL", "2026-03-01 12:00:00.123 UTC [42] LOG:  database system is ready", logs.Info, logs.Text, "2026-03-01 12:00:00.123 UTC [42] LOG:  database system is ready", ""},
	{"traceback", "Traceback (most recent call last):", logs.Error, logs.Text, "Traceback (most recent call last):", ""},
	{"a sentence", "there was no error and no warning today", logs.Unknown, logs.Text, "there was no error and no warning today", ""},
	{"a path", "GET /ERROR/INFO", logs.Unknown, logs.Text, "GET /ERROR/INFO", ""},
	{"a protocol", "listening on HTTP port 80", logs.Unknown, logs.Text, "listening on HTTP port 80", ""},
	{"far away", strings.Repeat("x ", 60) + "ERROR", logs.Unknown, logs.Text, strings.Repeat("x ", 60) + "ERROR", ""},
	{"a sum", "a=b is no pair of a level", logs.Unknown, logs.Text, "a=b is no pair of a level", ""},
	{"empty", "", logs.Unknown, logs.Text, "", ""},
	{"an array", `["level","error"]`, logs.Unknown, logs.Text, `["level","error"]`, ""},
}

func fieldsText(r logs.Record) string {
	var out []string
	for _, f := range r.Fields {
		text := f.Key + "=" + f.Value
		if f.Raw {
			text += "!"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestParse(t *testing.T) {
	for _, c := range samples {
		t.Run(c.name, func(t *testing.T) {
			r := logs.Parse(c.text)
			if got := logs.Detect(c.text); got != c.level {
				t.Errorf("Detect: %q, want %q", got, c.level)
			}
			if r.Level != c.level || r.Format != c.format || r.Message != c.message {
				t.Errorf("%q %s %q, want %q %s %q", r.Level, r.Format, r.Message, c.level, c.format, c.message)
			}
			if diff := cmp.Diff(c.fields, fieldsText(r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseLevel(t *testing.T) {
	for word, want := range map[string]logs.Level{
		"WARN": logs.Warn, "Warning": logs.Warn, "INFO-4": logs.Info, "e": logs.Error, "30": logs.Info, "60": logs.Fatal, "99": logs.Fatal,
		"0": logs.Fatal, "3": logs.Error, "6": logs.Info, "7": logs.Debug, "20": logs.Debug, "Information": logs.Info,
	} {
		if got, ok := logs.ParseLevel(word); !ok || got != want {
			t.Errorf("%q: %q %t, want %q", word, got, ok, want)
		}
	}
	for _, word := range []string{"", "8", "-1", "100", "x", "warn!", "informationalist", "+1"} {
		if got, ok := logs.ParseLevel(word); ok {
			t.Errorf("%q: %q, want none", word, got)
		}
	}
	for _, name := range logs.Levels() {
		if l, ok := logs.ParseLevel(name); !ok || l.String() != name {
			t.Errorf("%q is read as %q", name, l)
		}
	}
}

func TestFilter(t *testing.T) {
	where, err := logs.ParseWhere("status>=500")
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		`{"level":"info","msg":"fine","status":200}`,
		"  at main.go:1",
		`{"level":"error","msg":"bad","status":503}`,
		"\tat main.go:2",
		"plain words",
		"  indented DEBUG words",
		`{"broken`,
	}
	for _, c := range []struct {
		name   string
		filter *logs.Filter
		want   []int
	}{
		{"all", &logs.Filter{}, []int{0, 1, 2, 3, 4, 5, 6}},
		{"level", &logs.Filter{Level: logs.Warn}, []int{2, 3, 4, 6}},
		{"include", &logs.Filter{Include: []*regexp.Regexp{regexp.MustCompile("main"), regexp.MustCompile("plain")}}, []int{1, 3, 4}},
		{"exclude", &logs.Filter{Exclude: []*regexp.Regexp{regexp.MustCompile("main"), regexp.MustCompile("plain")}}, []int{0, 2, 5, 6}},
		{"json only", &logs.Filter{JSONOnly: true}, []int{0, 2}},
		{"where", &logs.Filter{Where: where}, []int{2}},
		{"together", &logs.Filter{Level: logs.Error, Where: where, Exclude: []*regexp.Regexp{regexp.MustCompile("bad")}}, nil},
	} {
		var got []int
		s := c.filter.Stream()
		for i, text := range lines {
			if s.Keep(text) {
				got = append(got, i)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
