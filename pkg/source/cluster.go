// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// maxLists bounds the lists in flight. They share one connection; the server
// gives a client about this many seats at a time before it queues.
const maxLists = 16

// Cluster is a live cluster: one list for each kind, all in parallel.
type Cluster struct {
	Client *cluster.Client
	// Options are the facts that no object holds.
	Options model.Options
	// Chunk is how many objects one answer holds: 0 is cluster.DefaultChunk,
	// negative asks for all at once.
	Chunk int
}

// Load implements Source. A kind that may not be listed, or that the cluster
// does not serve, is a gap. Any other failure ends the load at once; with
// Want.Tolerant, one that is about a single kind is a gap too, unless that
// leaves nothing that could be read.
func (c *Cluster) Load(ctx context.Context, w Want) (*model.Snapshot, error) {
	found, err := c.read(ctx, w)
	if err != nil {
		return nil, err
	}
	return snapshot(c.Options, found)
}

// Get reads one object with its managedFields, to be changed. An object that
// does not exist is an error for which apierrors.IsNotFound holds.
func (c *Cluster) Get(ctx context.Context, object ref.Ref) (*model.Object, error) {
	raw, err := c.Client.Get(ctx, object)
	if err != nil {
		return nil, err
	}
	return model.FromRaw(raw, ""), nil
}

// list is one request of a load and what came of it.
type list struct {
	kind  *model.Kind
	scope Scope
	// namespace is empty for all; fallback is where to look if that is forbidden.
	namespace, fallback string
	found               batch
	// failed is why the server could not list the kind, when others go on.
	failed error
}

func (c *Cluster) read(ctx context.Context, w Want) (batch, error) {
	lists := w.lists()
	share := &cluster.Sharer{}
	g, inFlight := errgroup.WithContext(ctx)
	g.SetLimit(maxLists)
	for _, l := range lists {
		g.Go(func() error {
			err := c.list(inFlight, l, share)
			if err == nil || !w.Tolerant || inFlight.Err() != nil || !cluster.IsPartial(err) {
				return err
			}
			l.failed = err
			l.gap(reason(err), false)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return batch{}, err
	}
	var all batch
	answered := false
	for _, l := range lists {
		all.objects = append(all.objects, l.found.objects...)
		all.gaps = append(all.gaps, l.found.gaps...)
		answered = answered || l.failed == nil
	}
	if !answered && len(lists) > 0 {
		return batch{}, lists[0].failed
	}
	return all, nil
}

// reason words a failure for a gap. That a request ran out of time says nothing
// about which, and the words of net/http hold the address of the server.
func reason(err error) string {
	var f *fault.Error
	if fault.KindOf(err) == fault.Timeout && errors.As(err, &f) {
		return f.Message + ": no answer in time"
	}
	return err.Error()
}

// lists are the requests that together read what is wanted.
func (w Want) lists() []*list {
	var out []*list
	for _, k := range w.kinds() {
		s := w.scope(k)
		namespaces := slices.Compact(slices.Sorted(slices.Values(s.Namespaces)))
		for _, ns := range namespaces {
			l := &list{kind: k, scope: s, namespace: ns}
			if ns == "" && k.Namespaced {
				l.fallback = w.Namespace
			}
			out = append(out, l)
		}
	}
	return out
}

// kinds are Kinds, or what they stand for where there are none.
func (w Want) kinds() []*model.Kind {
	if len(w.Kinds) > 0 {
		return w.Kinds
	}
	return everyKind()
}

// everyKind is what is read of a cluster when nobody says what: Endpoints only
// repeat EndpointSlices, with a warning of the server.
func everyKind() []*model.Kind {
	return slices.DeleteFunc(model.Kinds(), func(k *model.Kind) bool { return k == model.Endpoints.Kind })
}

// list carries out one request and converts what it brings while others are on
// their way; building the Snapshot reports what does not fit.
func (c *Cluster) list(ctx context.Context, l *list, share *cluster.Sharer) error {
	err := c.ask(ctx, l, share)
	for _, o := range l.found.objects {
		_ = o.Convert()
	}
	return err
}

// ask sends one request. Forbidden and not served are answers, not errors.
func (c *Cluster) ask(ctx context.Context, l *list, share *cluster.Sharer) error {
	o := cluster.ListOptions{
		Namespace: l.namespace, Labels: l.scope.Labels, Fields: l.scope.Fields, Chunk: c.Chunk,
		ManagedFields: l.scope.ManagedFields, MetadataOnly: l.scope.MetadataOnly, Slim: l.scope.Slim, Share: share,
	}
	var err error
	l.found.objects, err = c.Client.List(ctx, l.kind, o)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, cluster.ErrNotServed):
		l.gap("the cluster does not serve "+l.kind.GroupKind.String(), true)
		return nil
	case !apierrors.IsForbidden(err):
		return err
	}
	if l.fallback == "" {
		l.gap("cannot list "+l.what()+": forbidden", false)
		return nil
	}
	o.Namespace = l.fallback
	l.found.objects, err = c.Client.List(ctx, l.kind, o)
	switch {
	case err == nil:
		l.gap("cannot list "+l.what()+" in all namespaces, only in "+l.fallback+": forbidden", false)
		l.found.gaps[len(l.found.gaps)-1].Known = []string{l.fallback}
	case errors.Is(err, cluster.ErrNotServed):
		l.gap("the cluster does not serve "+l.kind.GroupKind.String(), true)
	case apierrors.IsForbidden(err):
		l.gap("cannot list "+l.what()+", not even in namespace "+l.fallback+": forbidden", false)
	default:
		return err
	}
	return nil
}

func (l *list) what() string {
	if l.namespace == "" {
		return l.kind.Resource
	}
	return l.kind.Resource + " in namespace " + l.namespace
}

// gap records what is unknown. It is the whole kind even if one namespace could
// be read: the others may hold what matters.
func (l *list) gap(reason string, missing bool) {
	g := model.Gap{Kind: l.kind.GroupKind, Namespace: l.namespace, Reason: reason, Missing: missing}
	if missing {
		g.Namespace = ""
	}
	l.found.gaps = append(l.found.gaps, g)
}
