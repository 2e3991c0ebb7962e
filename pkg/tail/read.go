// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"context"
	"errors"
	"iter"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
)

// Read reads what the containers of pods have written so far, in the order of
// time over all of them: the same logs give the same lines in the same order.
// When it ends, because nothing is left, the caller takes no more or ctx has
// ended, no stream is open any more.
func (t *Tailer) Read(ctx context.Context, pods []*corev1.Pod) iter.Seq[logs.Line] {
	return func(yield func(logs.Line) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var group sync.WaitGroup
		defer group.Wait()
		defer cancel()
		var sources []iter.Seq[logs.Line]
		for _, p := range pods {
			for _, c := range t.parts(p) {
				if t.options.Previous && c.restarts == 0 {
					continue
				}
				if !c.started {
					t.trouble(c.String(), fault.Failedf("container %s has no log yet: %s", c, c.waiting))
					continue
				}
				lines := make(chan logs.Line, 64)
				group.Go(func() {
					defer close(lines)
					t.readOnce(ctx, c.container, lines)
				})
				sources = append(sources, received(lines))
			}
		}
		for line := range logs.Merge(sources) {
			if !yield(line) {
				return
			}
		}
	}
}

func (t *Tailer) readOnce(ctx context.Context, c container, lines chan<- logs.Line) {
	t.counts.containers.Add(1)
	r := t.reader(c, func(l logs.Line) bool {
		select {
		case lines <- l:
			return true
		case <-ctx.Done():
			return false
		}
	})
	err := r.read(ctx, cluster.LogOptions{Previous: t.options.Previous, Since: t.options.Since, Tail: t.options.Tail})
	if !errors.Is(err, errStopped) {
		r.rest()
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errStopped) {
		t.counts.failed.Add(1)
		t.unreadable(c, err)
	}
}

func received(lines <-chan logs.Line) iter.Seq[logs.Line] {
	return func(yield func(logs.Line) bool) {
		for l := range lines {
			if !yield(l) {
				return
			}
		}
	}
}
