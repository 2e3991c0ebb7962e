// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package redact takes secrets out of texts and Kubernetes objects, so that what
// a diagnosis was made of can be passed on. It errs on the side of hiding too
// much: what is left says which fields there were, not what was in them.
//
// It knows the forms that are listed with Text and Object and no others; a
// secret in a field of its own making, such as a password in a label, stays.
package redact

import (
	"regexp"
	"slices"
	"strings"
)

// Mark stands for what was taken out.
const Mark = "REDACTED"

// Text hides in a text
//
//   - PEM blocks of private keys, also when the end is cut off;
//   - JSON Web Tokens, and the private members of JSON Web Keys;
//   - tokens whose form tells whose they are: AWS access keys, GitHub, GitLab,
//     Slack, Google, Stripe, OpenAI and npm;
//   - what follows Bearer, Basic, or a header such as Authorization;
//   - user and password of URLs (with a name, the password only) and of
//     Go's form of a database address, user:password@tcp(host);
//   - values after a name with password, passphrase, secret, token, credential,
//     API key, access key, account key or private key in it: name=value,
//     "name": "value", --name value, and name: value at the start of a line.
//
// A value ends at the next blank or quote, a quoted one at its closing quote. The
// texts around stay. Redacting twice changes nothing more.
func Text(s string) string {
	if len(s) < shortest {
		return s
	}
	// What one form leaves may look like another: until nothing changes. Each
	// round hides something that was not hidden, so there are few; the limit is
	// for texts that are made to have many.
	for range maxRounds {
		next := round(s)
		if next == s {
			return s
		}
		s = next
	}
	return Mark
}

// shortest is the length of the shortest text that can hold anything to hide: "pwd=x".
const shortest = 5

const maxRounds = 16

// form is one way a secret is written. Only texts that hold one of hints, in
// lower case, are matched: most have none, and matching costs much more.
type form struct {
	hints   []string
	pattern *regexp.Regexp
	instead string
}

// names are what the names of secrets have in them, in any case.
const names = `(?:passw(?:or)?d|passphrase|passwd|pwd|secret|token|credential|api[-_.]?key|access[-_.]?key|account[-_.]?key|private[-_.]?key|signing[-_.]?key|encryption[-_.]?key)`

var nameHints = []string{"pass", "pwd", "secret", "token", "credential", "key"}

const (
	name = `[\w.-]*` + names + `[\w.-]*`
	bare = `[^\s"'` + "`" + `]+`
	// value is quoted, perhaps without an end, or goes on to the next blank or quote.
	value = `(?:"(?:[^"\\]|\\(?s:.))*"?|'[^']*'?|` + bare + `)`
)

var forms = []form{
	{[]string{"private key"}, regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)`), Mark},
	{[]string{"eyj"}, regexp.MustCompile(`eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*){0,3}`), Mark},
	{[]string{`"k`, `"d`, `"p`, `"q`}, regexp.MustCompile(`("(?:k|d|p|q|dp|dq|qi)"\s*:\s*")[^"]*("?)`), "${1}" + Mark + "${2}"},
	{[]string{"akia", "asia"}, regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{12,}`), Mark},
	{
		[]string{"gh", "glpat-", "xox", "aiza", "sk_", "rk_", "sk-", "npm_"},
		regexp.MustCompile(`\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|[sr]k_(?:live|test)_\w{10,}|sk-[\w-]{20,}|npm_\w{20,})`), Mark,
	},
	{[]string{"authorization", "api-key", "auth-token", "cookie"}, regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|x-api-key|x-auth-token|(?:set-)?cookie)(\\*["']?[ \t]*[:=][ \t]*\\*["']?)[^\r\n"'` + "`" + `]*[^\s"'` + "`" + `\\]`), "${1}${2}" + Mark},
	{[]string{"bearer", "basic"}, regexp.MustCompile(`(?i)\b(bearer|basic)([ \t]+)[\w.~+/=:-]{6,}`), "${1}${2}" + Mark},
	{[]string{"://"}, regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@"'` + "`" + `]*:)[^\s"'` + "`" + `]+@`), "${1}" + Mark + "@"},
	{[]string{"://"}, regexp.MustCompile(`(https?://)[^\s/?#:@"'` + "`" + `]+@`), "${1}" + Mark + "@"},
	{[]string{"@tcp(", "@unix("}, regexp.MustCompile(`([^\s:@/"'` + "`" + `=]+:)[^\s"'` + "`" + `]+(@(?:tcp|unix)\()`), "${1}" + Mark + "${2}"},
	{nameHints, regexp.MustCompile(`(?i)(` + name + `=)` + value), "${1}\x00"},
	{nameHints, regexp.MustCompile(`(?i)((?:^|\s)--?` + name + `[ \t]+)(?:"(?:[^"\\]|\\(?s:.))*"?|'[^']*'?|[^\s"'` + "`" + `-][^\s"'` + "`" + `]*)`), "${1}\x00"},
	{nameHints, regexp.MustCompile(`(?i)(["']` + name + `["']\s*:\s*)(?:"(?:[^"\\]|\\(?s:.))*"?|'[^']*'?|[^\s"'{}\[\],]+)`), "${1}\x00"},
	{nameHints, regexp.MustCompile(`(?i)(\\+"` + name + `\\+"\s*:\s*\\+")[^"\\]+`), "${1}" + Mark},
	{nameHints, regexp.MustCompile(`(?im)(^[ \t]*(?:- )?` + name + `:[ \t]+)(?:"(?:[^"\\]|\\(?s:.))*"?|'[^']*'?|[^\s"'|>&*{\[][^\r\n]*)`), "${1}\x00"},
}

// round hides each form once.
func round(s string) string {
	lower := strings.ToLower(s)
	for _, f := range forms {
		if !f.hinted(lower) {
			continue
		}
		if instead, keepsQuotes := strings.CutSuffix(f.instead, "\x00"); keepsQuotes {
			s = hideValue(s, f.pattern)
		} else {
			s = f.pattern.ReplaceAllString(s, instead)
		}
	}
	return s
}

func (f form) hinted(lower string) bool { return anyIn(lower, f.hints) }

func anyIn(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// hideValue replaces what follows the first group of a match and keeps the
// quotes around it, so that YAML and JSON stay what they are.
func hideValue(s string, pattern *regexp.Regexp) string {
	var b strings.Builder
	done := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[done:at[3]])
		open, closing := "", ""
		if v := s[at[3]:at[1]]; v[0] == '"' || v[0] == '\'' {
			open = v[:1]
			if len(v) > 1 && v[len(v)-1] == v[0] {
				closing = open
			}
		}
		b.WriteString(open + Mark + closing)
		done = at[1]
	}
	b.WriteString(s[done:])
	return b.String()
}
