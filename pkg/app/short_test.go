// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

func TestParsePort(t *testing.T) {
	for text, want := range map[string]string{
		"8080":             "http {8080 0  }",
		"80:8080":          "http {80 8080  }",
		"grpc=9000":        "grpc {9000 0  }",
		"dns=53:5353/udp":  "dns {53 5353 UDP }",
		"db=1/tcp":         "db {1 0 TCP tcp}",
		"http=1/tcp":       "http {1 0 TCP }",
		"9000/grpc":        "grpc {9000 0  grpc}",
		"cache=6379/redis": "cache {6379 0  redis}",
		"0":                `expected a port as [NAME=]PORT[:TARGET][/PROTO], found "0"`,
		"65536":            `expected a port as [NAME=]PORT[:TARGET][/PROTO], found "65536"`,
		"80:":              `expected a port as [NAME=]PORT[:TARGET][/PROTO], found "80:"`,
		"=80":              `expected a port as [NAME=]PORT[:TARGET][/PROTO], found "=80"`,
		"80/":              `expected a port as [NAME=]PORT[:TARGET][/PROTO], found "80/"`,
		"-1":               `expected a port as [NAME=]PORT[:TARGET][/PROTO], found "-1"`,
		"80/gprc":          `expected a protocol (grpc, grpc-web, http, http2, https, kubernetes.io/h2c, kubernetes.io/ws, kubernetes.io/wss, mongo, mysql, redis, sctp, tcp, tls, udp), found "gprc"`,
	} {
		name, p, err := app.ParsePort(text)
		got := fmt.Sprintf("%s %v", name, p)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestParseScale(t *testing.T) {
	for text, want := range map[string]api.Scale{
		"3..10": {Min: 3, Max: 10}, "1..2:cpu=70": {Min: 1, Max: 2, CPU: 70}, "1..2:cpu=70%": {Min: 1, Max: 2, CPU: 70},
		"3": {}, "3..": {}, "a..b": {}, "0..3": {}, "1..2:memory=70": {}, "1..2:cpu=": {}, "1..2:cpu=0": {},
	} {
		got, err := app.ParseScale(text)
		if (err != nil) != (want == api.Scale{}) || got != want {
			t.Errorf("%q: %v and %v, want %v", text, got, err, want)
		}
	}
}

func TestParseHealth(t *testing.T) {
	for text, want := range map[string]api.Health{
		"/livez,/readyz": {Live: "/livez", Ready: "/readyz"}, "/health": {Live: "/health"}, "grpc": {Live: "grpc"}, "exec:/bin/a x,y": {Live: "exec:/bin/a x,y"}, "": {},
	} {
		if diff := cmp.Diff(want, app.ParseHealth(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// FuzzParse reads what a command line may hold: what is read is within bounds.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"8080", "a=1:2/udp", "3..10:cpu=70", "1..", "/a,/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if name, p, err := app.ParsePort(text); err == nil && (name == "" || p.Port < 1 || p.Port > 65535 || p.Target < 0 || p.Target > 65535) {
			t.Errorf("%q is %s %v", text, name, p)
		}
		if s, err := app.ParseScale(text); err == nil && (s.Min < 1 || s.Max < 1 || s.CPU < 0) {
			t.Errorf("%q is %v", text, s)
		}
		app.ParseHealth(text)
	})
}
