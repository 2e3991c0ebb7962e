// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/tail"
)

// stamped is a line as the node keeps it.
func stamped(ms int, text string) string { return at(ms).Format(time.RFC3339Nano) + " " + text }

// until waits for something that the node sees.
func (f *following) until(n *node, what string, is func() bool) {
	f.t.Helper()
	for {
		n.mu.Lock()
		done := is()
		n.mu.Unlock()
		if done {
			return
		}
		select {
		case <-time.After(time.Millisecond):
		case l := <-f.lines:
			f.t.Fatalf("found %q while waiting for %s", short(l), what)
		case <-f.waits.Done():
			f.t.Fatalf("waited for %s", what)
		}
	}
}

// quiet makes sure that nothing is on its way: another container's lines come after it.
func (f *following) quiet(n *node) {
	f.t.Helper()
	for range 30 {
		n.write("shop/clock/app", 9000, "tick")
		f.expect("clock/app tick")
	}
}

// watching makes sure that the watch is there: a pod that appears is read.
func (f *following) watching(n *node) {
	f.t.Helper()
	n.write("shop/new/app", 1, "hello")
	n.put(pod("new", "app"))
	f.expect("new/app hello")
}

// broken are a container that is followed, and a clock beside it.
func broken(t *testing.T, o tail.Options, lines ...string) (*node, *journal, *following) {
	n := newNode(t)
	n.put(pod("clock", "app"))
	n.put(pod("web-1", "app"))
	j := &journal{lines: lines}
	n.logs["shop/web-1/app"], n.logs["shop/clock/app"] = j, &journal{}
	return n, j, follow(t, n, o)
}

// A pod that gets the name of another is not read for it, even before a watch tells.
func TestFollowAPodOfTheSameName(t *testing.T) {
	n, j, f := broken(t, tail.Options{Tail: -1}, stamped(1, "a"))
	f.expect("web-1/app a")
	f.watching(n)
	next := pod("web-1", "app")
	next.UID, next.ResourceVersion = "uid-next", "100"
	n.change(func() { // the watch goes on, and does not tell yet
		j.ended = true
		n.logs["shop/web-1/app"] = &journal{lines: []string{stamped(5, "b")}}
		n.pods["shop/web-1"] = next
	})
	f.until(n, "another look at the log or the pod", func() bool {
		return slices.ContainsFunc(n.requests, func(r string) bool {
			return strings.Contains(r, "web-1/log") && strings.Contains(r, "sinceTime") || strings.Contains(r, "metadata.name%3Dweb-1")
		})
	})
	n.change(func() {
		n.events = append(n.events, change{"DELETED", pod("web-1", "app")}, change{"ADDED", next})
	})
	f.expect("web-1/app b")
	f.quiet(n)
}

// What a broken stream has left of a line comes with the whole of it, or at the end.
func TestFollowHalfALine(t *testing.T) {
	n, j, f := broken(t, tail.Options{Tail: -1}, stamped(1, "a"))
	f.expect("web-1/app a")
	for i, half := range []string{stamped(2, "half of"), stamped(3, "x")[:15]} {
		n.change(func() { j.half, j.sent = half, 0 })
		f.until(n, "half a line to be sent", func() bool { return j.sent > 0 })
		n.change(func() {
			j.half, j.lines = "", append(j.lines, stamped(2+i, "half of a line"))
			close(n.cut)
			n.cut = make(chan struct{})
		})
		f.expect("web-1/app half of a line")
		f.quiet(n)
	}
	done := pod("web-1", "app")
	done.Spec.RestartPolicy, done.Status.Phase = corev1.RestartPolicyNever, corev1.PodSucceeded
	done.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	n.put(done)
	n.change(func() { j.half, j.ended = stamped(9, "no end"), true })
	f.expect("web-1/app no end")
	f.quiet(n)
}

// Pieces of a long line come once, also of one within which the stream broke.
func TestFollowLongLines(t *testing.T) {
	piece := strings.Repeat("x", 1<<20)
	long := piece + piece + "yy"
	n, j, f := broken(t, tail.Options{Tail: -1}, stamped(1, long))
	stamp := len(stamped(1, ""))
	f.expect("web-1/app "+long[:1<<20-stamp], "web-1/app "+piece, "web-1/app "+strings.Repeat("x", stamp)+"yy")
	n.breakAll()
	n.write("shop/web-1/app", 2, "next")
	f.expect("web-1/app next")
	f.quiet(n)

	n.change(func() { j.half = stamped(3, piece+"x") })
	f.expect("web-1/app " + piece[stamp:])
	n.change(func() {
		j.half, j.lines = "", append(j.lines, stamped(3, piece+"xyz"))
		close(n.cut)
		n.cut = make(chan struct{})
	})
	f.expect("web-1/app " + strings.Repeat("x", stamp) + "xyz")
	f.quiet(n)
}

// Lines of one time, and of times that go back, come once each when a stream breaks.
func TestFollowTimesThatGoBack(t *testing.T) {
	n, _, f := broken(t, tail.Options{Tail: 2}, stamped(4996, "before"), stamped(4997, "a"), stamped(4996, "b"))
	f.expect("web-1/app a", "web-1/app b")
	for _, c := range []struct {
		ms   int
		text string
	}{{5001, "c"}, {5001, "c"}, {5001, "d"}, {4998, "late"}, {4999, "late"}, {4998, "late"}, {5000, "e"}} {
		n.breakAll()
		n.write("shop/web-1/app", c.ms, c.text)
		f.expect("web-1/app " + c.text)
	}
	f.quiet(n)
}

// Where no old line is wanted, all new ones are, whatever happens to the stream.
func TestFollowWithoutOldLines(t *testing.T) {
	for name, lines := range map[string][]string{"empty": nil, "old": {stamped(1, "old"), stamped(1, "old"), stamped(2, "last")}} {
		t.Run(name, func(t *testing.T) {
			n, j, f := broken(t, tail.Options{Tail: 0}, lines...)
			f.until(n, "the log to be followed", func() bool {
				return slices.ContainsFunc(n.requests, func(r string) bool { return strings.Contains(r, "web-1/log") && strings.Contains(r, "follow=true") })
			})
			n.change(func() {
				j.lines = append(j.lines, stamped(2, "a"), stamped(3, "b"))
				close(n.cut)
				n.cut = make(chan struct{})
			})
			f.expect("web-1/app a", "web-1/app b")
			f.quiet(n)
		})
	}
}

// A log that was empty has no old lines.
func TestFollowAnEmptyLog(t *testing.T) {
	n, j, f := broken(t, tail.Options{Tail: 1})
	n.change(func() { j.ended = true })
	f.until(n, "the log to be opened again", func() bool {
		return strings.Count(strings.Join(n.requests, "\n"), "web-1/log?") > 2
	})
	n.change(func() { j.ended, j.lines = false, []string{stamped(1, "a"), stamped(2, "b"), stamped(3, "c")} })
	f.expect("web-1/app a", "web-1/app b", "web-1/app c")
}

// The end of a run that broke off is read before the next one, also when the watch
// tells of the restart late.
func TestFollowLastWords(t *testing.T) {
	n, j, f := broken(t, tail.Options{Tail: -1}, stamped(1, "a"))
	f.expect("web-1/app a")
	f.watching(n)
	next := pod("web-1", "app")
	next.Status.ContainerStatuses[0].RestartCount, next.Status.ContainerStatuses[0].ContainerID = 1, "run-1"
	n.change(func() {
		n.logs["shop/web-1/app?previous"] = &journal{lines: append(slices.Clone(j.lines), stamped(2, "last words")), ended: true}
		n.logs["shop/web-1/app"] = &journal{lines: []string{stamped(8000, "again")}}
		n.pods["shop/web-1"] = next
		j.ended = true
	})
	f.expect("web-1/app last words", "web-1/app again")
	n.put(next) // now the watch tells
	f.quiet(n)
	if told := f.tellings(); told != "" {
		t.Errorf("told %s", told)
	}
}
