// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// A bound that is read is a number, and its own spelling is read as the same one.
func FuzzParseLE(f *testing.F) {
	for _, s := range []string{"1", "1.0", "+Inf", "-Inf", "NaN", "1e400", "0x1p-2", "", "1_0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := signals.ParseLE(s)
		if err == nil && math.IsNaN(v) {
			t.Errorf("%q is NaN", s)
		}
	})
}

// unquote reads a string literal of the exposition format, in the words of its
// specification: three escapes, everything else stands for itself.
func unquote(t *testing.T, s string) string {
	t.Helper()
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		t.Fatalf("%s is not quoted", s)
	}
	var out strings.Builder
	for body := s[1 : len(s)-1]; body != ""; {
		switch {
		case body[0] == '"' || body[0] == '\n':
			t.Fatalf("%s ends early", s)
		case body[0] == '\\':
			if len(body) < 2 || !strings.Contains(`\"n`, body[1:2]) {
				t.Fatalf("%s has a bad escape", s)
			}
			out.WriteString(map[byte]string{'\\': `\`, '"': `"`, 'n': "\n"}[body[1]])
			body = body[2:]
			continue
		default:
			out.WriteByte(body[0])
		}
		body = body[1:]
	}
	return out.String()
}

// No value gets out of its quotes, and a matcher selects its values only, as
// PromQL reads it (an anchored regular expression) and as Matches does.
func FuzzMatcher(f *testing.F) {
	for _, s := range [][3]string{{"reviews-v1", "reviews-v2", "reviews-v10"}, {`a"} or up`, "b", "c"}, {"a.b", "c", "aXb"}, {`\`, "\n", "|"}, {"(", "", ".*"}} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, a, b, other string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || !utf8.ValidString(other) {
			return
		}
		if got := unquote(t, signals.Quote(a)); got != a {
			t.Errorf("%q comes back as %q", a, got)
		}
		m := signals.Equal("x", a, b)
		text := m.String()
		pattern, regex := strings.CutPrefix(text, "x=~")
		if !regex {
			if a != b || unquote(t, strings.TrimPrefix(text, "x=")) != a {
				t.Errorf("%s for %q and %q", text, a, b)
			}
			return
		}
		re, err := regexp.Compile("^(?s:" + unquote(t, pattern) + ")$")
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{a, b, other} {
			want := v == a || v == b
			if re.MatchString(v) != want || m.Matches(signals.Labels{{Name: "x", Value: v}}) != want {
				t.Errorf("%s and %q: %v and %v, want %v", text, v, re.MatchString(v), m.Matches(signals.Labels{{Name: "x", Value: v}}), want)
			}
		}
		if not := signals.NotEqual("x", a, b); not.Matches(signals.Labels{{Name: "x", Value: other}}) != (other != a && other != b) {
			t.Errorf("%s and %q", not, other)
		}
	})
}

// Whatever the labels and values, folding makes no number that JSON cannot hold.
func FuzzFold(f *testing.F) {
	f.Add("req", "200", "-", 1.0, "1", 2.0)
	f.Add("lat", "0", "UF,URX", math.NaN(), "+Inf", math.Inf(1))
	f.Add("req", "200", "-", math.MaxFloat64, "1", math.MaxFloat64)
	f.Add("", "", "", -1.0, "x", 1e308)
	f.Fuzz(func(t *testing.T, tag, code, flags string, value float64, le string, other float64) {
		row := req(value, "source", "web", "cart", "cart-v1", "")
		row.Labels = append(row.Labels[1:], signals.Label{Name: "_q", Value: tag}, signals.Label{Name: "le", Value: le}, signals.Label{Name: "grpc_response_status", Value: code}, signals.Label{Name: "response_flags", Value: flags})
		v := append(buckets("source", "web", "cart", "cart-v1", "25=1 +Inf=2"), row, req(other, "source", "web", "cart", "cart-v1", "500"))
		table := signals.Fold(v, options(t, signals.Client, signals.ByService))
		for _, g := range table.Groups {
			for _, x := range []*float64{g.Success(), g.ClientErrorShare()} {
				if x != nil && !(*x >= 0 && *x <= 1) {
					t.Errorf("a share of %v", *x)
				}
			}
			if e := g.Latency.Quantile(0.5); e != nil && (math.IsNaN(e.Value) || math.IsInf(e.Value, 0)) {
				t.Errorf("%+v", e)
			}
			_ = signals.Why(g)
		}
	})
}
