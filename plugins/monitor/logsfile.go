// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// readFiles reads logs of files, "-" for standard input, one after the other.
// Lines are written out whenever nothing more has arrived, so that a pipe from a
// log that is followed is one that is followed too.
func (r *logsRun) readFiles(ctx context.Context, names []string) error {
	read, kept := 0, 0
	for _, name := range names {
		in := r.Streams.In
		if name != "-" {
			file, err := os.Open(name)
			if err != nil {
				return fault.Failedf("cannot read the log").At(name).Because(errors.Unwrap(err))
			}
			defer file.Close()
			if info, err := file.Stat(); err == nil && info.IsDir() {
				return fault.Usagef("expected a file with logs, found a folder").At(name).
					Try("-f takes logs that were saved: -f FILE; without it, those of the cluster are read")
			}
			in = file
		}
		n, k, err := r.readFile(ctx, in)
		read, kept = read+n, kept+k
		switch {
		case err != nil && ctx.Err() != nil:
			r.unclear()
			return errors.Join(r.out.Flush(), fmt.Errorf("reading logs: %w", ctx.Err()))
		case err != nil:
			return fault.Failedf("cannot read the log").At(name).Because(err)
		}
	}
	if err := r.out.Flush(); err != nil {
		return err
	}
	r.matched(read, kept, "of "+strings.Join(names, ", "))
	return nil
}

func (r *logsRun) readFile(ctx context.Context, in io.Reader) (read, kept int, err error) {
	lines := logs.NewReader(newAhead(ctx, in), aheadBlock)
	last := newRing(r.tail)
	// Each container has its own continuation lines.
	streams := map[string]*logs.Stream{}
	var line logs.Line
	for {
		piece, found, err := lines.Next()
		if err != nil && !errors.Is(err, io.EOF) {
			return read, kept, err
		}
		if !found {
			break
		}
		if piece.Continues {
			line.Text = strings.TrimSuffix(piece.Text, "\r")
		} else {
			line = logs.FromFile(piece.Text)
			read++
		}
		key := line.Pod + "/" + line.Container
		if streams[key] == nil {
			streams[key] = r.filter.Stream()
		}
		if !line.Time.IsZero() && line.Time.Before(r.since) || !streams[key].KeepPiece(logs.Piece{Text: line.Text, Continues: piece.Continues}) {
			continue
		}
		kept++
		if last != nil {
			last.add(line)
			continue
		}
		if err := r.writeAll([]logs.Line{line}, !lines.Ready()); err != nil {
			return read, kept, err
		}
	}
	return read, kept, r.writeAll(last.lines(), false)
}

// ring holds the last lines of a file.
type ring struct {
	most  int
	held  []logs.Line
	first int
}

// newRing returns one for so many lines; nil, which holds none, if that is negative.
func newRing(most int64) *ring {
	if most < 0 {
		return nil
	}
	return &ring{most: int(most)}
}

func (r *ring) add(l logs.Line) {
	switch {
	case len(r.held) < r.most:
		r.held = append(r.held, l)
	case r.most > 0:
		r.held[r.first] = l
		r.first = (r.first + 1) % r.most
	}
}

func (r *ring) lines() []logs.Line {
	if r == nil {
		return nil
	}
	return append(append([]logs.Line(nil), r.held[r.first:]...), r.held[:r.first]...)
}
