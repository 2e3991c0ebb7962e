// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

func TestPatchIsMovedPastAnUnrelatedChange(t *testing.T) {
	for name, status := range map[string]int{"test failed": 0, "conflict": http.StatusConflict} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t, virtualService(100, 0))
			before := s.Object(reviews)
			on(s, http.MethodPatch, func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n > 1 {
					return false
				}
				other := s.Object(reviews)
				other["spec"].(map[string]any)["hosts"] = []any{"reviews", "more"}
				s.Put(other)
				if status != 0 {
					apitest.Fail(w, status, "Conflict", "the object has been modified", nil)
				}
				return status != 0
			})
			out, err := do(t, s, split(t, before, 90, 10))
			if err != nil || !out[0].Written {
				t.Fatalf("got %+v, %v", out, err)
			}
			now := s.Object(reviews)
			if hosts := now["spec"].(map[string]any)["hosts"].([]any); len(hosts) != 2 || weights(t, now) != [2]any{int64(90), int64(10)} {
				t.Errorf("a change was lost: %v", now)
			}
			if n := len(s.Requests()); n != 4 { // PATCH GET PATCH GET
				t.Errorf("%d requests: %v", n, s.Requests())
			}
		})
	}
}

func TestPatchOfALeafSomebodyElseChanged(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	before := s.Object(reviews)
	s.Put(managed(virtualService(50, 50), "argocd-controller", "Apply", "2026-11-22T10:13:30Z"))
	out, err := do(t, s, split(t, before, 90, 10))
	if fault.KindOf(err) != fault.Conflict || len(out) != 0 {
		t.Fatalf("got %+v, %v", out, err)
	}
	want := `VirtualService shop/reviews: /spec/http/0/route/0/weight was 100 when it was read and is 50 now: ` +
		`"argocd-controller" (Apply, 2026-11-22T10:13:30Z) owns /spec/http`
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if got := weights(t, s.Object(reviews)); got != [2]any{int64(50), int64(50)} {
		t.Errorf("the other's weights were overwritten: %v", got)
	}
}

func TestPatchOfARouteThatMoved(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	before := s.Object(reviews)
	moved := s.Object(reviews)
	moved["spec"].(map[string]any)["http"].([]any)[0].(map[string]any)["route"].([]any)[1].(map[string]any)["destination"] =
		map[string]any{"host": "reviews", "subset": "v3"}
	s.Put(moved)
	_, err := do(t, s, split(t, before, 90, 10))
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "/spec/http/0/route/1/destination was") {
		t.Errorf("got %v", err)
	}
}

func TestPatchIsComputedAnewByItsPlan(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	change := split(t, s.Object(reviews), 90, 10)
	s.Put(virtualService(60, 40))
	change.Rebase = func(latest map[string]any) (plan.Change, error) { return split(t, latest, 54, 46), nil }
	out, err := do(t, s, change)
	if err != nil || weights(t, s.Object(reviews)) != [2]any{int64(54), int64(46)} {
		t.Fatalf("got %+v, %v", out, err)
	}
}

func TestPatchThatItsPlanGivesUp(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	change := split(t, s.Object(reviews), 90, 10)
	s.Put(virtualService(60, 40))
	change.Rebase = func(map[string]any) (plan.Change, error) { return plan.Change{}, fault.Conflictf("mine no more") }
	if _, err := do(t, s, change); fault.KindOf(err) != fault.Conflict || err.Error() != "mine no more" {
		t.Errorf("got %v", err)
	}
}

func TestPatchThatSomebodyElseHasMade(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	change := split(t, s.Object(reviews), 90, 10)
	s.Put(virtualService(90, 10))
	change.Rebase = func(latest map[string]any) (plan.Change, error) { return split(t, latest, 90, 10), nil }
	out, err := do(t, s, change)
	if err != nil || out[0].Written || weights(t, out[0].Result) != [2]any{int64(90), int64(10)} {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestPatchAgainstATirelessWriter(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	before := s.Object(reviews)
	tries := 0
	on(s, http.MethodPatch, func(n int, _ http.ResponseWriter, _ *http.Request) bool {
		tries = n
		s.Put(s.Object(reviews)) // a new version each time
		return false
	})
	_, err := do(t, s, split(t, before, 90, 10))
	if fault.KindOf(err) != fault.Conflict || tries != 6 {
		t.Errorf("got %v after %d tries, want a conflict after 6", err, tries)
	}
}

func TestPatchOfAnObjectThatIsGone(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	before := s.Object(reviews)
	change := split(t, before, 90, 10)

	again := virtualService(100, 0)
	again["metadata"].(map[string]any)["uid"] = "another"
	s.Put(again)
	if _, err := do(t, s, change); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "created anew") {
		t.Errorf("got %v", err)
	}
	on(s, http.MethodPatch, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		s.Remove(reviews)
		apitest.RejectPatch(w)
		return true
	})
	if _, err := do(t, s, change); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "was deleted") {
		t.Errorf("got %v", err)
	}
}

func TestCancelEndsTheTries(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	change := split(t, s.Object(reviews), 90, 10)
	ctx, cancel := context.WithCancel(t.Context())
	on(s, http.MethodPatch, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		s.Put(s.Object(reviews))
		if len(s.Requests()) > 2 {
			cancel()
		}
		return false
	})
	sink := cluster.Sink{Client: connect(t, s), Manager: "m"}
	out, err := sink.Do(ctx, plan.Plan{Changes: []plan.Change{change}})
	if !errors.Is(err, context.Canceled) || len(out) != 0 || len(s.Requests()) > 4 {
		t.Errorf("got %+v, %v after %v", out, err, s.Requests())
	}
}

func TestPatchThatTestsItsVersionIsMovedToo(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	before := s.Object(reviews)
	change, err := plan.New(reviews, before, []patch.Op{
		{Op: patch.Test, Path: "/metadata/resourceVersion", Value: before["metadata"].(map[string]any)["resourceVersion"]},
		{Op: patch.Replace, Path: weight2, Value: int64(10)},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Put(before) // a newer version
	if _, err := do(t, s, change); err != nil || weights(t, s.Object(reviews)) != [2]any{int64(100), int64(10)} {
		t.Errorf("got %v", err)
	}
}

func TestConflictsAreNotBlamedOnOurselves(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	before := s.Object(reviews)
	now := managed(virtualService(50, 50), "jane", "Update", "2026-11-22T10:00:00Z")
	s.Put(managed(now, "kubectl-micro-canary", "Update", "2026-11-22T11:00:00Z"))
	if _, err := do(t, s, split(t, before, 90, 10)); err == nil || !strings.HasSuffix(err.Error(), `"jane" (Update, 2026-11-22T10:00:00Z) owns /spec/http`) {
		t.Errorf("got %v", err)
	}
}
