// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// readFile reads a file whose size is known to be reasonable before any of it
// is in memory. Pipes have no size and are cut off while reading.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, unreadable(path, err)
	}
	if info.Mode().IsRegular() && info.Size() > manifest.MaxSize {
		return nil, tooLarge(path, info.Size())
	}
	data, err := readAll(path, file, info.Size())
	if err != nil {
		return nil, unreadable(path, err)
	}
	return data, nil
}

func (f *Files) readStdin(ctx context.Context) ([]byte, error) {
	if f.Stdin == nil {
		return nil, fault.Failedf("expected manifests on standard input, found it closed")
	}
	return abandonable(ctx, "read standard input", func() ([]byte, error) {
		data, err := readAll("<stdin>", f.Stdin, 0)
		if err != nil {
			return nil, unreadable("<stdin>", err)
		}
		return data, nil
	})
}

// abandonable runs work that knows no context: a read of a terminal, or of a
// pipe that nobody writes to, cannot be cancelled. It is left behind when ctx
// ends, for the process is about to end as well.
func abandonable(ctx context.Context, doing string, work func() ([]byte, error)) ([]byte, error) {
	type answer struct {
		data []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		data, err := work()
		done <- answer{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ended(ctx, doing)
	case a := <-done:
		return a.data, a.err
	}
}

// readAll reads up to the largest size of a stream; hint is the size expected,
// if known.
func readAll(name string, r io.Reader, hint int64) ([]byte, error) {
	var b bytes.Buffer
	if hint > 0 {
		b.Grow(int(hint) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r, manifest.MaxSize+1))
	if err == nil && n > manifest.MaxSize {
		return nil, tooLarge(name, n)
	}
	return b.Bytes(), err
}

func tooLarge(name string, size int64) error {
	return fault.Failedf("expected at most %d MiB of manifests, found %d MiB or more", manifest.MaxSize>>20, size>>20).
		At(name).Try("split the file, or read only the objects you need")
}

// unreadable explains an error of the operating system.
func unreadable(path string, err error) error {
	err = fault.Unreadable(path, err)
	var e *fault.Error
	if errors.As(err, &e) && errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(path, "*?[") {
		return e.Try("no file matches the pattern; to read a tree: -f DIRECTORY -R")
	}
	return err
}

// ended is the error of work that was cut short; only a deadline has a kind
// here, for which signal it was the command line knows. It also has the words
// for both, and for how long was given, so that none are added here.
func ended(ctx context.Context, doing string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.New(fault.Timeout, "cannot %s", doing).Because(ctx.Err())
	}
	return fmt.Errorf("cannot %s: %w", doing, ctx.Err())
}
