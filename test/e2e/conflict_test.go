// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// edit is somebody else's write.
type edit struct {
	path  string
	value any
}

var (
	timeout = edit{"/spec/http/0/timeout", "9s"}
	weight  = edit{"/spec/http/0/route/0/weight", 55}
)

// TestRace lets somebody else write between our read and our write.
func TestRace(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		theirs edit
		kind   fault.Kind
		stored string
	}{
		"another-leaf": {theirs: timeout, stored: "90 10 9s"},
		"our-leaf":     {theirs: weight, kind: fault.Conflict, stored: "55 0 6s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			d, err := l.set(t.Context(), "10")
			if err != nil {
				t.Fatal(err)
			}
			l.write(t, test.theirs)
			_, err = l.sink().Do(t.Context(), d.Plan)
			if got := fault.KindOf(err); got != test.kind {
				t.Errorf("got kind %v (%v), want %v", got, err, test.kind)
			}
			if err != nil && !strings.Contains(err.Error(), "/spec/http/0/route/0/weight") {
				t.Errorf("%q: want the field that was changed", err)
			}
			if got := l.look(t, ".spec.http[0].route[*].weight} {.spec.http[0].timeout"); got != test.stored {
				t.Errorf("stored: got %q, want %q", got, test.stored)
			}
		})
	}
}

// TestRaceOfCommands is TestRace with the program itself.
func TestRaceOfCommands(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		theirs edit
		code   int
		stored string
	}{
		"another-leaf": {theirs: timeout, stored: "90 10 9s"},
		"our-leaf":     {theirs: weight, code: 5, stored: "55 0 6s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			var once sync.Once
			via := newProxy(t, l.place, func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPatch {
					once.Do(func() { l.write(t, test.theirs) })
				}
				return true
			})
			got := microctl(t, via.kubeconfig, "canary", "user-service", "--weight", "10")
			if got.code != test.code {
				t.Errorf("got %+v, want exit code %d", got, test.code)
			}
			if test.code == 5 && (!strings.Contains(got.stderr, "night-shift") || got.stdout != "") {
				t.Errorf("got %+v, want the other manager named", got)
			}
			if stored := l.look(t, ".spec.http[0].route[*].weight} {.spec.http[0].timeout"); stored != test.stored {
				t.Errorf("stored: got %q, want %q", stored, test.stored)
			}
		})
	}
}

// TestRaceHasAnEnd meets somebody who writes before each of our tries: after
// six of them, the command gives up instead of running for ever.
func TestRaceHasAnEnd(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var tries atomic.Int32
	via := newProxy(t, l.place, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			l.write(t, edit{"/spec/http/0/timeout", fmt.Sprintf("%ds", 10+tries.Add(1))})
		}
		return true
	})
	got := microctl(t, via.kubeconfig, "canary", "user-service", "--weight", "10")
	if got.code != 5 || !strings.Contains(got.stderr, "on each of 6 tries") || tries.Load() != 6 {
		t.Errorf("got %+v after %d tries, want exit code 5 after 6", got, tries.Load())
	}
	l.wantWeights(t, "100 0")
}

// TestManyWriters lets eight of our own write at the same time while a ninth
// looks: weights and session always agree, no write is lost under another one,
// and neither is the way back.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const writers, rounds = 8, 4
	var shifted atomic.Int32
	ctx, finish := context.WithCancel(t.Context())
	var work, watch sync.WaitGroup
	watch.Go(func() {
		for ctx.Err() == nil {
			l.untorn(t)
		}
	})
	for w := range writers {
		work.Go(func() {
			for r := range rounds {
				d, err := l.set(t.Context(), fmt.Sprint(1+w*rounds+r))
				if err == nil {
					_, err = l.sink().Do(t.Context(), d.Plan)
				}
				switch kind := fault.KindOf(err); {
				case err == nil:
					shifted.Add(1)
				case kind != fault.Conflict:
					t.Errorf("writer %d: got %v of kind %v, want success or a conflict", w, err, kind)
				}
			}
		})
	}
	work.Wait()
	finish()
	watch.Wait()
	l.untorn(t)
	if shifted.Load() == 0 {
		t.Error("nobody got through")
	}
	t.Logf("%d of %d writes got through", shifted.Load(), writers*rounds)
	var status api.CanaryStatus
	report := microctl(t, l.kubeconfig, "canary", "status", "user-service", "-o", "json")
	if err := json.Unmarshal([]byte(report.stdout), &status); err != nil || status.Session == nil {
		t.Fatalf("status: %v: %+v", err, report)
	}
	// One that was stored and overwritten before it was read back got through, too,
	// without knowing it.
	if got, least := status.Session.Writes, int(shifted.Load()); got < least {
		t.Errorf("the session counts %d writes, %d got through: some were lost", got, least)
	}
	if got := microctl(t, l.kubeconfig, "canary", "abort", "user-service"); got.code != 0 {
		t.Errorf("abort: got %+v", got)
	}
	l.wantWeights(t, "100 0")
}

// untorn fails the test if the weights do not add up, or are not the session's.
func (l lab) untorn(t *testing.T) {
	object, err := l.client.Get(t.Context(), l.route())
	if err != nil {
		t.Error(err)
		return
	}
	stable, _ := patch.Get(object, "/spec/http/0/route/0/weight")
	next, _ := patch.Get(object, "/spec/http/0/route/1/weight")
	if stable.(int64)+next.(int64) != 100 {
		t.Errorf("torn: weights %v and %v", stable, next)
	}
	session, err := patch.Get(object, patch.Pointer("metadata", "annotations", canary.Annotation))
	if err != nil {
		return // nobody has begun yet
	}
	if want := fmt.Sprintf(`"weight":"%d"`, next); !strings.Contains(session.(string), want) {
		t.Errorf("torn: weight %v beside the session %v", next, session)
	}
}

// write is somebody else's write.
func (l lab) write(t *testing.T, e edit) {
	ops := []patch.Op{{Op: patch.Replace, Path: e.path, Value: e.value}}
	if _, err := l.client.Patch(t.Context(), l.route(), types.JSONPatchType, ops, cluster.WriteOptions{Manager: "night-shift"}); err != nil {
		t.Error(err)
	}
}

func (l lab) sink() plan.Sink {
	return &cluster.Sink{Client: l.client, Manager: "kubectl-micro-canary"}
}
