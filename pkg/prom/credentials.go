// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Credentials go with the requests to a URL, and to no other host.
type Credentials struct {
	// User and Password are for basic authentication.
	User, Password string
	// Token is a bearer token.
	Token string
	// Headers are further ones, such as X-Scope-OrgID.
	Headers http.Header
	// CA are certificates in PEM that are trusted beside the system's.
	CA []byte
	// Insecure trusts any certificate.
	Insecure bool
}

// ParseHeader reads "Name: value".
func ParseHeader(text string) (name, value string, err error) {
	name, value, found := strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" || value == "" || strings.ContainsAny(name, " \t\r\n\"(),/;<=>?@[\\]{}") || strings.ContainsAny(value, "\r\n") {
		return "", "", fault.Usagef("expected a header as 'NAME: VALUE', found %q", text).Try("--prometheus-header 'X-Scope-OrgID: team-a'")
	}
	return http.CanonicalHeaderKey(name), value, nil
}

// Transport returns what sends requests with the credentials.
func (c Credentials) Transport() (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: c.Insecure} //nolint:gosec // the user asked for it by its long name
	if len(c.CA) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(c.CA) {
			return nil, fault.Usagef("expected certificates in PEM (-----BEGIN CERTIFICATE-----), found none").At("--prometheus-ca-file")
		}
		t.TLSClientConfig.RootCAs = pool
	}
	headers := c.Headers.Clone()
	if headers == nil {
		headers = http.Header{}
	}
	switch {
	case c.Token != "" && (c.User != "" || c.Password != ""):
		return nil, fault.Usagef("expected a token or a user with password, found both")
	case c.Token != "":
		headers.Set("Authorization", "Bearer "+c.Token)
	case c.User != "" || c.Password != "":
		headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password)))
	}
	if len(headers) == 0 {
		return t, nil
	}
	return &dressed{t, headers}, nil
}

// dressed adds headers to every request. The client follows no redirects, so that
// they reach one host alone.
type dressed struct {
	*http.Transport
	headers http.Header
}

// RoundTrip implements [http.RoundTripper].
func (d *dressed) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	for name, values := range d.headers {
		req.Header[name] = values
	}
	return d.Transport.RoundTrip(req)
}
