// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package api is the smallest client of a Kubernetes API server that the sandbox needs: JSON in, JSON out, over one
// HTTP/2 connection, without rate limits, discovery or schemes.
package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
)

// Client talks to one API server as one user.
type Client struct {
	server string
	http   *http.Client
}

// StatusError is an answer other than 2xx.
type StatusError struct {
	Method, Path string
	// Code is the HTTP status code.
	Code int
	// Message is the server's explanation.
	Message string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Code, e.Message)
}

// Code is the HTTP status code inside an error of this package, or 0.
func Code(err error) int {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Code
	}
	return 0
}

// New makes a client that identifies itself with a client certificate.
func New(access plane.Access) (*Client, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(access.CA) {
		return nil, errors.New("expected a PEM certificate of the sandbox's authority")
	}
	pair, err := tls.X509KeyPair(access.Pair.Cert, access.Pair.Key)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
	}
	return &Client{access.Server, &http.Client{Transport: transport, Timeout: time.Minute}}, nil
}

// Get reads an object, a list or any other path into out; out may be nil.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, nil, out)
}

// Post sends an object, which may be a json.RawMessage.
func (c *Client) Post(ctx context.Context, path string, in any) error {
	return c.do(ctx, http.MethodPost, path, in, nil)
}

// Ensure posts an object and is content when it already exists.
func (c *Client) Ensure(ctx context.Context, path string, in any) error {
	err := c.Post(ctx, path, in)
	if Code(err) == http.StatusConflict {
		return nil
	}
	return err
}

func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "sandbox")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if response.StatusCode >= 300 {
		return &StatusError{method, path, response.StatusCode, message(data)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// message is the text of a Status object, or the body itself when it is none.
func message(body []byte) string {
	var status struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &status) == nil && status.Message != "" {
		return status.Message
	}
	return string(bytes.TrimSpace(body))
}

// Until calls check every interval until it returns nil. When the context ends first, it returns the context's cause
// with what check complained about last.
func Until(ctx context.Context, interval time.Duration, check func(context.Context) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var last error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		// A request that the end of the context interrupts says nothing about what we wait for.
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), last)
		case <-tick.C:
		}
	}
}
