// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package logs_test

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// pieces are the texts that a Reader returns, in which "+" is before what continues a
// line; long ones are their lengths.
func pieces(t *testing.T, in io.Reader, want error) []string {
	t.Helper()
	r := logs.NewReader(in, 64<<10)
	var out []string
	for {
		p, found, err := r.Next()
		if found {
			text := p.Text
			if len(text) > 100 {
				text = strconv.Itoa(len(text))
			}
			if p.Continues {
				text = "+" + text
			}
			out = append(out, text)
		}
		if err != nil {
			if !errors.Is(err, want) {
				t.Errorf("ended with %v, want %v", err, want)
			}
			return out
		}
	}
}

func TestReader(t *testing.T) {
	piece := strings.Repeat("x", logs.Longest)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":            {"", nil},
		"lines":            {"a\n\nb\r\n", []string{"a", "", "b"}},
		"no end":           {"a\nb", []string{"a", "b"}},
		"long":             {piece + piece + "y\nz\n", []string{"1048576", "+1048576", "+y", "z"}},
		"long, exactly":    {piece + "\n\nz\n", []string{"1048576", "", "z"}},
		"long without end": {piece + piece, []string{"1048576", "+1048576"}},
	} {
		if diff := cmp.Diff(c.want, pieces(t, strings.NewReader(c.text), io.EOF)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := pieces(t, io.MultiReader(strings.NewReader("a\nhal"), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF); cmp.Diff([]string{"a", "hal"}, got) != "" {
		t.Errorf("got %q", got)
	}
}

// Half a line is nothing to wait for.
func TestReady(t *testing.T) {
	r := logs.NewReader(strings.NewReader("a\nb\nhalf"), 64)
	for _, want := range []bool{true, false, false} {
		if _, _, err := r.Next(); err != nil && !errors.Is(err, io.EOF) || r.Ready() != want {
			t.Errorf("ready is not %t, %v", want, err)
		}
	}
}

// Pieces of a long line go with its beginning.
func TestKeepPiece(t *testing.T) {
	s := (&logs.Filter{Level: logs.Warn}).Stream()
	for i, c := range []struct {
		piece logs.Piece
		want  bool
	}{
		{logs.Piece{Text: "INFO a"}, false}, {logs.Piece{Text: "b", Continues: true}, false}, {logs.Piece{Text: "ERROR c", Continues: true}, false},
		{logs.Piece{Text: "ERROR a"}, true}, {logs.Piece{Text: "INFO b", Continues: true}, true},
		{logs.Piece{Text: "  at c"}, true}, {logs.Piece{Text: "DEBUG d"}, false}, {logs.Piece{Text: "  at d"}, false}, {logs.Piece{Text: "e", Continues: true}, false},
		{logs.Piece{Text: "f"}, true},
	} {
		if got := s.KeepPiece(c.piece); got != c.want {
			t.Errorf("%d: %q: %t", i, c.piece.Text, got)
		}
	}
}
