// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"io"
)

// aheadBlock is how much is read at once.
const aheadBlock = 256 << 10

// ahead reads as long as a context lasts: the read of a pipe or a terminal itself
// waits for what somebody may never write. One that waits when the context ends is
// left to the end of the program, or of its file.
type ahead struct {
	ctx context.Context
	// blocks are what was read, free are those that may be read into.
	blocks chan block
	free   chan []byte
	now    block
	rest   []byte
}

// block is what one read returned.
type block struct {
	data []byte
	err  error
}

func newAhead(ctx context.Context, in io.Reader) *ahead {
	const blocks = 2 // one is read while the other is looked at
	a := &ahead{ctx: ctx, blocks: make(chan block), free: make(chan []byte, blocks)}
	for range blocks {
		a.free <- make([]byte, aheadBlock)
	}
	go func() {
		for {
			var into []byte
			select {
			case into = <-a.free:
			case <-ctx.Done():
				return
			}
			n, err := in.Read(into)
			select {
			case a.blocks <- block{into[:n], err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

// Read is that of io.Reader; when the context ends, it returns that one's error.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.data != nil {
			a.free <- a.now.data[:cap(a.now.data)]
			a.now = block{}
		}
		select {
		case a.now = <-a.blocks:
			a.rest = a.now.data
		case <-a.ctx.Done():
			return 0, a.ctx.Err()
		}
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, a.ctx.Err()
}
