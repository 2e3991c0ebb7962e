// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"io"
	"net/http"
	"sync/atomic"
)

// Requests returns how many HTTP requests the client has sent so far, retries
// and redirects included, and how many bytes of the answers' bodies it has read,
// after decompression.
func (c *Client) Requests() (count int, bytes int64) {
	return int(c.meter.count.Load()), c.meter.bytes.Load()
}

// meter counts what goes over a connection.
type meter struct{ count, bytes atomic.Int64 }

func (m *meter) wrap(next http.RoundTripper) http.RoundTripper { return metered{next, m} }

// metered is a transport that counts.
type metered struct {
	next http.RoundTripper
	*meter
}

// RoundTrip implements http.RoundTripper.
func (t metered) RoundTrip(r *http.Request) (*http.Response, error) {
	t.count.Add(1)
	answer, err := t.next.RoundTrip(r)
	if answer != nil && answer.Body != nil {
		answer.Body = meteredBody{answer.Body, t.meter}
	}
	return answer, err
}

// WrappedRoundTripper lets client-go find the transport below.
func (t metered) WrappedRoundTripper() http.RoundTripper { return t.next }

type meteredBody struct {
	io.ReadCloser
	*meter
}

func (b meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes.Add(int64(n))
	return n, err
}
