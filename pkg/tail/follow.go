// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Follow sends what the containers of the targets write, from pods that there are
// and from those that appear later, until ctx ends. Lines of one container are in
// order; those of several come as they arrive. Options.Since and Options.Tail
// hold for the given pods, which are those of the targets at the beginning: what
// appears later is read from its first line.
//
// It returns when all streams are closed; nobody sends after that. Where not one of the
// logs may be read it does not wait for ctx, and returns nil.
func (t *Tailer) Follow(ctx context.Context, targets []Target, first []*corev1.Pod, out chan<- logs.Line) error {
	running, end := context.WithCancel(ctx)
	defer end()
	f := &follower{Tailer: t, out: out, end: end, known: map[container]*stream{}}
	for _, p := range first {
		f.see(running, p, false, true)
	}
	f.settle(0)
	var watches sync.WaitGroup
	for _, target := range targets {
		watches.Go(func() { f.watch(running, target) })
	}
	watches.Wait()
	f.group.Wait()
	return ctx.Err()
}

// follower holds the streams of a run.
type follower struct {
	*Tailer
	out   chan<- logs.Line
	end   context.CancelFunc
	group sync.WaitGroup

	mu    sync.Mutex
	known map[container]*stream
	begun bool // the first pods are known
}

// watch sees the pods of a target until ctx ends. Without the right to watch,
// the streams that there are go on.
func (f *follower) watch(ctx context.Context, target Target) {
	err := f.client.Follow(ctx, model.Pods.Kind, target.options(),
		func(err error) { f.trouble("watch "+target.Namespace, err) },
		func(c cluster.Change) error {
			if p, ok := model.Pods.Of(c.Object); ok {
				f.see(ctx, p.Value, c.Gone || !target.takes(p.Value), false)
			}
			return nil
		})
	if ctx.Err() == nil {
		f.trouble("watch "+target.Namespace, fault.Wrap(fault.Failed, err, "pods that appear later are not followed"))
	}
}

// see takes in a pod as it is now, and starts to read containers that are new.
func (f *follower) see(ctx context.Context, p *corev1.Pod, gone, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.parts(p) {
		s := f.known[c.container]
		if s == nil {
			if gone {
				continue
			}
			s = &stream{changed: make(chan struct{}, 1), first: first}
			f.known[c.container] = s
			s.set(c.state, gone)
			f.group.Go(func() { f.follow(ctx, c.container, s) })
			continue
		}
		s.set(c.state, gone) // it stays known: another watch may still tell of it
	}
}

// stream is one container as the pods tell of it.
type stream struct {
	// first says that it was there at the beginning.
	first bool
	// changed holds something when state or gone is news.
	changed chan struct{}

	mu    sync.Mutex
	state state
	gone  bool
}

func (s *stream) set(now state, gone bool) {
	s.mu.Lock()
	changed := s.state != now || s.gone != gone
	s.state, s.gone = now, gone
	s.mu.Unlock()
	if changed {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
}

// get is what is known now; it is news no more.
func (s *stream) get() (state, bool) {
	select {
	case <-s.changed:
	default:
	}
	return s.peek()
}

// peek is get, and leaves news to be waited for.
func (s *stream) peek() (state, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.gone
}

// wait returns when there is news, or after a pause.
func (s *stream) wait(ctx context.Context, pause func(context.Context, int) error, attempt int) {
	ctx, cancel := context.WithCancel(ctx)
	paused := make(chan struct{})
	go func() {
		defer close(paused)
		_ = pause(ctx, attempt) // its error is that of ctx
	}()
	select {
	case <-s.changed:
	case <-paused:
	}
	cancel()
	<-paused
}

// follow reads a container from its start, or from where it was left, run after
// run, until it will not run again.
func (f *follower) follow(ctx context.Context, c container, s *stream) {
	r := f.reader(c, func(l logs.Line) bool {
		select {
		case f.out <- l:
			return true
		case <-ctx.Done():
			return false
		}
	})
	r.again = true
	defer r.rest()
	o := cluster.LogOptions{Follow: true, Tail: -1}
	if s.first {
		o.Since, o.Tail = f.options.Since, f.options.Tail
	}
	opened := false
	var last state
	for attempt := 0; ctx.Err() == nil; attempt++ {
		if opened && f.replaced(ctx, c, s) {
			return
		}
		now, gone := s.get()
		if !now.started {
			if gone || !now.running {
				return
			}
			select {
			case <-s.changed:
			case <-ctx.Done():
			}
			attempt = -1
			continue
		}
		if !opened {
			f.counts.containers.Add(1)
		}
		if opened && now.restarts > last.restarts {
			f.lastWords(ctx, r, o, now.restarts-last.restarts)
			o.Since, o.Tail = time.Time{}, -1
		}
		before := r.past.lines
		err := r.begin(ctx, &o)
		if err == nil {
			err = r.read(ctx, o)
		}
		opened, last = true, now
		if f.over(ctx, c, s, now, err) {
			return
		}
		if err == nil {
			o.Tail = -1 // what there was has come
		}
		if r.past.lines != before {
			attempt = 0
		}
		s.wait(ctx, f.options.Pause, attempt)
	}
}

// begin finds the place to go on from where no line is wanted of those there are: the
// last of them, without which nobody could tell later what was written meanwhile.
func (r *reader) begin(ctx context.Context, o *cluster.LogOptions) error {
	if o.Tail != 0 {
		return nil
	}
	r.quiet = true
	err := r.read(ctx, cluster.LogOptions{Since: o.Since, Tail: 1})
	r.quiet, r.half = false, nil
	if err == nil {
		o.Tail = -1
	}
	return err
}

// replaced looks at the pod before a log is opened again, as the watch may be late: a
// log is named by its pod's name, and may be that of another run, or of another pod
// which has got the name. Where pods cannot be listed, the watch has to do.
func (f *follower) replaced(ctx context.Context, c container, s *stream) bool {
	target := Target{Namespace: c.namespace, Pod: c.pod}
	objects, err := f.client.List(ctx, model.Pods.Kind, target.options())
	if err != nil {
		return false
	}
	for _, o := range objects {
		p, ok := model.Pods.Of(o)
		if !ok || !target.takes(p.Value) {
			continue
		}
		for _, part := range f.parts(p.Value) {
			if part.container != c {
				continue
			}
			if known, gone := s.peek(); !gone && part.restarts >= known.restarts { // the watch may be ahead, too
				s.set(part.state, false)
			}
			return false
		}
	}
	return true
}

// lastWords reads what the run before wrote after it was last heard of.
func (f *follower) lastWords(ctx context.Context, r *reader, o cluster.LogOptions, restarts int32) {
	o.Follow, o.Previous = false, true
	err := r.read(ctx, o)
	if !errors.Is(err, errStopped) {
		r.rest()
	}
	if restarts > 1 || err != nil && ctx.Err() == nil && !errors.Is(err, errStopped) {
		f.trouble("restarts of "+r.String(), fault.Failedf("container %s has started again, and the end of its run before is not in the logs any more", r.container))
	}
}

// settle takes in refused logs, and that the first pods have been seen. It ends the run
// where no log that is known may be read: rights rarely come while somebody waits.
func (f *follower) settle(refused int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun = f.begun || refused == 0
	if failed := f.counts.failed.Add(refused); f.begun && failed > 0 && int(failed) == len(f.known) {
		f.end()
	}
}

// over reports whether nothing more can be read of a container whose stream has ended.
func (f *follower) over(ctx context.Context, c container, s *stream, read state, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	now, gone := s.peek()
	if gone || apierrors.IsNotFound(err) {
		return true
	}
	var broken *brokenError
	if err != nil && !errors.As(err, &broken) { // what broke is opened again
		f.unreadable(c, err)
		if apierrors.IsForbidden(err) {
			f.settle(1)
			return true
		}
	}
	return err == nil && !now.running && now.restarts == read.restarts && now.id == read.id
}
