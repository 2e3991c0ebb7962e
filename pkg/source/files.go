// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Files are manifests. They are read once, at the first need; after that
// Print and Save give the bytes back with edits. The exported fields must not be
// changed then. Methods are safe for concurrent use.
type Files struct {
	// Paths are files, directories, URLs (http, https) and "-" for Stdin, in the
	// order given.
	Paths []string
	// Recursive descends into the sub-directories of directories.
	Recursive bool
	// Kustomize is a directory to build in place of Paths, from local files only.
	Kustomize string
	// Stdin is what "-" reads.
	Stdin io.Reader
	// Texts reads Dockerfiles, pipelines and scripts too; see Beside.
	Texts bool
	// HTTP reads URLs; nil means a client with a time limit of 30 seconds.
	HTTP *http.Client
	// Options are the facts that no object holds. The namespace applies to
	// objects that name none.
	Options model.Options

	once   sync.Once
	inputs []*input
	err    error
}

// input is one stream, with what is needed to write it back.
type input struct {
	// name is for people; file is the path that can be written, if any.
	name, file string
	// same is equal for inputs that are one and the same; empty if that cannot be.
	same string
	read func(context.Context) ([]byte, error)
	// vital inputs are what the user asked for as a whole: without one there is
	// nothing to say, even with tolerance.
	vital bool
	data  []byte
	// stream is nil when err says why it could not be read, and for a text, which
	// holds no manifests.
	stream *manifest.Stream
	text   *model.Text
	err    error
}

// Load implements Source.
func (f *Files) Load(ctx context.Context, w Want) (*model.Snapshot, error) {
	found, err := f.read(ctx, w)
	if err != nil {
		return nil, err
	}
	return snapshot(f.Options, found)
}

// Streams returns the manifests as they are, one stream for each file, in the
// order of Paths; files of a directory are sorted by name.
func (f *Files) Streams(ctx context.Context) ([]*manifest.Stream, error) {
	if err := f.open(ctx, false); err != nil {
		return nil, err
	}
	var out []*manifest.Stream
	for _, in := range f.inputs {
		if in.text == nil {
			out = append(out, in.stream)
		}
	}
	return out, nil
}

// open reads all bytes, once; whoever comes first decides on tolerance. Without
// it, an input that cannot be read is an error, whoever came first.
func (f *Files) open(ctx context.Context, tolerant bool) error {
	f.once.Do(func() {
		if f.inputs, f.err = f.find(); f.err != nil {
			return
		}
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.GOMAXPROCS(0))
		for _, in := range f.inputs {
			g.Go(func() error {
				in.open(ctx, f.Texts)
				if in.err != nil && (!tolerant || in.vital || ctx.Err() != nil) {
					return in.err
				}
				return nil
			})
		}
		if f.err = g.Wait(); f.err == nil {
			f.err = f.empty()
		}
	})
	if f.err != nil || tolerant {
		return f.err
	}
	return f.unread()
}

// open reads the bytes of one input, unless finding it has failed already.
func (in *input) open(ctx context.Context, texts bool) {
	if in.err != nil {
		return
	}
	if in.data, in.err = in.read(ctx); in.err == nil {
		in.vital = false // that it is no text is no worse than a broken document
		if texts {
			in.text = textOf(in.name, in.data)
		}
		if in.text == nil {
			in.stream, in.err = manifest.Split(in.name, in.data)
		}
	}
}

// unread joins why inputs could not be read.
func (f *Files) unread() error {
	var errs []error
	for _, in := range f.inputs {
		errs = append(errs, in.err)
	}
	return joined(errs)
}

// empty returns an error if there is nothing to work on in any stream.
func (f *Files) empty() error {
	for _, in := range f.inputs {
		if in.text != nil {
			return nil
		}
		if in.stream == nil {
			continue
		}
		for _, d := range in.stream.Docs {
			if !d.Blank() {
				return nil
			}
		}
	}
	if err := f.unread(); err != nil {
		return err
	}
	e := fault.Failedf("expected Kubernetes objects, found nothing but blanks and comments")
	if len(f.inputs) == 1 {
		e.At(f.inputs[0].stream.File)
		if f.inputs[0].name == stdin {
			e.Try("does the command before the pipe print manifests? its errors are on its own stderr")
		}
	}
	return e
}

// joined is errors.Join that keeps a single error as it is.
func joined(errs []error) error {
	var one error
	n := 0
	for _, err := range errs {
		if err != nil {
			one = err
			n++
		}
	}
	if n == 1 {
		return one
	}
	return errors.Join(errs...)
}
