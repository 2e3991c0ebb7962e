// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// wait lets the time of the bubble pass and everything due happen.
func wait(d time.Duration) {
	time.Sleep(d) // the bubble's clock: it costs no time
	synctest.Wait()
}

const erase = "\r\x1b[K"

// screen is a buffer that the progress may write to while the test looks.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

// String is what was written so far.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Reset forgets what was written so far.
func (s *screen) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}

func TestProgressOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		p := render.NewProgress(&b, true, 80)
		step := p.Start("reading \x1bpods")
		wait(900 * time.Millisecond)
		if b.String() != "" {
			t.Fatalf("a line within the first second: %q", &b)
		}
		wait(200 * time.Millisecond)
		if got, want := b.String(), erase+"reading ^[pods ... 1s"; got != want {
			t.Fatalf("after a second %q, want %q", got, want)
		}
		b.Reset()
		step.Update("%d of %d", 3, 40)
		wait(time.Second)
		if !strings.HasSuffix(b.String(), erase+"reading ^[pods: 3 of 40 ... 2s") {
			t.Fatalf("after an update %q", &b)
		}
		b.Reset()
		step.Done()
		step.Done()
		if got := b.String(); got != erase {
			t.Fatalf("at the end %q, want the line erased, once", got)
		}
		wait(time.Minute)
		if got := b.String(); got != erase {
			t.Fatalf("after the end %q", got)
		}
	})
}

func TestProgressIsSilentWhenFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		for _, terminal := range []bool{true, false} {
			p := render.NewProgress(&b, terminal, 0)
			for range 10 {
				step := p.Start("quick")
				wait(900 * time.Millisecond)
				step.Done()
			}
		}
		if b.String() != "" {
			t.Errorf("steps of less than a second showed %q", &b)
		}
	})
}

func TestProgressOffATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		p := render.NewProgress(&b, false, 0)
		first, second := p.Start("waiting for the rollout"), p.Start("quick")
		wait(2 * time.Second)
		second.Done()
		wait(10 * time.Minute)
		first.Done()
		if got, want := b.String(), "waiting for the rollout ...\n"; got != want {
			t.Errorf("a log got %q, want %q", got, want)
		}
	})
}

func TestProgressShowsTheOldestStepAndFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		p := render.NewProgress(&b, true, 24)
		first := p.Start("one")
		second := p.Start("two")
		wait(time.Second)
		if got, want := b.String(), erase+"one ... 1s (and 1 more)"; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		b.Reset()
		first.Done()
		second.Update("a very long detail indeed")
		wait(200 * time.Millisecond)
		if got, want := b.String(), erase+"two: a very long detai…"; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		second.Done()
	})
}

func TestProgressMakesRoomForOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		p := render.NewProgress(&b, true, 80)
		out := p.Around(&b)
		step := p.Start("busy")
		wait(time.Second)
		fmt.Fprint(out, "half a li")
		wait(time.Second)
		fmt.Fprint(out, "ne\n")
		wait(200 * time.Millisecond)
		step.Done()
		want := erase + "busy ... 1s" + erase + "half a line\n" + erase + "busy ... 2s" + erase
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Error(diff)
		}
	})
}

// Many steps at once, on the real clock: the race detector and goleak watch.
func TestProgressConcurrently(t *testing.T) {
	var b screen
	p := render.NewProgress(&b, true, 80)
	out := p.Around(&b)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			step := p.Start("step")
			step.Update("%d", i)
			fmt.Fprintln(out, i)
			step.Done()
		})
	}
	group.Wait()
	if got := strings.Count(b.String(), "\n"); got != 50 {
		t.Errorf("%d of 50 lines arrived", got)
	}
}
