// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/streaming/pkg/httpstream"
)

// patience is how long after the end of the data the reason of that end may take.
const patience = 10 * time.Second

// conn is a tunnel with one connection in it.
type conn struct {
	tunnel httpstream.Connection
	data   httpstream.Stream
	to     address
	// said is closed when complaint is complete.
	said      chan struct{}
	complaint string
	received  bool
	close     sync.Once
	closed    chan struct{}
}

func newConn(tunnel httpstream.Connection, data, complaints httpstream.Stream, to address) *conn {
	c := &conn{tunnel: tunnel, data: data, to: to, said: make(chan struct{}), closed: make(chan struct{})}
	go func() {
		defer close(c.said)
		text, _ := io.ReadAll(io.LimitReader(complaints, 1<<12))
		c.complaint = strings.TrimSpace(string(text))
	}()
	return c
}

// Read implements [net.Conn]. An end before the first byte has a reason, which is
// on the other stream.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.data.Read(b)
	if n > 0 {
		c.received = true
	}
	if err == nil || c.received {
		return n, err
	}
	select {
	case <-c.said:
		if c.complaint != "" {
			return n, c.to.failed(errors.New(c.complaint))
		}
	case <-c.closed:
		return n, net.ErrClosed
	case <-time.After(patience):
	}
	return n, err
}

// Write implements [net.Conn].
func (c *conn) Write(b []byte) (int, error) { return c.data.Write(b) }

// Close implements [net.Conn]. It ends the tunnel.
func (c *conn) Close() error {
	var err error
	c.close.Do(func() {
		close(c.closed)
		_ = c.data.Reset()
		err = c.tunnel.Close()
	})
	return err
}

// LocalAddr implements [net.Conn]; there is no port on this side.
func (c *conn) LocalAddr() net.Addr { return address{} }

// RemoteAddr implements [net.Conn].
func (c *conn) RemoteAddr() net.Addr { return c.to }

// SetDeadline implements [net.Conn]. Streams have none: close the connection
// instead, as net/http does when a context ends.
func (c *conn) SetDeadline(time.Time) error { return os.ErrNoDeadline }

// SetReadDeadline implements [net.Conn] as SetDeadline.
func (c *conn) SetReadDeadline(time.Time) error { return os.ErrNoDeadline }

// SetWriteDeadline implements [net.Conn] as SetDeadline.
func (c *conn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
