// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
)

// Loader creates worlds in a sandbox.
type Loader struct {
	Client *api.Client
	// Workers is the number of requests in flight.
	Workers int
	// Progress gets a line every few seconds.
	Progress io.Writer
}

// Load creates nodes, namespaces and objects; what exists already is left as it is.
func (l Loader) Load(ctx context.Context, w World) error {
	count, err := l.nodes(ctx, w)
	if err != nil {
		return err
	}
	if err := l.create(ctx, "nodes", Nodes(count), count); err != nil {
		return err
	}
	if err := l.create(ctx, "namespaces", w.Spaces(), w.Namespaces); err != nil {
		return err
	}
	return l.create(ctx, "objects", w.Objects(), w.ObjectCount()-w.Namespaces)
}

// nodes is the number of nodes that the pods of the cluster and of the new world need.
func (l Loader) nodes(ctx context.Context, w World) (int, error) {
	var pods struct {
		Metadata struct{ RemainingItemCount int }
		Items    []struct{}
	}
	if err := l.Client.Get(ctx, "/api/v1/pods?limit=1", &pods); err != nil {
		return 0, err
	}
	return NodesFor(len(pods.Items) + pods.Metadata.RemainingItemCount + w.PodCount()), nil
}

// create posts objects from several workers and stops at the first error.
func (l Loader) create(ctx context.Context, what string, objects iter.Seq[Object], total int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan Object)
	var done atomic.Int64
	var workers sync.WaitGroup
	for range max(1, l.Workers) {
		workers.Go(func() {
			for next := range queue {
				if err := l.Client.Ensure(ctx, next.Path, next.Body); err != nil {
					cancel(err)
					return
				}
				done.Add(1)
			}
		})
	}
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
feed:
	for next := range objects {
		for sent := false; !sent; {
			select {
			case queue <- next:
				sent = true
			case <-tick.C:
				fmt.Fprintf(l.Progress, "%s: %d of %d\n", what, done.Load(), total)
			case <-ctx.Done():
				break feed
			}
		}
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// Wait returns when every deployment of the world has all its pods Ready.
func (l Loader) Wait(ctx context.Context, w World) error {
	last := -1
	return api.Until(ctx, time.Second, func(ctx context.Context) error {
		var deployments struct {
			Items []struct{ Status struct{ ReadyReplicas int } }
		}
		if err := l.Client.Get(ctx, "/apis/apps/v1/deployments?"+w.Selector(), &deployments); err != nil {
			return err
		}
		ready := 0
		for _, deployment := range deployments.Items {
			ready += deployment.Status.ReadyReplicas
		}
		if ready < w.PodCount() {
			if ready != last {
				fmt.Fprintf(l.Progress, "pods: %d of %d ready\n", ready, w.PodCount())
			}
			last = ready
			return fmt.Errorf("expected %d ready pods, found %d", w.PodCount(), ready)
		}
		return nil
	})
}
