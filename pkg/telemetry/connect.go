// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/forward"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// find connects. Names are those of the profiles' metrics that it has, where they
// were asked for on the way.
func (c *Connection) find(ctx context.Context, f *cli.Factory, t *teller, rank func([]string) int, at time.Time) (*prom.Client, []string, error) {
	which := c.Prometheus
	if strings.Contains(which, "://") {
		client, err := c.direct(which, f, t)
		if err != nil {
			return nil, nil, err
		}
		return client.AsOf(at), nil, nil
	}
	k, err := newCluster(f, t)
	if err != nil {
		return nil, nil, fault.New(fault.KindOf(err), "expected a cluster to look for Prometheus in, or the URL of one").Because(err).
			Try("--prometheus URL, or --source file:METRICS")
	}
	if c.Named() {
		s, err := prom.ParseService(which)
		if err != nil {
			return nil, nil, err
		}
		client, err := k.Service(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		return client.AsOf(at), nil, nil
	}
	k.At = at
	found, err := k.Discover(ctx, []string{wanted()}, rank)
	if err != nil {
		return nil, nil, err
	}
	if len(found.Others) > 0 {
		t.once("note: " + found.Name() + " is asked, which counts requests; " + render.Sanitise(strings.Join(found.Others, ", ")))
	}
	if found.Names == nil {
		found.Names = []string{}
	}
	return found.Client.AsOf(at), found.Names, nil
}

func newCluster(f *cli.Factory, t *teller) (*prom.Cluster, error) {
	config, err := f.RESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := cluster.New(config)
	if err != nil {
		return nil, err
	}
	return &prom.Cluster{Config: config, Client: client, Dial: forward.New(config).Dial, Now: f.Now, Warn: t.warn}, nil
}

// direct connects to a URL with its own credentials: those of the kubeconfig are
// for its API server alone.
func (c *Connection) direct(address string, f *cli.Factory, t *teller) (*prom.Client, error) {
	o := prom.Options{Now: f.Now, Warn: t.warn}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fault.Usagef("expected the URL of a Prometheus").Because(withoutURL(err)).Try("--prometheus http://localhost:9090")
	}
	credentials, err := c.credentials(u)
	if err != nil {
		return nil, err
	}
	if o.Transport, err = credentials.Transport(); err != nil {
		return nil, err
	}
	if throughServer(u) {
		if o.Transport, err = asKubeconfig(f, u, o.Transport); err != nil {
			return nil, err
		}
	}
	return prom.New(u.String(), o)
}

// throughServer reports whether a URL looks like one of an API server's proxies.
func throughServer(u *url.URL) bool {
	return strings.HasPrefix(u.Path, "/api/v1/namespaces/") && strings.Contains(u.Path, "/proxy")
}

// asKubeconfig returns the transport of the kubeconfig for a URL of its very
// server, and the given one for any other.
func asKubeconfig(f *cli.Factory, u *url.URL, or http.RoundTripper) (http.RoundTripper, error) {
	config, err := f.RESTConfig()
	if err != nil {
		return or, nil //nolint:nilerr // no kubeconfig, no credentials
	}
	server, _, err := rest.DefaultServerUrlFor(config)
	if err != nil || server.Scheme != u.Scheme || server.Host != u.Host {
		return or, nil //nolint:nilerr // another server
	}
	return rest.TransportFor(config)
}

// withoutURL drops the address from an error: it may hold a password.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (c *Connection) credentials(u *url.URL) (prom.Credentials, error) {
	out := prom.Credentials{Insecure: c.Insecure, Headers: http.Header{}}
	if u.User != nil {
		out.User = u.User.Username()
		out.Password, _ = u.User.Password()
	}
	for _, h := range c.Headers {
		name, value, err := prom.ParseHeader(h)
		if err != nil {
			return out, err
		}
		out.Headers.Add(name, value)
	}
	if c.TokenFile != "" {
		token, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return out, fault.Wrap(fault.Usage, err, "--prometheus-token-file")
		}
		if out.Token = strings.TrimSpace(string(token)); out.Token == "" || strings.ContainsAny(out.Token, "\r\n") {
			return out, fault.Usagef("expected one line with a token").At(c.TokenFile)
		}
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return out, fault.Wrap(fault.Usage, err, "--prometheus-ca-file")
		}
		out.CA = pem
	}
	return out, nil
}
