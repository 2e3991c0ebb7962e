// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// reader reads the streams of one container, one after the other.
type reader struct {
	*Tailer
	container
	keep func(logs.Piece) bool
	emit func(logs.Line) bool
	// again says that the log may be opened again, so that what was read has to be known.
	again bool
	past  past
	// quiet passes nothing on.
	quiet bool

	// at is the time of the line that is being read, skip how many of its pieces are not new.
	at   time.Time
	skip int
	// half is what came of a line before its stream ended.
	half *logs.Piece
}

func (t *Tailer) reader(c container, emit func(logs.Line) bool) *reader {
	return &reader{Tailer: t, container: c, keep: t.options.Keep(), emit: emit}
}

// errStopped ends a stream because nobody wants more lines.
var errStopped = errors.New("no more lines are wanted")

// read opens a stream and passes its lines on up to its end, but for half a line,
// the whole of which may come when it is opened again: see rest.
func (r *reader) read(ctx context.Context, o cluster.LogOptions) error {
	o.Container = r.name
	if !r.past.last.IsZero() {
		o.Since, o.Tail = r.past.since(), -1
	}
	body, err := r.open(ctx, o)
	if err != nil {
		return err
	}
	defer body.Close()
	known := r.past.resume()
	in := logs.NewReader(body, 64<<10)
	for {
		p, found, err := in.Next()
		switch {
		case err == nil:
			if !r.piece(p, known) {
				return errStopped
			}
			continue
		case found:
			r.half = &p
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return &brokenError{fault.Failedf("the log of container %s broke off", r.container).Because(err)}
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

// piece passes a line, or a part of one, on if it is new and wanted; false ends the
// stream.
func (r *reader) piece(p logs.Piece, known func(mark, time.Time) int) bool {
	if h := r.half; h != nil && h.Continues == p.Continues && strings.HasPrefix(p.Text, h.Text) {
		r.half = nil // here is the whole of it
	}
	text := p.Text
	if !p.Continues {
		at, rest := stamp(text)
		switch {
		case at.IsZero(): // a remark of the kubelet
			r.skip = 0
		case at.Before(r.options.Since): // the server looks at whole seconds
			r.skip = math.MaxInt
		default:
			r.first(at, text, known)
			text = rest
		}
	} else if r.skip == 0 {
		r.past.pieces++
	}
	if r.skip > 0 {
		r.skip--
		return true
	}
	return r.rest() && r.pass(text, p.Continues)
}

// first takes in a line's first piece.
func (r *reader) first(at time.Time, text string, known func(mark, time.Time) int) {
	if r.at, r.skip = at, 0; !r.again {
		return
	}
	m := markOf(at, text)
	if r.skip = known(m, at); r.skip == 0 {
		r.past.add(m, at)
	}
}

// rest passes on what is left of a stream whose last line has no end, and does not
// come again. Half a time is nothing.
func (r *reader) rest() bool {
	h := r.half
	r.half = nil
	if h == nil || !h.Continues && !strings.Contains(h.Text, " ") {
		return true
	}
	text := h.Text
	if at, rest := stamp(text); !h.Continues && !at.IsZero() {
		if at.Before(r.options.Since) {
			return true
		}
		r.at, text = at, rest
	}
	return r.pass(text, h.Continues)
}

// pass passes a text on if it is wanted.
func (r *reader) pass(text string, continues bool) bool {
	if r.quiet {
		return true
	}
	r.counts.read.Add(1)
	if !r.keep(logs.Piece{Text: text, Continues: continues}) {
		return true
	}
	r.counts.kept.Add(1)
	return r.emit(logs.Line{Time: r.at, Namespace: r.namespace, Pod: r.pod, Container: r.name, Text: text})
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
