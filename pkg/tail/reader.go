// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// longest is how much of a line is held at once: what is longer comes in pieces,
// so that a container without line ends does not take all memory.
const longest = 1 << 20

// reader reads the streams of one container, one after the other.
type reader struct {
	*Tailer
	container
	keep func(string) bool
	seen cursor
	emit func(logs.Line) bool
}

func (t *Tailer) reader(c container, emit func(logs.Line) bool) *reader {
	return &reader{Tailer: t, container: c, keep: t.options.Keep(), emit: emit}
}

// cursor is how far a container's log has been read: up to the count-th line of
// the time last. Several lines may have one time.
type cursor struct {
	last  time.Time
	count int
}

// resume returns what skips the lines that were read before.
func (c *cursor) resume() func(time.Time) bool {
	from := *c
	skipped := 0
	return func(at time.Time) bool {
		switch {
		case from.last.IsZero() || at.IsZero() || at.After(from.last):
			return false
		case at.Before(from.last):
			return true
		}
		skipped++
		return skipped <= from.count
	}
}

func (c *cursor) advance(at time.Time) {
	switch {
	case at.After(c.last):
		*c = cursor{at, 1}
	case at.Equal(c.last):
		c.count++
	}
}

// errStopped ends a stream because nobody wants more lines.
var errStopped = errors.New("no more lines are wanted")

// read opens a stream and passes its lines on up to its end.
func (r *reader) read(ctx context.Context, o cluster.LogOptions) error {
	o.Container = r.name
	if !r.seen.last.IsZero() {
		o.Since, o.Tail = r.seen.last, -1
	}
	body, err := r.open(ctx, o)
	if err != nil {
		return err
	}
	defer body.Close()
	skip := r.seen.resume()
	in := bufio.NewReaderSize(body, 64<<10)
	for {
		text, err := readLine(in)
		if text != "" || err == nil {
			if !r.line(text, skip) {
				return errStopped
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &brokenError{fault.Failedf("the log of container %s broke off", r.container).Because(err)}
		}
	}
}

// brokenError is the end of a stream that had begun.
type brokenError struct{ cause *fault.Error }

func (e *brokenError) Error() string { return e.cause.Error() }
func (e *brokenError) Unwrap() error { return e.cause }

// open waits for its turn.
func (r *reader) open(ctx context.Context, o cluster.LogOptions) (io.ReadCloser, error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return r.client.LogStream(ctx, r.namespace, r.pod, o)
}

// readLine returns the next line without its end. With an error it is what came
// before that, or nothing.
func readLine(in *bufio.Reader) (string, error) {
	var long []byte
	for {
		piece, err := in.ReadSlice('\n')
		if err == nil {
			piece = piece[:len(piece)-1]
			if len(piece) > 0 && piece[len(piece)-1] == '\r' {
				piece = piece[:len(piece)-1]
			}
		}
		if long == nil && err == nil {
			return string(piece), nil
		}
		long = append(long, piece...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return string(long), err
		}
		if len(long) >= longest {
			return string(long), nil
		}
	}
}

// line passes a line on if it is new and wanted; false ends the stream.
func (r *reader) line(text string, skip func(time.Time) bool) bool {
	at, rest := stamp(text)
	if at.IsZero() { // a piece of a long line, or a remark of the kubelet
		at, rest = r.seen.last, text
	} else {
		if skip(at) || at.Before(r.options.Since) { // the server looks at whole seconds
			return true
		}
		r.seen.advance(at)
	}
	r.counts.read.Add(1)
	if !r.keep(rest) {
		return true
	}
	r.counts.kept.Add(1)
	return r.emit(logs.Line{Time: at, Namespace: r.namespace, Pod: r.pod, Container: r.name, Text: rest})
}

// stamp splits the time off that the runtime took a line at; zero if there is none.
func stamp(text string) (time.Time, string) {
	word, rest, _ := strings.Cut(text, " ")
	at, err := time.Parse(time.RFC3339Nano, word)
	if err != nil {
		return time.Time{}, text
	}
	return at.UTC(), rest
}
