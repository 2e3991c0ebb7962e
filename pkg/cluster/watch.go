// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Change is what a watch tells of an object.
type Change struct {
	// Object is as it is now, or as it was before it went.
	Object *model.Object
	// Gone says that it no longer exists, or that the selector no longer takes it.
	Gone bool
}

// Follow tells every object of a kind that there is, and then every change of
// one, until ctx ends, each returns an error, or the server says that the kind
// may not be watched or is not served. It goes on where a watch ends, as the
// server makes all of them do after a while; where the server has forgotten
// what came since, objects are told once more, and what went meanwhile is not
// told. A connection that is lost is built again, with pauses; each time trouble
// (may be nil) hears of it.
//
// Of o, only the namespace, the selectors and ManagedFields count.
func (c *Client) Follow(ctx context.Context, k *model.Kind, o ListOptions, trouble func(error), each func(Change) error) error {
	w := watcher{client: c, kind: k, options: o, each: each}
	for attempt := 0; ; attempt++ {
		before := w.version
		err := w.watch(ctx)
		var stop stopped
		switch {
		case errors.As(err, &stop):
			return stop.error
		case ctx.Err() != nil, apierrors.IsForbidden(err), apierrors.IsUnauthorized(err), isNotServed(err):
			what := ref.Ref{Group: k.Group, Kind: k.Kind, Namespace: o.Namespace}
			return c.explain(ctx, err, "watch", what)
		case apierrors.IsResourceExpired(err), apierrors.IsGone(err):
			w.version = "" // from what there is now
		case err != nil && trouble != nil:
			trouble(c.explain(ctx, err, "watch", ref.Ref{Group: k.Group, Kind: k.Kind, Namespace: o.Namespace}))
		}
		if w.version != before {
			attempt = 0
		}
		if err := Pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// Pause waits before another attempt: a tenth of a second after the first, twice
// as long after each further one, half a minute at most. It returns the error of
// ctx when that ends first.
func Pause(ctx context.Context, attempt int) error {
	const first, most = 100 * time.Millisecond, 30 * time.Second
	wait := most
	if attempt < 8 {
		wait = first << attempt
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// stopped is an error of the caller's own function.
type stopped struct{ error }

// watcher is a watch that can be taken up again.
type watcher struct {
	client  *Client
	kind    *model.Kind
	options ListOptions
	each    func(Change) error
	// version is the resourceVersion up to which changes were told; empty at first,
	// which makes the server begin with what there is.
	version string
}

// watch tells changes until the connection ends; nil where the server ended it.
func (w *watcher) watch(ctx context.Context) error {
	version := w.client.versions(w.kind.GroupKind)[0]
	namespace := w.options.Namespace
	if !w.kind.Namespaced {
		namespace = ""
	}
	r := w.client.rest.Get().AbsPath(segments(w.kind.Group, version, namespace, w.kind.Resource)...)
	o := w.options
	o.Chunk, o.MetadataOnly = -1, false
	r = o.set(r, w.kind).SetHeader("Accept", runtime.ContentTypeJSON).Param("watch", "true").Param("allowWatchBookmarks", "true")
	if w.version != "" {
		r.Param("resourceVersion", w.version)
	}
	body, err := r.MaxRetries(0).Stream(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	for decoder := json.NewDecoder(body); ; {
		var event metav1.WatchEvent
		switch err := decoder.Decode(&event); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
		if err := w.tell(event, version); err != nil {
			return err
		}
	}
}

func (w *watcher) tell(event metav1.WatchEvent, version string) error {
	kind := watch.EventType(event.Type)
	if kind == watch.Error {
		var status metav1.Status
		if err := json.Unmarshal(event.Object.Raw, &status); err != nil {
			return err
		}
		return apierrors.FromObject(&status)
	}
	typed := w.kind.New()
	if err := json.Unmarshal(event.Object.Raw, typed); err != nil {
		return err
	}
	m, err := meta.Accessor(typed)
	if err != nil {
		return err
	}
	if kind != watch.Bookmark {
		if !w.options.ManagedFields {
			m.SetManagedFields(nil)
		}
		served := *w.kind
		served.Versions = []string{version}
		change := Change{Object: model.FromTyped(&served, typed, m.GetNamespace(), m.GetName()), Gone: kind == watch.Deleted}
		if err := w.each(change); err != nil {
			return stopped{err}
		}
	}
	// What there is at first comes in no order of versions: none of them is a place
	// to go on from.
	if kind != watch.Added || w.version != "" {
		w.version = m.GetResourceVersion()
	}
	return nil
}
