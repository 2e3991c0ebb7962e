// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// read parses the documents that may hold what is wanted.
func (f *Files) read(ctx context.Context, w Want) (batch, error) {
	if err := f.open(ctx, w.Tolerant); err != nil {
		return batch{}, err
	}
	kinds := w.groupKinds()
	var docs []*document
	for _, in := range f.inputs {
		if in.stream == nil {
			continue
		}
		for _, d := range in.stream.Docs {
			if sniffed, may := w.mayHold(d, kinds); may {
				docs = append(docs, &document{Document: d, sniffed: sniffed})
			}
		}
	}
	if err := f.parse(ctx, docs, kinds, w.Tolerant); err != nil {
		return batch{}, err
	}
	found := collect(docs, kinds)
	found.err = joined(append(fault.All(f.unread()), fault.All(found.err)...))
	if len(found.objects) == 0 && found.err == nil && kinds == nil && len(f.Beside()) == 0 {
		return batch{}, fault.Failedf("expected Kubernetes objects, found %d documents without any", len(docs)).At(f.inputs[0].stream.File)
	}
	return found, nil
}

// document is one that has to be parsed, and what came of it.
type document struct {
	*manifest.Document
	sniffed bool
	objects []*model.Object
	err     error
}

// mayHold reports whether a document may hold what is wanted of the kinds (nil
// for all), as far as can be told without parsing it, and whether it is known
// to be of one of them.
func (w Want) mayHold(d *manifest.Document, kinds map[ref.GroupKind]bool) (sniffed, may bool) {
	if d.Blank() {
		return false, false
	}
	if kinds == nil && len(w.Mentions) == 0 {
		return false, true
	}
	apiVersion, kind, ok := d.Sniff()
	if !ok {
		return false, true
	}
	sniffed = kinds != nil && !strings.HasSuffix(kind, "List")
	if w.Tolerant && bytes.Count(d.Bytes(), []byte("kind")) > 1 {
		return false, true // perhaps twice at the top, and the last one counts
	}
	if sniffed && !kinds[ref.Of(apiVersion, kind, "", "").GroupKind()] {
		return true, false
	}
	return sniffed, mentions(d.Bytes(), w.Mentions) || suspect(d.Bytes())
}

// mentions reports whether a document holds one of the texts, or there is none
// to look for.
func mentions(document []byte, texts []string) bool {
	return len(texts) == 0 || slices.ContainsFunc(texts, func(t string) bool { return bytes.Contains(document, []byte(t)) })
}

// suspect reports whether a document looks broken: indented with tabs, or a
// template that nobody has filled in. Its text says nothing about what it
// holds, and its fault has to be told.
func suspect(document []byte) bool {
	return bytes.HasPrefix(document, []byte("\t")) || bytes.Contains(document, []byte("\n\t")) || bytes.Contains(document, []byte("{{"))
}

// parse parses documents on all cores and converts the objects of the kinds (nil
// for all). The error is only about being cut short.
func (f *Files) parse(ctx context.Context, docs []*document, kinds map[ref.GroupKind]bool, tolerant bool) error {
	read := (*manifest.Document).Objects
	if tolerant {
		read = (*manifest.Document).Tolerant
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(docs)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(docs)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				found, err := read(docs[i].Document)
				docs[i].take(found, kinds, f.Options.Namespace)
				docs[i].err = err
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return ended(ctx, "parse the manifests")
	}
	return nil
}

// take keeps the objects of the kinds. That one does not fit its type is
// reported when the Snapshot is built.
func (d *document) take(found []*manifest.Object, kinds map[ref.GroupKind]bool, namespace string) {
	for _, m := range found {
		if o := model.FromManifest(m, namespace); kinds == nil || kinds[o.Ref.GroupKind()] {
			_ = o.Convert()
			d.objects = append(d.objects, o)
		}
	}
}

// collect returns the wanted objects in the order of the streams. When only
// some kinds are wanted, a document that is no Kubernetes object (Helm values
// beside the manifests) is not one of them and no fault.
func collect(docs []*document, kinds map[ref.GroupKind]bool) batch {
	var found batch
	var errs []error
	for _, d := range docs {
		if d.err != nil && (kinds == nil || d.sniffed || !errors.Is(d.err, manifest.ErrNotObject)) {
			errs = append(errs, fault.All(d.err)...)
		}
		found.objects = append(found.objects, d.objects...)
	}
	found.err = joined(errs)
	return found
}
