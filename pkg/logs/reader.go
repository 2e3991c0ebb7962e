// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Longest is how many bytes of a line are held at once: what is longer comes in
// pieces, so that a log without line ends does not take all memory.
const Longest = 1 << 20

// Reader reads lines.
type Reader struct {
	in *bufio.Reader
	// within says that the last piece was not the end of its line.
	within bool
}

// NewReader returns a Reader with a buffer of so many bytes.
func NewReader(in io.Reader, buffer int) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, buffer)}
}

// Piece is a line without its end, or a part of a long one.
type Piece struct {
	Text string
	// Continues says that it goes on with the line of the piece before.
	Continues bool
}

// Ready reports whether another whole line has arrived.
func (r *Reader) Ready() bool {
	arrived, _ := r.in.Peek(r.in.Buffered()) // as much as there is
	return bytes.IndexByte(arrived, '\n') >= 0
}

// Next returns the next piece. Found says that there is one; with an error it is
// what came before that, of a line that may not be whole.
func (r *Reader) Next() (p Piece, found bool, err error) {
	p.Continues = r.within
	var held []byte
	for {
		part, err := r.in.ReadSlice('\n')
		r.within = err != nil
		switch {
		case err == nil:
			part = part[:len(part)-1]
			if len(part) > 0 && part[len(part)-1] == '\r' {
				part = part[:len(part)-1]
			}
			if p.Continues && len(held)+len(part) == 0 { // the line ended with the piece before
				p.Continues = false
				continue
			}
		case errors.Is(err, bufio.ErrBufferFull):
			if held = append(held, part...); len(held) < Longest {
				continue
			}
			part, err = nil, nil
		}
		if held == nil {
			p.Text = string(part)
		} else {
			p.Text = string(append(held, part...))
		}
		return p, err == nil || p.Text != "", err
	}
}
