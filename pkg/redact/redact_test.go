// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

const (
	jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
	pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "Back-off restarting failed container app in pod web-1", ""},
		{"a key", "a\n" + pem + "\nb", "a\nREDACTED\nb"},
		{"an EC key", "-----BEGIN EC PRIVATE KEY-----x-----END EC PRIVATE KEY-----", "REDACTED"},
		{"a cut key", "a -----BEGIN PRIVATE KEY-----\nMIIE\nabc", "a REDACTED"},
		{"a certificate", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", ""},
		{"a JWT", "invalid: " + jwt + ".", "invalid: REDACTED"},
		{"a JWT in quotes", `{"a":"` + jwt + `"}`, `{"a":"REDACTED"}`},
		{"a JWK", `{"kty":"oct","k":"c2VjcmV0","kid":"1"}`, `{"kty":"oct","k":"REDACTED","kid":"1"}`},
		{"a public JWK", `{"kty":"RSA","n":"abc","e":"AQAB"}`, ""},
		{"AWS", "id AKIAIOSFODNN7EXAMPLE.", "id REDACTED."},
		{"AWS secret", "aws_secret_access_key = wJalrXUt", ""}, // with blanks it is prose
		{"AWS secret, set", "aws_secret_access_key=wJalrXUt", "aws_secret_access_key=REDACTED"},
		{"GitHub", "ghp_0123456789abcdefghij", "REDACTED"},
		{"Slack", "xoxb-1234567890-abc", "REDACTED"},
		{"bearer", "got 401 with Bearer abc.def-123", "got 401 with Bearer REDACTED"},
		{"basic", "Basic dXNlcjpwYXNz to x", "Basic REDACTED to x"},
		{"a header", "Authorization: Digest a b c\nHost: x", "Authorization: REDACTED\nHost: x"},
		{"a header in JSON", `{"Authorization": "x y"}`, `{"Authorization": "REDACTED"}`},
		{"a URL", `Get "https://me:pa:ss@w@host:80/x?y": EOF`, `Get "https://me:REDACTED@host:80/x?y": EOF`},
		{"a URL without a name", "redis://:hunter2@host", "redis://:REDACTED@host"},
		{"a URL with a token", "https://abc123@github.com/x", "https://REDACTED@github.com/x"},
		{"a URL without user", "http://host:80/a/b", ""},
		{"an image", `pull "ghcr.io/a/b:1@sha256:0123" failed`, ""},
		{"MySQL", "me:hunter2@tcp(db:3306)/x", "me:REDACTED@tcp(db:3306)/x"},
		{"a pair", "x password=hunter2 y", "x password=REDACTED y"},
		{"pairs", "PGPASSWORD=a;b api_key=c,d", "PGPASSWORD=REDACTED api_key=REDACTED"},
		{"in quotes", `token="a b" next`, `token="REDACTED" next`},
		{"in open quotes", `token='a b`, `token='REDACTED`},
		{"an escaped quote", `token="a\"b c" next`, `token="REDACTED" next`},
		{"a flag", "mysql --password hunter2 -u me", "mysql --password REDACTED -u me"},
		{"a flag without a value", "login --token --quiet", ""},
		{"JSON", `{"password": "hunter2", "pin_token": 1234, "a": 1}`, `{"password": "REDACTED", "pin_token": REDACTED, "a": 1}`},
		{"JSON in JSON", `{\"password\":\"hunter2\",\"a\":1}`, `{\"password\":\"REDACTED\",\"a\":1}`},
		{"YAML", "a: 1\n  clientSecret: hunter 2\nb: 2", "a: 1\n  clientSecret: REDACTED\nb: 2"},
		{"an account", "AccountName=a;AccountKey=abc==", "AccountName=a;AccountKey=REDACTED"},
		{"a missing Secret", `secret "db-password" not found`, ""},
		{"a missing key", "couldn't find key password in Secret shop/db", ""},
		{"prose", "error: the token has expired: log in again", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want == "" {
				c.want = c.in
			}
			got := redact.Text(c.in)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if again := redact.Text(got); again != got {
				t.Errorf("again: %q", again)
			}
		})
	}
}

// planted are the documented forms; %s is the secret.
var planted = []string{
	"x password=% y", "x TOKEN=% y", "db_passwd=%", "a: 1\n  apiKey: %\nb: 2", `{"client_secret":"%"}`, `{"private-key": "%", "a": 1}`,
	"run --secret % -x", "run -token %", `password="%"`, "credential='%'", "postgres://me:%@host/db", "amqp://:%@host", "https://%@host/x", "me:%@tcp(host)/x",
	"Bearer %%%%%%", "Authorization: Basic %", "proxy-authorization: a b %", "-----BEGIN PRIVATE KEY-----\n%\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n%",
	"accountkey=%", "signing_key=%", "access.key=%", `\"passphrase\":\"%\"`,
}

// secretOf makes of anything a secret that Text must find in all forms.
func secretOf(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	return "Zq9" + s + "9qZ"
}

func FuzzText(f *testing.F) {
	for _, form := range planted {
		f.Add(form, "hunter2", "before "+form+" after")
	}
	f.Add(`token="\`, "", "\\\"token\\\":\\\"a")
	f.Fuzz(func(t *testing.T, text, secret, around string) {
		once := redact.Text(text)
		if twice := redact.Text(once); twice != once {
			t.Fatalf("%q became %q, then %q", text, once, twice)
		}
		secret = secretOf(secret)
		for _, form := range planted {
			in := strings.ReplaceAll(form, "%", secret)
			for _, in := range []string{in, "\n" + in + "\n", text + "\n" + in + "\n" + around} {
				quotes := strings.Count(text, `"`) + strings.Count(text, "'") + strings.Count(text, "`")
				if got := redact.Text(in); strings.Contains(got, secret) && quotes == 0 && !strings.Contains(around+text, secret) {
					t.Fatalf("%q became %q", in, got)
				}
			}
		}
	})
}
