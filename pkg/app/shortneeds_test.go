// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// parsers read what a command line says of what a service needs, as text.
var parsers = map[string]func(text string) (string, error){
	"backing": func(text string) (string, error) {
		name, b, err := app.ParseBacking(text, "shop")
		return fmt.Sprintf("%s %s %d %s", name, b.Host, b.Port, b.Protocol), err
	},
	"external": func(text string) (string, error) {
		name, e, err := app.ParseExternal(text)
		return fmt.Sprintf("%s %s %d %s", name, e.Host, e.Port, e.Protocol), err
	},
	"volume": func(text string) (string, error) {
		v, err := app.ParseVolume(text)
		return fmt.Sprintf("%s %s %s %s", v.Name, v.Mount, v.Size, v.Class), err
	},
	"secret": func(text string) (string, error) {
		s, err := app.ParseSecret(text)
		return fmt.Sprintf("%s %s %s", s.Name, s.Mount, s.External), err
	},
	"metrics": func(text string) (string, error) {
		m, err := app.ParseMetrics(text)
		return fmt.Sprintf("%s %s", m.Port, m.Path), err
	},
}

func TestParseNeeds(t *testing.T) {
	const (
		backing  = "expected a Service as NAME[.NAMESPACE]:PORT[/PROTO], found %q"
		external = "expected what is outside as NAME=HOST:PORT[/PROTO], found %q"
		volume   = "expected a volume as NAME=/DIRECTORY:SIZE[:CLASS], found %q"
		secret   = "expected the name of a Secret and a directory, SECRET=/DIRECTORY[@STORE/KEY], found "
		metrics  = "expected where metrics are as PORT-NAME[:PATH], found %q"
	)
	for _, c := range []struct{ parser, text, want string }{
		{"backing", "users:8080", "users users.shop.svc 8080"},
		{"backing", "redis.data:6379/redis", "redis redis.data.svc 6379 redis"},
		{"backing", "users", backing},
		{"backing", "users:http", backing},
		{"backing", "users:0", backing},
		{"backing", "users:80/", backing},
		{"backing", "Users:80", backing},
		{"backing", "a.b.c:80", backing},
		{"backing", "a.:80", backing},
		{"backing", ".b:80", backing},
		{"backing", "dns:53/udp", `expected what is spoken over TCP, found "udp" in "dns:53/udp"`},
		{"external", "pay=api.example.com:443", "pay api.example.com 443"},
		{"external", "pay=[2001:db8::1]:443/https", "pay 2001:db8::1 443 https"},
		{"external", "pay=2001:db8::1:443", external},
		{"external", "pay=[2001:db8::1:443", external},
		{"external", "pay=[api.example.com]:443", external},
		{"external", "api.example.com:443", external},
		{"external", "pay=https://api.example.com", external},
		{"external", "pay=api.example.com", external},
		{"external", "pay=:443", external},
		{"external", "=a.b:443", external},
		{"external", "pay=a.b:443/", external},
		{"volume", "data=/var/lib/data:10Gi", "data /var/lib/data 10Gi"},
		{"volume", "data=/data:10Gi:fast", "data /data 10Gi fast"},
		{"volume", "data=/data:10Gigs", `expected a size of the volume data, found "10Gigs"`},
		{"volume", "data=data:10Gi", volume},
		{"volume", "data=/data", volume},
		{"volume", "data=/data:", volume},
		{"volume", "data=/data:1Gi:", volume},
		{"volume", "data=/data:1Gi:a:b", volume},
		{"volume", "/data:1Gi", volume},
		{"volume", "=/data:1Gi", volume},
		{"secret", "db=/var/run/db", "db /var/run/db"},
		{"secret", "db=/var/run/db@vault/shop/db", "db /var/run/db vault/shop/db"},
		{"secret", "db", secret + "only db"},
		{"secret", "db=hunter2", secret + "no directory"},
		{"secret", "db=/a@", secret + "no directory"},
		{"secret", "=/a", secret + "no directory"},
		{"metrics", "http:/metrics", "http /metrics"},
		{"metrics", "admin", "admin"},
		{"metrics", "http:metrics", metrics},
		{"metrics", ":/metrics", metrics},
		{"metrics", "", metrics},
	} {
		got, err := parsers[c.parser](c.text)
		got = strings.TrimSpace(got)
		if err != nil {
			got = err.Error()
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("%s %q: kind %v", c.parser, c.text, fault.KindOf(err))
			}
		}
		want := c.want
		if strings.HasSuffix(want, "%q") {
			want = fmt.Sprintf(want, c.text)
		}
		if got != want {
			t.Errorf("%s %q: %s\nwant %s", c.parser, c.text, got, want)
		}
	}
}

// FuzzParseNeeds reads what a command line may hold: nothing is read with a part
// of it missing, and a secret is in no message.
func FuzzParseNeeds(f *testing.F) {
	for _, s := range []string{"a:1", "a.b:1/redis", "a=b.c:1/https", "a=[::1]:2", "data=/d:1Gi:x", "db=/d@v/k", "http:/m", "db=hunter2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if name, b, err := app.ParseBacking(text, "shop"); err == nil && (name == "" || b.Port < 1 || b.Port > 65535 || !strings.HasSuffix(b.Host, ".svc")) {
			t.Errorf("%q is %s %+v", text, name, b)
		}
		if name, e, err := app.ParseExternal(text); err == nil && (name == "" || e.Host == "" || e.Port < 1 || e.Port > 65535) {
			t.Errorf("%q is %s %+v", text, name, e)
		}
		if v, err := app.ParseVolume(text); err == nil && (v.Name == "" || v.Size == "" || !strings.HasPrefix(v.Mount, "/")) {
			t.Errorf("%q is %+v", text, v)
		}
		if m, err := app.ParseMetrics(text); err == nil && m.Port == "" {
			t.Errorf("%q is %+v", text, m)
		}
		if s, err := app.ParseSecret(text); err == nil && (s.Name == "" || !strings.HasPrefix(s.Mount, "/")) {
			t.Errorf("%q is %+v", text, s)
		}
		if _, err := app.ParseSecret("db=" + text + "-hunter2"); err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q is told: %v", text, err)
		}
	})
}
