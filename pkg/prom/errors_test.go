// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
)

// said is an error with its hint, as a person sees it.
func said(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Hint != "" {
		return err.Error() + "\n" + f.Hint
	}
	return fmt.Sprint(err)
}

func TestRefusals(t *testing.T) {
	const credentials = "--prometheus-token-file FILE"
	for name, c := range map[string]struct {
		code int
		body string
		kind fault.Kind
		want []string
	}{
		"login page": {
			200, "<!doctype html><html><head><title>\n Sign in </title>", fault.Failed,
			[]string{`expected JSON of the Prometheus API from test/api/v1/query, found HTML titled "Sign in": HTTP 200`, "is it below a prefix", "/PREFIX"},
		},
		"html without title": {200, "<html>", fault.Failed, []string{"found HTML: HTTP 200"}},
		"text":               {200, "hello there", fault.Failed, []string{`found "hello there": HTTP 200`}},
		"empty":              {200, "", fault.Failed, []string{"found an empty answer: HTTP 200"}},
		"broken off":         {200, `{"status":"success","data":{"resultType":"vector","result":[{"metric"`, fault.Failed, []string{"found JSON that is broken: expected a colon at byte 69, found the end"}},
		"not ours":           {200, `{"hello":1}`, fault.Failed, []string{`found "{\"hello\":1}": HTTP 200`}},
		"unauthorized":       {401, "Unauthorized", fault.Failed, []string{"found that it wants to know who asks: HTTP 401", credentials, "the kubeconfig's credentials are sent to the API server alone"}},
		"forbidden":          {403, "no", fault.Failed, []string{"found that it forbids it: HTTP 403", credentials}},
		"prefix":             {404, "404 page not found\n", fault.Failed, []string{"found nothing there: HTTP 404", "--web.route-prefix"}},
		"gateway":            {502, "<html><title>502 Bad Gateway</title>", fault.Failed, []string{`found HTML titled "502 Bad Gateway": HTTP 502`, "the same command again"}},
		"starting":           {503, "Service Unavailable", fault.Failed, []string{`found "Service Unavailable": HTTP 503`, "it is starting"}},
		"not ready":          {503, `{"status":"error","errorType":"unavailable","error":"TSDB not ready"}`, fault.Failed, []string{"found that it is not ready (HTTP 503): TSDB not ready"}},
		"server timeout":     {503, `{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}`, fault.Failed, []string{"found that the query took too long", "--query.timeout"}},
		"bad query":          {400, `{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:3: parse error"}`, fault.Failed, []string{`test rejects the query: invalid parameter "query": 1:3: parse error`}},
		"samples":            {422, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`, fault.Failed, []string{"test rejects the query", "--query.max-samples"}},
		"execution":          {422, `{"status":"error","errorType":"execution","error":"many-to-many"}`, fault.Failed, []string{"found an error (HTTP 422, execution): many-to-many"}},
		"matrix":             {200, success(`{"resultType":"matrix","result":[]}`), fault.Usage, []string{"found a range of them: x", "rate("}},
		"string":             {200, success(`{"resultType":"string","result":[1,"a"]}`), fault.Usage, []string{"found a string: x"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := answering(t, c.code, c.body).Query(t.Context(), "x", time.Time{})
			if fault.KindOf(err) != c.kind {
				t.Errorf("kind %d, want %d", fault.KindOf(err), c.kind)
			}
			for _, w := range c.want {
				if !strings.Contains(said(err), w) {
					t.Errorf("%s\nwants %q", said(err), w)
				}
			}
		})
	}
}

func TestRejected(t *testing.T) {
	_, err := answering(t, 400, `{"status":"error","errorType":"bad_data","error":"parse error"}`).Query(t.Context(), "x(", time.Time{})
	if !prom.Rejected(err) {
		t.Errorf("%v is about the expression", err)
	}
	if _, err = answering(t, 503, "").Query(t.Context(), "x", time.Time{}); prom.Rejected(err) {
		t.Errorf("%v is not about the expression", err)
	}
}

func TestDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	l.Close()
	c, err := prom.New(address, prom.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Query(t.Context(), "a{b=\"secret\"}", time.Time{})
	for _, want := range []string{"expected an answer of " + address + ", found none", "connection refused", "is the address right?"} {
		if !strings.Contains(said(err), want) {
			t.Errorf("%s\nwants %q", said(err), want)
		}
	}
	if strings.Contains(said(err), "secret") || fault.KindOf(err) != fault.Failed {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
}

func TestSlow(t *testing.T) {
	block := make(chan struct{})
	c := serving(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-block:
		case <-r.Context().Done():
		}
	}, prom.Options{})
	defer close(block)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, fault.New(fault.Timeout, "gave up after 50ms"))
	defer cancel()
	_, err := c.Query(ctx, "x", time.Time{})
	if fault.KindOf(err) != fault.Timeout || !strings.Contains(said(err), "expected an answer of test, found none in time: gave up after 50ms") {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(fault.New(fault.Interrupted, "interrupted"))
	if _, err = c.Query(ctx, "x", time.Time{}); fault.KindOf(err) != fault.Interrupted {
		t.Errorf("kind %d: %v", fault.KindOf(err), err)
	}
}

func TestRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed to another server with Authorization %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(other.Close)
	transport, err := prom.Credentials{Token: "t0ken"}.Transport()
	if err != nil {
		t.Fatal(err)
	}
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/login", http.StatusFound)
	}, prom.Options{Transport: transport})
	_, err = c.Query(t.Context(), "x", time.Time{})
	if want := "found a redirect to " + other.URL + "/login: HTTP 302"; !strings.Contains(said(err), want) {
		t.Errorf("%s\nwants %q", said(err), want)
	}
}

func TestMethods(t *testing.T) {
	for _, refusal := range []int{http.StatusForbidden, http.StatusMethodNotAllowed} {
		var methods []string
		c := serving(t, func(w http.ResponseWriter, r *http.Request) {
			methods = append(methods, r.Method)
			if r.Method == http.MethodPost {
				if r.FormValue("query") == "" || r.URL.RawQuery != "" {
					t.Errorf("form %v, URL %s", r.Form, r.URL)
				}
				w.WriteHeader(refusal)
				return
			}
			fmt.Fprint(w, success(`{"resultType":"vector","result":[]}`))
		}, prom.Options{})
		long := strings.Repeat("x", 8<<10)
		for _, expr := range []string{"short", long, long} {
			if _, err := c.Query(t.Context(), expr, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(methods, " "); got != "GET POST GET GET" {
			t.Errorf("after HTTP %d: %s", refusal, got)
		}
	}
}

func TestRequest(t *testing.T) {
	var form, auth, zip string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		form, auth, zip = r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Accept-Encoding")
		var b bytes.Buffer
		g := gzip.NewWriter(&b)
		fmt.Fprint(g, success(`{"resultType":"vector","result":[{"metric":{},"value":[1,"3"]}]}`))
		g.Close()
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(b.Bytes()) //nolint:errcheck // a test
	}, prom.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	v, err := c.Query(ctx, "a b", time.Unix(1772366400, 5e8))
	if err != nil || len(v) != 1 || v[0].Value != 3 {
		t.Fatal(v, err)
	}
	if !strings.HasPrefix(form, "query=a+b&time=1772366400.5&timeout=59") || zip != "gzip" || auth != "" {
		t.Errorf("asked %q with Accept-Encoding %q, Authorization %q", form, zip, auth)
	}
}

func TestWarnings(t *testing.T) {
	var told []string
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", now.Add(-90*time.Second).Format(http.TimeFormat))
		fmt.Fprint(w, `{"status":"success","warnings":["partial"],"infos":["a counter?"],"data":{"resultType":"vector","result":[]}}`)
	}, prom.Options{Now: func() time.Time { return now }, Warn: func(s string) { told = append(told, s) }})
	for range 2 {
		if _, err := c.Query(t.Context(), "x", time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	want := "partial|a counter?|the clock of test is 1m30s behind this machine's: \"now\" is not the same instant for both; --at fixes it|partial|a counter?"
	if got := strings.Join(told, "|"); got != want {
		t.Errorf("told %s", got)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "localhost:9090", "ftp://x", "http://", "://"} {
		if _, err := prom.New(bad, prom.Options{}); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "expected the URL of a Prometheus") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	c, err := prom.New("https://user:pass@h:1/p/api/v1/?x=1", prom.Options{})
	if err != nil || c.Name() != "https://h:1/p" {
		t.Errorf("%q %v", c.Name(), err)
	}
}
