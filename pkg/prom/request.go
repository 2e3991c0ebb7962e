// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// longestURL is how long a URL may be before a form is sent instead: servers
	// and proxies read 8 KiB of it at least.
	longestURL = 7 << 10
	// largest bounds an answer: half a million series are a quarter of it.
	largest = 256 << 20
	// margin is what an answer needs to get here after the server gave up.
	margin = 500 * time.Millisecond
	// apart is how far clocks may be from each other without a word.
	apart = 30 * time.Second
)

// call asks for a path below /api/v1 and hands the data to read. Notes are for
// people.
func (c *Client) call(ctx context.Context, path string, form url.Values, read func(*scanner)) ([]string, error) {
	if deadline, ok := ctx.Deadline(); ok && strings.HasPrefix(path, "query") {
		if left := time.Until(deadline) - margin; left > 0 {
			form.Set("timeout", strconv.FormatInt(left.Milliseconds(), 10)+"ms")
		}
	}
	u := *c.base
	u.Path += "/api/v1/" + path
	reply, err := c.send(ctx, &u, form)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if reply.status == http.StatusNoContent {
		return nil, nil
	}
	e, err := unwrap(reply.body, read)
	if reply.status/100 != 2 || err != nil || e.status != "success" {
		return nil, c.refused(reply, e, err)
	}
	if note := c.apart(reply); note != "" {
		e.notes = append(e.notes, note)
	}
	return e.notes, nil
}

// reply is an answer whose body was read.
type reply struct {
	status int
	header http.Header
	body   []byte
	path   string
}

// send prefers GET, and remembers that a server does not take anything else.
func (c *Client) send(ctx context.Context, u *url.URL, form url.Values) (reply, error) {
	long := *u
	long.RawQuery = form.Encode()
	if c.getOnly.Load() || len(long.String()) < longestURL {
		return c.do(ctx, http.MethodGet, &long, nil)
	}
	out, err := c.do(ctx, http.MethodPost, u, form)
	if err == nil && (out.status == http.StatusForbidden || out.status == http.StatusMethodNotAllowed) {
		c.getOnly.Store(true)
		return c.do(ctx, http.MethodGet, &long, nil)
	}
	return out, err
}

func (c *Client) do(ctx context.Context, method string, u *url.URL, form url.Values) (reply, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Accept", "application/json")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	out := reply{status: resp.StatusCode, header: resp.Header, path: u.Path}
	var content bytes.Buffer
	if resp.ContentLength > 0 && resp.ContentLength < largest {
		content.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	if _, err := content.ReadFrom(io.LimitReader(resp.Body, largest+1)); err != nil {
		return out, fmt.Errorf("the answer broke off: %w", err)
	}
	if content.Len() > largest {
		return out, errTooLarge
	}
	out.body = content.Bytes()
	return out, nil
}

// apart returns a warning if the clocks are far from each other, once.
func (c *Client) apart(r reply) (note string) {
	date, err := http.ParseTime(r.header.Get("Date"))
	if err != nil {
		return ""
	}
	by := c.now().Sub(date)
	if by.Abs() <= apart {
		return ""
	}
	c.clocks.Do(func() {
		where := "behind"
		if by < 0 {
			where = "ahead of"
		}
		note = fmt.Sprintf("the clock of %s is %s %s this machine's: \"now\" is not the same instant for both; --at fixes it",
			c.name, by.Abs().Round(time.Second), where)
	})
	return note
}
