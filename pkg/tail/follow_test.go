// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/tail"
)

// following is a run under way.
type following struct {
	t     *testing.T
	lines chan logs.Line
	waits context.Context
	stop  context.CancelFunc
	ended chan error

	mu   sync.Mutex
	told []string
}

func follow(t *testing.T, n *node, o tail.Options) *following {
	t.Helper()
	f := &following{t: t, lines: make(chan logs.Line), ended: make(chan error, 1)}
	var ctx context.Context
	f.waits = deadline(t)
	ctx, f.stop = context.WithCancel(f.waits)
	if o.Pause == nil {
		o.Pause = soon
	}
	o.Trouble = func(err error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.told = append(f.told, err.Error())
	}
	x := tail.New(n.client(t), o)
	pods, err := x.Pods(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	go func() { f.ended <- x.Follow(ctx, all, pods, f.lines) }()
	t.Cleanup(func() {
		f.stop()
		if err := <-f.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
	return f
}

// expect waits for these lines, in any order, and no others.
func (f *following) expect(want ...string) {
	f.t.Helper()
	var got []string
	for range want {
		select {
		case l := <-f.lines:
			got = append(got, short(l))
		case <-f.waits.Done():
			f.t.Fatalf("waited for %q, found %q", want, got)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Fatal(diff)
	}
}

func (f *following) tellings() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.told, "\n")
}

// Pods that were there begin where the options say, later ones with their first line.
func TestFollow(t *testing.T) {
	n := newNode(t)
	n.put(pod("web-1", "app"))
	n.write("shop/web-1/app", 1, "old", "last")
	f := follow(t, n, tail.Options{Tail: 1})
	f.expect("web-1/app last")
	n.write("shop/web-1/app", 2, "new")
	f.expect("web-1/app new")

	n.write("shop/web-2/app", 3, "first", "second")
	starting := pod("web-2", "app", "istio-proxy")
	starting.Status.ContainerStatuses = nil
	n.put(starting)
	n.write("shop/web-2/istio-proxy", 3, "proxy")
	n.put(pod("web-2", "app", "istio-proxy"))
	f.expect("web-2/app first", "web-2/app second", "web-2/istio-proxy proxy")
	if told := f.tellings(); told != "" {
		t.Errorf("told %s", told)
	}
}

// What is written around a restart and around a broken connection comes once.
func TestFollowRestarts(t *testing.T) {
	n := newNode(t)
	p := pod("web-1", "app")
	n.put(p)
	n.write("shop/web-1/app", 1, "a", "b")
	f := follow(t, n, tail.Options{Tail: -1})
	f.expect("web-1/app a", "web-1/app b")

	n.breakAll() // while it runs: more lines of the very time that was read last
	n.write("shop/web-1/app", 1, "c")
	n.write("shop/web-1/app", 2, "d")
	f.expect("web-1/app c", "web-1/app d")

	n.change(func() { n.logs["shop/web-1/app"].ended = true })
	n.restart("shop/web-1/app")
	n.write("shop/web-1/app", 5, "e")
	p.Status.ContainerStatuses[0].RestartCount, p.Status.ContainerStatuses[0].ContainerID = 1, "run-1"
	n.put(p)
	f.expect("web-1/app e")
	n.write("shop/web-1/app", 5, "f")
	f.expect("web-1/app f")
}

// The end of a run that was written while nobody was connected is read from the
// run before.
func TestFollowReadsTheEndOfTheRunBefore(t *testing.T) {
	n := newNode(t)
	p := pod("web-1", "app")
	n.put(p)
	n.write("shop/web-1/app", 1, "a")
	never := func(ctx context.Context, _ int) error { // only news opens it again
		<-ctx.Done()
		return ctx.Err()
	}
	f := follow(t, n, tail.Options{Tail: -1, Pause: never})
	f.expect("web-1/app a")
	n.change(func() {
		old := n.logs["shop/web-1/app"]
		n.logs["shop/web-1/app?previous"] = &journal{lines: append(slices.Clone(old.lines), at(2).Format("2006-01-02T15:04:05.000Z07:00")+" last words"), ended: true}
		n.logs["shop/web-1/app"] = &journal{}
		p.Status.ContainerStatuses[0].RestartCount = 1
	})
	n.breakAll()
	n.put(p)
	f.expect("web-1/app last words")
	n.write("shop/web-1/app", 9, "again")
	f.expect("web-1/app again")
}

// A container that has ended for good is read once; one that fails does not end
// the others, and is told once.
func TestFollowGoesOn(t *testing.T) {
	n := newNode(t)
	job := pod("job-1", "task")
	job.Spec.RestartPolicy, job.Status.Phase = corev1.RestartPolicyNever, corev1.PodSucceeded
	job.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	n.put(job)
	n.write("shop/job-1/task", 1, "done")
	n.end("shop/job-1/task")
	n.put(pod("dark-1", "app"))
	n.put(pod("dark-2", "app"))
	n.forbidden["/api/v1/namespaces/shop/pods/dark-1/log"] = true
	n.forbidden["/api/v1/namespaces/shop/pods/dark-2/log"] = true
	n.put(pod("web-1", "app"))
	n.write("shop/web-1/app", 1, "fine")
	f := follow(t, n, tail.Options{Tail: -1})
	f.expect("job-1/task done", "web-1/app fine")
	n.write("shop/web-1/app", 2, "still")
	f.expect("web-1/app still")
	n.remove(pod("dark-1", "app"))
	for n.asked("dark-2/log")+n.asked("dark-1/log") < 2 || f.tellings() == "" {
		n.write("shop/web-1/app", 3, "tick")
		f.expect("web-1/app tick")
	}
	for range 100 { // time enough for what should not happen
		n.write("shop/web-1/app", 3, "tick")
		f.expect("web-1/app tick")
	}
	if asked := n.asked("job-1/log"); asked != 1 {
		t.Errorf("the log of a pod that ended was asked for %d times", asked)
	}
	if told := f.tellings(); strings.Count(told, "not you") != 1 {
		t.Errorf("told %s", told)
	}
}

// Without the right to watch, what there is goes on.
func TestFollowWithoutWatch(t *testing.T) {
	n := newNode(t)
	n.forbidden["watch"] = true
	n.put(pod("web-1", "app"))
	n.write("shop/web-1/app", 1, "a")
	f := follow(t, n, tail.Options{Tail: -1})
	f.expect("web-1/app a")
	n.breakAll()
	n.write("shop/web-1/app", 2, "b")
	f.expect("web-1/app b")
	if told := f.tellings(); !strings.HasPrefix(told, "pods that appear later are not followed: cannot watch pods in namespace shop") {
		t.Errorf("told %q", told)
	}
}

// Where no log may be read, nobody waits.
func TestFollowRefused(t *testing.T) {
	n := newNode(t)
	for _, name := range []string{"dark-1", "dark-2"} {
		n.put(pod(name, "app"))
		n.forbidden["/api/v1/namespaces/shop/pods/"+name+"/log"] = true
	}
	x := tail.New(n.client(t), tail.Options{Tail: -1, Pause: soon})
	pods, err := x.Pods(deadline(t), all)
	if err != nil || len(pods) != 2 {
		t.Fatal(pods, err)
	}
	if err := x.Follow(deadline(t), all, pods, make(chan logs.Line)); err != nil {
		t.Errorf("ended with %v", err)
	}
	if c := x.Counts(); c.Failed != 2 || c.Containers != 2 {
		t.Errorf("counted %+v", c)
	}
}
