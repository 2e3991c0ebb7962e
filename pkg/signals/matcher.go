// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"regexp"
	"slices"
	"strings"
)

// Matcher selects series by one label. Regular expressions in PromQL are
// anchored at both ends, so reviews-v1 never selects reviews-v10.
type Matcher struct {
	name   string
	values []string
	not    bool
}

// Equal selects the series whose label is one of values; with none, those that
// do not have the label.
func Equal(name string, values ...string) Matcher {
	return Matcher{name: name, values: unique(values)}
}

// NotEqual selects the series whose label is none of values; with none, those
// that have the label.
func NotEqual(name string, values ...string) Matcher {
	return Matcher{name: name, values: unique(values), not: true}
}

func unique(values []string) []string {
	out := slices.Clone(values)
	slices.Sort(out)
	return slices.Compact(out)
}

// Matches reports whether a series is selected, for the sources that have no
// query language.
func (m Matcher) Matches(l Labels) bool {
	v := l.Get(m.name)
	found := slices.Contains(m.values, v) || (len(m.values) == 0 && v == "")
	return found != m.not
}

// String returns the matcher in PromQL. Values are names, not patterns: their
// regex characters are escaped.
func (m Matcher) String() string {
	op, value := "=", ""
	switch len(m.values) {
	case 0:
	case 1:
		value = m.values[0]
	default:
		op = "=~"
		escaped := make([]string, len(m.values))
		for i, v := range m.values {
			escaped[i] = regexp.QuoteMeta(v)
		}
		value = strings.Join(escaped, "|")
	}
	if m.not {
		op = map[string]string{"=": "!=", "=~": "!~"}[op]
	}
	return labelName(m.name) + op + Quote(value)
}

// Quote returns s as a string literal of PromQL and of the exposition format: a
// backslash, a quote and a line feed are escaped, everything else stands for itself.
func Quote(s string) string {
	return `"` + escaper.Replace(s) + `"`
}

var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// labelName quotes the names that only Prometheus 3 knows.
func labelName(name string) string {
	if plain(name, false) {
		return name
	}
	return Quote(name)
}

// plain reports whether a name needs no quotes in any version of Prometheus:
// letters, digits and underscores, and colons in a metric's.
func plain(name string, metric bool) bool {
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case c >= '0' && c <= '9' && i > 0:
		case c == ':' && metric:
		default:
			return false
		}
	}
	return name != ""
}

// selector returns a metric with its matchers: name{a="b"}, or {"na.me",a="b"}
// for a name that needs quotes.
func selector(metric string, matchers []Matcher) string {
	var parts []string
	head := metric
	if !plain(metric, true) {
		head, parts = "", []string{Quote(metric)}
	}
	for _, m := range matchers {
		parts = append(parts, m.String())
	}
	if len(parts) == 0 {
		return head
	}
	return head + "{" + strings.Join(parts, ",") + "}"
}
