// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

const (
	weight1 = "/spec/http/0/route/0/weight"
	weight2 = "/spec/http/0/route/1/weight"
	path    = "/apis/networking.istio.io/v1/namespaces/shop/virtualservices/reviews"
)

// split is the change of a canary: two weights and a test on what they belong to.
func split(t *testing.T, before map[string]any, v1, v2 int64) plan.Change {
	t.Helper()
	c, err := plan.New(reviews, before, []patch.Op{
		{Op: patch.Test, Path: "/spec/http/0/route/1/destination", Value: map[string]any{"host": "reviews", "subset": "v2"}},
		{Op: patch.Replace, Path: weight1, Value: v1},
		{Op: patch.Replace, Path: weight2, Value: v2},
	}, "10 % to v2")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func do(t *testing.T, s *apitest.Server, changes ...plan.Change) ([]plan.Outcome, error) {
	t.Helper()
	sink := cluster.Sink{Client: connect(t, s), Manager: "kubectl-micro-canary"}
	return sink.Do(t.Context(), plan.Plan{Changes: changes})
}

func weights(t *testing.T, object map[string]any) [2]any {
	t.Helper()
	w1, err1 := patch.Get(object, weight1)
	w2, err2 := patch.Get(object, weight2)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return [2]any{w1, w2}
}

// on calls f at each request of one method.
func on(s *apitest.Server, method string, f func(n int, w http.ResponseWriter, r *http.Request) bool) {
	n := 0
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method {
			return false
		}
		n++
		return f(n, w, r)
	}
}

func TestPatchIsOneWriteAndOneRead(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	out, err := do(t, s, split(t, s.Object(reviews), 90, 10))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"PATCH " + path + "?fieldManager=kubectl-micro-canary", "GET " + path}
	if d := cmp.Diff(want, s.Requests()); d != "" {
		t.Error(d)
	}
	if len(out) != 1 || !out[0].Written || out[0].Object != reviews {
		t.Fatalf("got %+v", out)
	}
	if d := cmp.Diff(s.Object(reviews), out[0].Result); d != "" || weights(t, out[0].Result) != [2]any{int64(90), int64(10)} {
		t.Error("the outcome is not what is stored", d)
	}
}

func TestPatchThatChangesNothingAsksNothing(t *testing.T) {
	s := apitest.New(t, virtualService(90, 10))
	out, err := do(t, s, split(t, s.Object(reviews), 90, 10))
	if err != nil || len(out) != 1 || out[0].Written || len(s.Requests()) != 0 {
		t.Errorf("got %+v, %v, requests %v", out, err, s.Requests())
	}
}

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

func TestRejectedPatchesAreNotTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		fail     func(http.ResponseWriter)
		message  string
		requests int
	}{
		"does not apply": {apitest.RejectPatch,
			"cannot patch VirtualService shop/reviews: the server rejected our request due to an error in our request", 2}, // a look whether it was a race
		"invalid": {func(w http.ResponseWriter) {
			apitest.Fail(w, 422, "Invalid", "VirtualService is invalid: spec.http[0].route[0].weight: Invalid value: -1", map[string]any{
				"name": "reviews", "kind": "VirtualService", "causes": []any{map[string]any{"reason": "FieldValueInvalid", "field": "spec"}}})
		}, "cannot patch VirtualService shop/reviews: VirtualService is invalid: spec.http[0].route[0].weight: Invalid value: -1", 1},
		"denied": {func(w http.ResponseWriter) {
			apitest.Fail(w, 400, "BadRequest", `admission webhook "validation.istio.io" denied the request: total destination weight = 0`, nil)
		}, `cannot patch VirtualService shop/reviews: admission webhook "validation.istio.io" denied the request: total destination weight = 0`, 1},
		"forbidden": {func(w http.ResponseWriter) {
			apitest.Fail(w, 403, "Forbidden", `User "jane" cannot patch resource "virtualservices"`, nil)
		}, `cannot patch VirtualService shop/reviews: User "jane" cannot patch resource "virtualservices"`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t, virtualService(100, 0))
			on(s, http.MethodPatch, func(_ int, w http.ResponseWriter, _ *http.Request) bool { c.fail(w); return true })
			_, err := do(t, s, split(t, s.Object(reviews), 90, 10))
			if fault.KindOf(err) != fault.Failed || err.Error() != c.message {
				t.Errorf("got %v", err)
			}
			if n := len(s.Requests()); n != c.requests {
				t.Errorf("%d requests, want %d: %v", n, c.requests, s.Requests())
			}
		})
	}
}

func TestWhatWasWrittenIsReadBack(t *testing.T) {
	for name, c := range map[string]struct {
		after func(s *apitest.Server)
		want  string
	}{
		"reverted": {func(s *apitest.Server) {
			s.Put(managed(virtualService(100, 0), "flux", "Apply", "2026-11-22T10:13:31Z"))
		}, `VirtualService shop/reviews: /spec/http/0/route/0/weight was written as 90 and is 100 now: "flux" (Apply, 2026-11-22T10:13:31Z) owns /spec/http` + "\n" +
			`VirtualService shop/reviews: /spec/http/0/route/1/weight was written as 10 and is 0 now: "flux" (Apply, 2026-11-22T10:13:31Z) owns /spec/http`},
		"altered by nobody known": {func(s *apitest.Server) { s.Put(virtualService(90, 11)) },
			`VirtualService shop/reviews: /spec/http/0/route/1/weight was written as 10 and is 11 now: nobody claims it in managedFields`},
		"deleted": {func(s *apitest.Server) { s.Remove(reviews) },
			`VirtualService shop/reviews was written and has been deleted since: cannot get VirtualService shop/reviews: virtualservices "reviews" not found`},
	} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t, virtualService(100, 0))
			on(s, http.MethodGet, func(int, http.ResponseWriter, *http.Request) bool { c.after(s); return false })
			out, err := do(t, s, split(t, s.Object(reviews), 90, 10))
			if fault.KindOf(err) != fault.Conflict || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if len(out) != 1 || !out[0].Written {
				t.Errorf("the outcome of the write is lost: %+v", out)
			}
		})
	}
}

func TestDryRunStoresNothing(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	before := s.Object(reviews)
	sink := cluster.Sink{Client: connect(t, s), Manager: "m", DryRun: true}
	out, err := sink.Do(t.Context(), plan.Plan{Changes: []plan.Change{split(t, before, 90, 10)}})
	if err != nil || out[0].Written || weights(t, out[0].Result) != [2]any{int64(90), int64(10)} {
		t.Errorf("got %+v, %v", out, err)
	}
	if d := cmp.Diff(before, s.Object(reviews)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"PATCH " + path + "?dryRun=All&fieldManager=m"}, s.Requests()); d != "" {
		t.Error(d)
	}
}

func TestTwoChangesOfOneObject(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	first := split(t, s.Object(reviews), 90, 10)
	second := split(t, first.After, 80, 20)
	out, err := do(t, s, first, second)
	if err != nil || len(out) != 2 || weights(t, s.Object(reviews)) != [2]any{int64(80), int64(20)} {
		t.Errorf("got %+v, %v", out, err)
	}
	if n := len(s.Requests()); n != 3 { // PATCH PATCH GET
		t.Errorf("%d requests: %v", n, s.Requests())
	}
}

func TestPlanStopsAtTheFirstFailure(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	first := split(t, s.Object(reviews), 90, 10)
	gone := first
	gone.Object.Name = "gone"
	out, err := do(t, s, first, gone, split(t, first.After, 50, 50))
	if fault.KindOf(err) != fault.Usage || len(out) != 1 || weights(t, s.Object(reviews)) != [2]any{int64(90), int64(10)} {
		t.Errorf("got %+v, %v", out, err)
	}
}
