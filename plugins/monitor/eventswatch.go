// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
	"github.com/kubectl-micro/kubectl-micro/pkg/timeline"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// following is what a watch of events knows.
type following struct {
	*events
	// told are the counts of the events that were told.
	told   map[types.UID]int
	news   *timeline.News
	wanted func(timeline.Entry) bool
	widths []int
}

// goOn tells events as they come until ctx ends. Events that were told are not
// told again when a watch begins anew; one that is counted up is.
func (e *events) goOn(ctx context.Context, seen *world.Seen, o timeline.Options, shown []timeline.Entry) error {
	client, err := e.world.Client()
	if err != nil {
		return err
	}
	f := &following{
		events: e, told: map[types.UID]int{}, news: timeline.NewNews(seen.Snapshot, e.world.Namespace),
		wanted: timeline.Filter(seen.Snapshot, o), widths: e.widths(shown),
	}
	for _, one := range model.Events.In(seen.Snapshot, e.world.Namespace) {
		f.told[one.Value.UID] = timeline.FromCore(one.Value).Count
	}
	return client.Follow(ctx, model.Events.Kind, cluster.ListOptions{Namespace: e.world.Namespace},
		func(err error) { trace.Unread(e.Factory, []error{err}) },
		func(c cluster.Change) error { return f.changed(ctx, c) })
}

func (f *following) changed(ctx context.Context, c cluster.Change) error {
	one, ok := model.Events.Of(c.Object)
	if !ok {
		return nil
	}
	if c.Gone { // forgotten by the server, which is no news
		delete(f.told, one.Value.UID)
		return nil
	}
	entry := timeline.FromCore(one.Value)
	if count, known := f.told[one.Value.UID]; known && entry.Count <= count {
		return nil
	}
	f.told[one.Value.UID] = entry.Count
	if f.news.Due(entry) {
		if err := f.rollouts(ctx, entry.Object.Namespace); err != nil {
			return err
		}
	}
	return f.tell(entry)
}

// rollouts tells those of a namespace that are new. What they are is in the
// ReplicaSets, which are read for it.
func (f *following) rollouts(ctx context.Context, namespace string) error {
	kinds := []*model.Kind{model.Events.Kind, model.Deployments.Kind, model.ReplicaSets.Kind}
	seen, err := f.world.Load(ctx, world.Request{Want: source.Want{Kinds: kinds, Namespace: namespace, Tolerant: true, Slim: true}})
	switch {
	case ctx.Err() != nil:
		return nil // the watch ends, and says so
	case err != nil:
		trace.Unread(f.Factory, []error{err})
		return nil
	}
	trace.Unread(f.Factory, seen.Unread)
	for _, entry := range f.news.Of(seen.Snapshot, namespace) {
		if err := f.tell(entry); err != nil {
			return err
		}
	}
	return nil
}

// tell writes one line of what is wanted.
func (f *following) tell(x timeline.Entry) error {
	if !f.wanted(x) {
		return nil
	}
	if f.report.Output == "jsonl" {
		return render.JSONL(f.Streams.Out, entries([]timeline.Entry{x}))
	}
	var b strings.Builder
	cells := f.cells(x, f.Now())
	for i, cell := range cells {
		cell = render.Sanitise(cell)
		if i < len(cells)-1 {
			cell += strings.Repeat(" ", max(0, f.widths[i]-utf8.RuneCountInString(cell))+3)
		}
		b.WriteString(cell)
	}
	_, err := io.WriteString(f.Streams.Out, strings.TrimRight(b.String(), " ")+"\n")
	if err != nil {
		return fmt.Errorf("writing events: %w", err)
	}
	return nil
}

// widths are those of the columns of the table above, which the lines below keep to.
func (e *events) widths(shown []timeline.Entry) []int {
	out := make([]int, len(e.header()))
	count := func(cells []string) {
		for i, cell := range cells {
			out[i] = max(out[i], utf8.RuneCountInString(render.Sanitise(cell)))
		}
	}
	if !e.report.NoHeaders {
		count(e.header())
	}
	for _, x := range shown {
		count(e.cells(x, e.Now()))
	}
	return out
}
