// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

func TestURLs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good.yaml":
			_, _ = io.WriteString(w, service("web"))
		case "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<html>")
		case "/large":
			w.Header().Set("Content-Length", "600000000")
		case "/slow":
			<-r.Context().Done()
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	for path, want := range map[string]string{
		"/good.yaml": "",
		"/none":      server.URL + "/none: expected status 200, found 404 Not Found",
		"/page":      server.URL + "/page: expected manifests, found a web page",
		"/large":     server.URL + "/large: expected at most 256 MiB of manifests, found 572 MiB or more",
	} {
		t.Run(path, func(t *testing.T) {
			f := &source.Files{Paths: []string{server.URL + path}}
			got, err := f.Load(t.Context(), everything)
			switch {
			case want == "" && (err != nil || len(got.Objects()) != 1):
				t.Errorf("got %v, %v", got, err)
			case want != "" && (err == nil || err.Error() != want):
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	t.Run("out of time", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		f := &source.Files{Paths: []string{server.URL + "/slow"}}
		want := "cannot read " + server.URL + "/slow: context deadline exceeded" // which the command line words
		if _, err := f.Load(ctx, everything); fault.KindOf(err) != fault.Timeout || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}

// roundTrip answers requests in place of a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The errors of a URL name it, without its password, and none of them can be
// taken for one of the way to the API server.
func TestURLsThatGiveNoAnswer(t *testing.T) {
	failing := func(err error) *http.Client {
		return &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, err })}
	}
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Err: errors.New("connect: connection refused")}
	away := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme == "file" {
			return nil, errors.New("unsupported protocol scheme")
		}
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"file:///etc/passwd"}}, Body: http.NoBody, Request: r}, nil
	})}
	cut := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(broken{}), Request: r}, nil
	})}
	page := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNotFound, Status: "404 Not Found", Body: http.NoBody, Request: r}, nil
	})}
	const at, shown = "https://user:secret@example.com/x.yaml", "https://user:xxxxx@example.com/x.yaml: "
	for name, c := range map[string]struct {
		address    string
		client     *http.Client
		want, hint string
	}{
		"refused":           {at, failing(refused), shown + "cannot read the URL: 127.0.0.1:1: connect: connection refused", "HTTPS_PROXY"},
		"unresolved":        {at, failing(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "example.com", Err: "no such host"}}), shown + "cannot read the URL: the name example.com cannot be resolved", "HTTPS_PROXY"},
		"a redirect away":   {at, away, shown + "expected an http or https address, found a redirect to file:///etc/passwd", "the address of the file itself"},
		"cut off":           {at, cut, shown + "cannot read the URL: connection reset", "HTTPS_PROXY"},
		"not there":         {at, page, shown + "expected status 200, found 404 Not Found", ""},
		"cannot be parsed":  {"https://user:sec%ret@example.com", nil, "expected a URL, found https://xxxxx@example.com", "%XX"},
		"a slash in it":     {"https://user:sec/ret@example.com", nil, "expected a URL, found https://xxxxx@example.com", "%XX"},
		"without a machine": {"https:///x.yaml", nil, "expected a URL, found https:///x.yaml", "%XX"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := (&source.Files{Paths: []string{c.address}, HTTP: c.client}).Load(t.Context(), everything)
			if err == nil || err.Error() != c.want || !strings.Contains(hint(err), c.hint) || strings.Contains(hint(err), "secret") {
				t.Errorf("got  %v\nwant %s\nhint %s", err, c.want, hint(err))
			}
			var request *url.Error
			var network *net.OpError
			if errors.As(err, &request) || errors.As(err, &network) {
				t.Errorf("%v is still an error of the network", err)
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Err: errors.New("connection reset")}
}

// The place of a fault is the URL, which must not carry the password either.
func TestURLsInPlacesHaveNoPassword(t *testing.T) {
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if _, password, _ := r.BasicAuth(); password != "secret" {
			t.Errorf("sent without the password: %v", r.Header)
		}
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("kind: [\n")), Request: r}, nil
	})}
	_, err := (&source.Files{Paths: []string{"https://user:secret@example.com/x.yaml"}, HTTP: client}).Load(t.Context(), everything)
	if err == nil || !strings.HasPrefix(err.Error(), "https://user:xxxxx@example.com/x.yaml:") {
		t.Errorf("got %v", err)
	}
}
