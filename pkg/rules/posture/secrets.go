// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

// shapes are the forms of secrets that tell by themselves what they are.
var shapes = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"a private key", regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----`)},
	{"a JSON Web Token", regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]{8,}\.`)},
	{"an access key of AWS", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"a token of GitHub", regexp.MustCompile(`\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,})`)},
	{"a token of GitLab", regexp.MustCompile(`\bglpat-[\w-]{16,}`)},
	{"a token of Slack", regexp.MustCompile(`\bxox[abprs]-[\w-]{10,}`)},
	{"a key of Stripe", regexp.MustCompile(`\b[sr]k_live_\w{10,}`)},
	{"an address with a password", regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s/:@"'$<{]*:[^\s/@"'$<{]+@`)},
}

// shaped names the secret that a text holds, by its form; empty for none.
func shaped(text string) string {
	for _, s := range shapes {
		if s.pattern.MatchString(text) {
			return s.name
		}
	}
	return ""
}

// about are the last words of names that speak of a secret and do not hold it.
var about = regexp.MustCompile(`(?i)(?:^|[_.-])(?:file|files|path|dir|name|names|url|uri|host|hostname|port|id|ttl|expiry|expiration|timeout|seconds|minutes|enabled|disabled|type|header|algorithm|alg|issuer|audience|endpoint|prefix|ref|version|length|size|count|limit|mode|class|store|provider|interval|policy|required|namespace|claim|field|method|mount)$`)

// humps are where a word of a name begins without a separator: secretName.
var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// harmless are values that are no secret, whatever they are called: references,
// paths, flags and numbers.
var harmless = regexp.MustCompile(`^(?:\$.*|<.*|\{.*|\[.*|%.*|/.*|\./.*|~.*|(?i:true|false|yes|no|on|off|none|null|nil)|-?[0-9.]+[a-z]{0,2}|` + redact.Mark + `)$`)

// named reports whether a value is a secret by what it is called.
func named(name, value string) bool {
	value = strings.Trim(strings.TrimSpace(value), `"'`)
	words := humps.ReplaceAllString(name, "${1}_${2}")
	return len(value) >= 4 && !strings.ContainsAny(value, " \t\n") && !harmless.MatchString(value) &&
		!strings.Contains(value, "://") && redact.Name(name) && !about.MatchString(words) && !strings.Contains(strings.ToLower(name), "public")
}

// assignment is a line of a file that gives a name a value.
var assignment = regexp.MustCompile(`(?m)^[ \t]*(?:- |export |--)?["']?([A-Za-z_][\w.-]*)["']?[ \t]*[:=][ \t]*(\S+)[ \t]*,?$`)

// secretLine finds a name that a text gives a secret to.
func secretLine(text string) (name string, found bool) {
	for _, m := range assignment.FindAllStringSubmatch(text, -1) {
		if named(m[1], strings.TrimSuffix(m[2], ",")) {
			return m[1], true
		}
	}
	return "", false
}

// option is a word of a command line that gives a flag or a variable a value.
var option = regexp.MustCompile(`^-{0,2}([A-Za-z_][\w.-]*)=(.+)$`)

// secretWord says what is secret about a word of a command line, given the one
// before it; empty for nothing.
func secretWord(before, word string) string {
	if m := option.FindStringSubmatch(word); m != nil && named(m[1], m[2]) {
		return "the value of " + m[1]
	}
	if flag := strings.TrimLeft(before, "-"); flag != before && !strings.Contains(before, "=") && !strings.HasPrefix(word, "-") && named(flag, word) {
		return "the value of --" + flag
	}
	return shaped(word)
}
