// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Answer is the cause of an error of a server that answered, but not with data.
type Answer struct {
	// Status is HTTP's, Type and Message are the API's; both empty for an answer
	// that is not one of the API.
	Status        int
	Type, Message string
}

// Error implements error.
func (a *Answer) Error() string {
	if a.Message == "" {
		return fmt.Sprintf("HTTP %d", a.Status)
	}
	return a.Message
}

// Rejected reports whether the expression of a query is the reason of an error.
func Rejected(err error) bool {
	var a *Answer
	return errors.As(err, &a) && a.Type == "bad_data"
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", largest>>20)

// unreachable words a request without an answer.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if errors.Is(err, errTooLarge) {
		return fault.Failedf("expected an answer of %s that fits into memory", c.name).Because(err).
			Try("ask for less: -n NAMESPACE, a shorter --window, or an expression that adds up")
	}
	var failed *fault.Error
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) || errors.As(cause, &failed) && failed.Kind == fault.Timeout {
			return fault.Wrap(fault.KindOf(cause), cause, "expected an answer of %s, found none in time", c.name)
		}
		return cause
	}
	if errors.As(err, &failed) {
		return failed // of the port-forward
	}
	out := fault.Failedf("expected an answer of %s, found none", c.name).Because(bare(err))
	if c.service != nil {
		return out.Try("kubectl get pods,endpointslices -n %s", c.service.Namespace)
	}
	if os.IsTimeout(err) {
		return out.Try("is it reachable from this machine? --prometheus NAMESPACE/SERVICE:PORT goes through the API server")
	}
	if strings.Contains(err.Error(), "certificate") {
		return out.Try("--prometheus-ca-file FILE with the authority that signed it, or --prometheus-insecure-skip-tls-verify")
	}
	return out.Try("is the address right? --prometheus NAMESPACE/SERVICE:PORT goes through the API server instead")
}

// bare drops net/http's prefix, which repeats the whole URL with its query.
func bare(err error) error {
	if wrapped := errors.Unwrap(err); wrapped != nil && strings.Contains(err.Error(), ": "+wrapped.Error()) && strings.Contains(err.Error(), "://") {
		return wrapped
	}
	return err
}

// refused words an answer without data.
func (c *Client) refused(r reply, e envelope, broken error) error {
	if status, ok := apiStatus(r.body); ok && c.service != nil {
		return c.stopped(r, status)
	}
	answer := &Answer{Status: r.status, Type: e.errorType, Message: e.message}
	if broken == nil && e.status == "error" && e.message != "" {
		return c.failed(answer)
	}
	what := "expected JSON of the Prometheus API from " + c.name + strings.TrimPrefix(r.path, c.base.Path)
	switch r.status {
	case http.StatusUnauthorized:
		return fault.Failedf("%s, found that it wants to know who asks", what).Because(answer).Try("%s", c.credentials())
	case http.StatusForbidden:
		return fault.Failedf("%s, found that it forbids it", what).Because(answer).Try("%s", c.credentials())
	case http.StatusNotFound:
		return fault.Failedf("%s, found nothing there", what).Because(answer).Try("%s", c.prefixed())
	}
	out := fault.Failedf("%s, found %s", what, c.found(r, broken)).Because(answer)
	if r.status >= 500 {
		return out.Try("it is starting, overloaded, or the gateway in front of it does not reach it: the same command again")
	}
	return out.Try("%s", c.prefixed())
}

// failed words an error that the API itself tells.
func (c *Client) failed(a *Answer) error {
	out := fault.Failedf("%s rejects the query", c.name).Because(a)
	switch {
	case a.Type == "bad_data":
		return out
	case strings.Contains(a.Message, "too many samples"):
		return out.Try("ask for less: -n NAMESPACE or a shorter --window; the limit is its flag --query.max-samples")
	case a.Type == "timeout" || a.Type == "canceled":
		out.Message = fmt.Sprintf("expected an answer of %s, found that the query took too long", c.name)
		return out.Try("-n NAMESPACE or a shorter --window asks for less, --timeout 2m waits longer; the server's limit is its flag --query.timeout")
	case a.Status == http.StatusServiceUnavailable || a.Type == "unavailable":
		out.Message = fmt.Sprintf("expected an answer of %s, found that it is not ready (HTTP %d)", c.name, a.Status)
		return out.Try("it is starting or overloaded: the same command again")
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		out.Message = fmt.Sprintf("expected an answer of %s, found that it forbids it (HTTP %d)", c.name, a.Status)
		return out.Try("%s", c.credentials())
	}
	out.Message = fmt.Sprintf("expected an answer of %s, found an error (HTTP %d, %s)", c.name, a.Status, a.Type)
	return out
}

// found describes an answer that is none of the API.
func (c *Client) found(r reply, broken error) string {
	if to := r.header.Get("Location"); to != "" && r.status/100 == 3 {
		return "a redirect to " + to
	}
	if title := titled.FindSubmatch(r.body); title != nil {
		return fmt.Sprintf("HTML titled %q", strings.Join(strings.Fields(string(title[1])), " "))
	}
	start := strings.Join(strings.Fields(string(r.body[:min(len(r.body), 200)])), " ")
	switch {
	case start == "":
		return "an empty answer"
	case strings.HasPrefix(start, "<"):
		return "HTML"
	case broken != nil && r.status/100 == 2 && strings.HasPrefix(start, "{"):
		return fmt.Sprintf("JSON that is broken: %v", broken)
	}
	if len(start) > 80 {
		start = start[:80] + "..."
	}
	return fmt.Sprintf("%q", start)
}

var titled = regexp.MustCompile(`(?is)<title[^>]*>(.{0,200}?)</title>`)

// credentials is what to do where some are missing.
func (c *Client) credentials() string {
	if c.service != nil {
		return "the API server keeps credentials from it: use a port-forward and --prometheus http://localhost:PORT with --prometheus-token-file FILE or --prometheus-header 'NAME: VALUE'"
	}
	return "--prometheus-token-file FILE, --prometheus http://USER:PASSWORD@HOST or --prometheus-header 'NAME: VALUE'; the kubeconfig's credentials are sent to the API server alone"
}

// prefixed is what to do where the API is not at the root.
func (c *Client) prefixed() string {
	if c.service != nil {
		return "is it below a prefix (--web.route-prefix)? --prometheus " + c.service.String() + "/PREFIX"
	}
	return "is it below a prefix (--web.route-prefix, --web.external-url)? --prometheus " + c.base.String() + "/PREFIX"
}

// status is metav1.Status as far as it matters here.
type status struct {
	Kind, Reason, Message string
}

// apiStatus reads an answer of the API server itself.
func apiStatus(body []byte) (status, bool) {
	var s status
	if len(body) > 1<<16 || json.Unmarshal(body, &s) != nil {
		return s, false
	}
	return s, s.Kind == "Status"
}

// stopped words an answer of the API server in the place of Prometheus'.
func (c *Client) stopped(r reply, s status) error {
	answer := &Answer{Status: r.status, Type: s.Reason, Message: s.Message}
	at := c.service
	switch r.status {
	case http.StatusForbidden:
		return fault.Failedf("expected the right to reach %s through the API server, found none", c.name).Because(answer).
			Try("ask for this, then run the command again:\n%s", at.Role(userOf(s.Message)))
	case http.StatusUnauthorized:
		return fault.Failedf("the API server does not accept the credentials (HTTP 401)").Because(answer).Try("kubectl auth whoami")
	case http.StatusNotFound:
		return fault.Usagef("no Service %s with port %s", at.object(), at.port()).Because(answer).
			Try("kubectl get services -A -l 'app.kubernetes.io/name in (%s)'", strings.Join(wellLabelled, ","))
	}
	return fault.Failedf("expected an answer of %s, found that the API server does not reach it (HTTP %d)", c.name, r.status).Because(answer).
		Try("kubectl get pods,endpointslices -n %s", at.Namespace)
}

// waiting is how long the API server may take to say that it does not reach a pod.
const waiting = 10 * time.Second
