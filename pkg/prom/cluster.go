// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Cluster is the way to what runs in one.
type Cluster struct {
	// Config is the connection to the API server, Client lists over it.
	Config *rest.Config
	Client *cluster.Client
	// Dial opens a port-forward; nil is none.
	Dial func(ctx context.Context, namespace, pod string, port int) (net.Conn, error)
	// Now and Warn are those of [Options].
	Now  func() time.Time
	Warn func(string)
	// At is the instant at which a Prometheus has to know metrics to be found; zero
	// is now.
	At time.Time
}

// Service returns a client for a Service that answers: through the API server,
// or, where that is forbidden or does not reach a pod, through a port-forward.
func (k *Cluster) Service(ctx context.Context, s Service) (*Client, error) {
	if s.Port == "" {
		var err error
		if s, err = k.withPort(ctx, s); err != nil {
			return nil, err
		}
	}
	c, err := k.proxied(s)
	if err != nil {
		return nil, err
	}
	if err = c.ping(ctx); err == nil {
		return c, nil
	}
	c.Close()
	if k.Dial == nil || !blocked(err) || ctx.Err() != nil {
		return nil, err
	}
	c, also := k.forwarded(ctx, s)
	if also == nil {
		if also = c.ping(ctx); also == nil {
			return c, nil
		}
		c.Close()
	}
	var stopped *fault.Error
	if errors.As(err, &stopped) {
		both := *stopped
		both.Message += ", and no port-forward instead (" + also.Error() + ")"
		return nil, &both
	}
	return nil, err
}

// blocked reports whether it was the API server that kept a request from
// Prometheus.
func blocked(err error) bool {
	var a *Answer
	if errors.As(err, &a) {
		return a.Status == http.StatusForbidden || a.Status >= 500
	}
	return errors.Is(err, errSlow)
}

var errSlow = errors.New("no answer within " + waiting.String())

// ping asks for nothing, which proves that it is Prometheus who answers.
func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, waiting, fault.Wrap(fault.Failed, errSlow, "expected an answer of %s", c.name))
	defer cancel()
	_, _, err := c.query(ctx, "1", time.Time{})
	return err
}

// proxied returns a client through the API server's proxy of Services.
func (k *Cluster) proxied(s Service) (*Client, error) {
	transport, err := rest.TransportFor(k.Config)
	if err != nil {
		return nil, err
	}
	server, _, err := rest.DefaultServerUrlFor(k.Config)
	if err != nil {
		return nil, err
	}
	at := server.JoinPath("api/v1/namespaces", s.Namespace, "services", s.proxied(), "proxy")
	at.Path = "/" + strings.TrimPrefix(at.Path, "/")
	return New(s.base(), Options{
		Name: "prometheus " + s.String(), Transport: &proxy{transport, at}, Now: k.Now, Warn: k.Warn, service: &s,
	})
}

// proxy sends requests for a Service to the API server.
type proxy struct {
	http.RoundTripper
	at *url.URL
}

// RoundTrip implements [http.RoundTripper].
func (p *proxy) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	to := *p.at
	to.Path += req.URL.Path
	to.RawQuery = req.URL.RawQuery
	req.URL, req.Host = &to, ""
	return p.RoundTripper.RoundTrip(req)
}

// forwarded returns a client through a port-forward to a pod of the Service.
func (k *Cluster) forwarded(ctx context.Context, s Service) (*Client, error) {
	t := &tunnel{cluster: k, service: s}
	if _, err := t.find(ctx); err != nil {
		return nil, err
	}
	t.Transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return t.dial(ctx) },
		// The API server does not check it either when it proxies https, and the
		// tunnel leads to that pod alone.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: s.TLS}, //nolint:gosec // see above
		MaxIdleConns:    atOnce, IdleConnTimeout: time.Minute,
	}
	// Not with the name of the pod: another one may stand in for it later.
	return New(s.base(), Options{Name: "prometheus " + s.String() + " (port-forward)", Transport: t, Now: k.Now, Warn: k.Warn, service: &s})
}

// withPort fills in the port that looks like that of the API.
func (k *Cluster) withPort(ctx context.Context, s Service) (Service, error) {
	raw, err := k.Client.Get(ctx, model.Services.Ref(s.Namespace, s.Name))
	switch {
	case apierrors.IsNotFound(err):
		return s, fault.Usagef("no Service %s", s.object()).Because(err).
			Try("kubectl get services -A -l 'app.kubernetes.io/name in (%s)'", strings.Join(wellLabelled, ","))
	case apierrors.IsForbidden(err):
		return s, fault.Wrap(fault.Failed, err, "expected to read the port of Service %s", s.object())
	case err != nil:
		return s, err
	}
	ports := portsOf(model.FromRaw(raw, ""))
	port, ok := choose(ports)
	if !ok {
		return s, fault.Usagef("expected one port of Service %s to be that of Prometheus, found %s", s.object(), listed(ports)).
			Try("--prometheus %s:PORT", s.object())
	}
	s.Port = port.String()
	return s, nil
}

// port is one of a Service.
type port struct {
	name   string
	number int64
}

func (p port) String() string {
	if p.name != "" {
		return p.name
	}
	return strconv.FormatInt(p.number, 10)
}

func listed(ports []port) string {
	var out []string
	for _, p := range ports {
		out = append(out, p.String())
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}
