// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// patience is how long a URL may take when the caller brings no client.
const patience = 30 * time.Second

// isURL recognises what is fetched and not opened.
func isURL(path string) bool {
	return strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://")
}

// webInput is a URL as an input. Its name, which every message about it shows,
// has no password.
func (f *Files) webInput(path string) (*input, error) {
	address, err := url.Parse(path)
	if err != nil || address.Host == "" {
		return nil, fault.Usagef("expected a URL, found %s", withoutUser(path)).
			Try("https://HOST/PATH; in a password, write special characters as %%XX")
	}
	return &input{name: address.Redacted(), same: path, vital: true, read: func(ctx context.Context) ([]byte, error) {
		return f.fetch(ctx, address)
	}}, nil
}

// withoutUser hides user and password of a URL that cannot be parsed; the
// parser's own words may repeat parts of them.
func withoutUser(path string) string {
	scheme, rest, _ := strings.Cut(path, "://")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = "xxxxx" + rest[at:]
	}
	return scheme + "://" + rest
}

// fetch reads a URL.
func (f *Files) fetch(ctx context.Context, address *url.URL) ([]byte, error) {
	client := f.HTTP
	if client == nil {
		client = &http.Client{Timeout: patience}
	}
	name := address.Redacted()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, fault.Usagef("expected a URL, found %s", name)
	}
	request.Header.Set("Accept", "application/yaml, application/json, text/plain, */*;q=0.5")
	answer, err := client.Do(request)
	if ctx.Err() != nil {
		return nil, ended(ctx, "read "+name)
	}
	if err != nil {
		return nil, unanswered(name, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fault.Failedf("expected status 200, found %s", answer.Status).At(name)
	}
	if answer.ContentLength > manifest.MaxSize {
		return nil, tooLarge(name, answer.ContentLength)
	}
	data, err := readAll(name, answer.Body, answer.ContentLength)
	var large *fault.Error
	switch {
	case ctx.Err() != nil:
		return nil, ended(ctx, "read "+name)
	case errors.As(err, &large):
		return nil, err
	case err != nil:
		return nil, unanswered(name, err)
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return nil, fault.Failedf("expected manifests, found a web page").At(name).
			Try("take the address of the raw file, on GitHub the one of the button Raw")
	}
	return data, nil
}

// unanswered words a request that got no answer, or not all of it. The error of
// net/http goes in as text only: further up, an error of the network is taken
// for one of the way to the API server, with hints about the kubeconfig.
func unanswered(name string, err error) error {
	var (
		broken *url.Error
		dns    *net.DNSError
		dial   *net.OpError
	)
	cause, reached := err, name
	if errors.As(err, &broken) {
		cause, reached = broken.Err, broken.URL // of the last redirect, without a password
	}
	e := fault.Failedf("cannot read the URL").At(name)
	if to, err := url.Parse(reached); err == nil && to.Scheme != "" && !isURL(reached) {
		e.Message = "expected an http or https address, found a redirect to " + to.Redacted()
		return e.Try("take the address of the file itself: curl -sIL '%s'", name)
	}
	text := cause.Error()
	switch {
	case errors.As(err, &dns):
		text = "the name " + dns.Name + " cannot be resolved"
	case broken != nil && broken.Timeout():
		text = "no answer in time"
	case errors.As(err, &dial):
		text = dial.Err.Error()
		if dial.Addr != nil {
			text = dial.Addr.String() + ": " + text
		}
	}
	return e.Because(errors.New(text)).Try("check the address, the network and the proxy (HTTPS_PROXY): curl -sIL '%s'", name)
}
