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
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// patience is how long a URL may take when the caller brings no client.
const patience = 30 * time.Second

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
	type answer struct {
		data []byte
		err  error
	}
	// A read of a terminal or of a stuck pipe cannot be cancelled; it is left
	// behind, for the process is about to end.
	done := make(chan answer, 1)
	go func() {
		data, err := readAll("<stdin>", f.Stdin, 0)
		done <- answer{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ended(ctx, "read standard input")
	case a := <-done:
		if a.err != nil {
			return nil, unreadable("<stdin>", a.err)
		}
		return a.data, nil
	}
}

// fetch reads a URL.
func (f *Files) fetch(ctx context.Context, url string) ([]byte, error) {
	client := f.HTTP
	if client == nil {
		client = &http.Client{Timeout: patience}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fault.Usagef("expected a URL, found %q", url).Because(err)
	}
	request.Header.Set("Accept", "application/yaml, application/json, text/plain, */*;q=0.5")
	answer, err := client.Do(request)
	if ctx.Err() != nil {
		return nil, ended(ctx, "read "+url)
	}
	if err != nil {
		return nil, fault.Failedf("cannot read the URL").Because(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fault.Failedf("expected status 200, found %s", answer.Status).At(url)
	}
	if answer.ContentLength > manifest.MaxSize {
		return nil, tooLarge(url, answer.ContentLength)
	}
	data, err := readAll(url, answer.Body, answer.ContentLength)
	if ctx.Err() != nil {
		return nil, ended(ctx, "read "+url)
	}
	if err != nil {
		return nil, unreadable(url, err)
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return nil, fault.Failedf("expected manifests, found a web page").At(url).
			Try("take the address of the raw file, on GitHub the one of the button Raw")
	}
	return data, nil
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
	var typed *fault.Error
	if errors.As(err, &typed) {
		return err
	}
	cause := err
	var bare *fs.PathError // repeats the path
	if errors.As(err, &bare) {
		cause = bare.Err
	}
	e := fault.Failedf("cannot read it").At(path).Because(cause)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(path, "*?["):
		return e.Try("no file matches the pattern; to read a tree: -f DIRECTORY -R")
	case errors.Is(err, fs.ErrNotExist):
		return e.Try("ls %s", filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return e.Try("ls -ld %s", path)
	}
	return e
}

// ended is the error of work that was cut short; only a deadline has a kind
// here, for which signal it was the command line knows.
func ended(ctx context.Context, doing string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.New(fault.Timeout, "cannot %s: the time ran out", doing).Because(ctx.Err())
	}
	return fmt.Errorf("cannot %s: %w", doing, ctx.Err())
}
