// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package probe_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/doctor"
	"github.com/kubectl-micro/kubectl-micro/pkg/doctor/probe"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

func TestLooks(t *testing.T) {
	for _, c := range []struct{ kind, body, want string }{
		{"text/plain", "# HELP a b\na 1", "metrics"},
		{"text/plain; version=0.0.4", "up 1", "metrics"},
		{"text/plain", "requests_total{code=\"200\"} 1e3 1700000000", "metrics"},
		{"text/plain", `{"http.server.requests",code="200"} 3`, "metrics"},
		{"", "# a comment\nx NaN", "metrics"},
		{"application/openmetrics-text; version=1.0.0", "", "metrics"},
		{"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily", "\x01", "metrics"},
		{"text/plain", "<!doctype html>", "html"},
		{"text/html", "hello", "html"},
		{"application/json", `{"status":"UP"}`, "json"},
		{"text/plain", "[1]", "json"},
		{"text/plain", "OK", "text"},
		{"text/plain", "it works", "text"},
		{"text/plain", " \n", "empty"},
		{";;", "", "empty"},
	} {
		if got := probe.Looks(c.kind, []byte(c.body)); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.kind, c.body, got, c.want)
		}
	}
}

func FuzzLooks(f *testing.F) {
	f.Add("text/plain", []byte("a 1"))
	f.Add("text/html", []byte("<"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		switch got := probe.Looks(kind, body); got {
		case "metrics", "html", "json", "text", "empty":
		default:
			t.Errorf("%q is no answer", got)
		}
	})
}

// ask has a server answer one question.
func ask(t *testing.T, path, scheme string, on http.HandlerFunc) (doctor.Answer, []string) {
	t.Helper()
	s := apitest.New(t)
	s.On = func(w http.ResponseWriter, r *http.Request) bool { on(w, r); return true }
	p, err := probe.New(s.Config(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	one := doctor.Probe{Address: scrape.Address{Workload: model.Deployments.Ref("shop", "cart"), Port: 8080, Path: path}, Pod: "cart-1", Scheme: scheme}
	return p.All(t.Context(), []doctor.Probe{one})[one.Address], s.Requests()
}

func TestLargeBodyIsCut(t *testing.T) {
	a, _ := ask(t, "/metrics", "http", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("# TYPE a counter\n")) // the client stops reading
		line := bytes.Repeat([]byte("a 1\n"), 1<<18)
		for range 12 {
			_, _ = w.Write(line)
		}
	})
	if !a.Cut || a.Bytes != doctor.MaxBody+1 || a.Looks != "metrics" {
		t.Errorf("%+v, want one that is cut after %d bytes", a, doctor.MaxBody+1)
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct{ path, scheme, want string }{
		{"/metrics", "http", "GET /api/v1/namespaces/shop/pods/cart-1:8080/proxy/metrics"},
		{"actuator/prometheus", "https", "GET /api/v1/namespaces/shop/pods/https:cart-1:8080/proxy/actuator/prometheus"},
	} {
		_, asked := ask(t, c.path, c.scheme, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
		if len(asked) != 1 || asked[0] != c.want {
			t.Errorf("asked %q, want %q", asked, c.want)
		}
	}
}

// What the API server says itself is no answer of the pod, and what the pod says in
// the same words as a status is.
func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		name string
		on   http.HandlerFunc
		want doctor.Answer
	}{
		{"forbidden", func(w http.ResponseWriter, _ *http.Request) { apitest.Fail(w, 403, "Forbidden", "no", nil) }, doctor.Answer{Needs: "get pods/proxy in namespace shop"}},
		{"unreachable", func(w http.ResponseWriter, _ *http.Request) {
			apitest.Fail(w, 503, "ServiceUnavailable", "dial tcp: refused", nil)
		}, doctor.Answer{Err: "dial tcp: refused"}},
		{"the pod forbids", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, doctor.Answer{Status: 403}},
	} {
		a, _ := ask(t, "/metrics", "http", c.on)
		if a.Needs != c.want.Needs || a.Err != c.want.Err || a.Status != c.want.Status {
			t.Errorf("%s: %+v, want %+v", c.name, a, c.want)
		}
	}
}

func TestOtherPath(t *testing.T) {
	a, asked := ask(t, "/metrics", "http", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces/shop/pods/cart-1:8080/proxy/q/metrics" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("up 1\n"))
	})
	if a.Status != 404 || a.Found != "/q/metrics" || len(asked) != 4 {
		t.Errorf("%+v after %q, want /q/metrics to be found with four questions", a, asked)
	}
}
