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
	if n := len(s.Requests()); n != 4 { // PATCH?dryRun PATCH PATCH GET
		t.Errorf("%d requests: %v", n, s.Requests())
	}
}

// ratings is a change of a second object, which only the test's own server
// functions tell from reviews.
func ratings(t *testing.T, s *apitest.Server) plan.Change {
	t.Helper()
	object := virtualService(100, 0)
	object["metadata"].(map[string]any)["name"] = "ratings"
	s.Put(object)
	at := reviews
	at.Name = "ratings"
	c, err := plan.New(at, s.Object(at), []patch.Op{{Op: patch.Replace, Path: weight1, Value: int64(50)}}, "half")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the server would refuse stops a plan before anything is written.
func TestAPlanIsRehearsed(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	first := split(t, s.Object(reviews), 90, 10)
	gone := first
	gone.Object.Name = "gone"
	out, err := do(t, s, first, gone, split(t, first.After, 50, 50))
	if fault.KindOf(err) != fault.Usage || len(out) != 0 || weights(t, s.Object(reviews)) != [2]any{int64(100), int64(0)} {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestARehearsalIsOneMoreRequestForEachChange(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	second := ratings(t, s)
	if _, err := do(t, s, split(t, s.Object(reviews), 90, 10), second); err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(path, "reviews", "ratings", 1)
	const dry, wet = "?dryRun=All&fieldManager=kubectl-micro-canary", "?fieldManager=kubectl-micro-canary"
	want := []string{"PATCH " + path + dry, "PATCH " + other + dry, "PATCH " + path + wet, "PATCH " + other + wet}
	if d := cmp.Diff(want, s.Requests()[:4]); d != "" || len(s.Requests()) != 6 {
		t.Error(d, s.Requests())
	}
}

// A webhook with side effects refuses every dry run, and no more.
func TestAWebhookThatKnowsNoDryRun(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	second := ratings(t, s)
	on(s, http.MethodPatch, func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("dryRun") == "" {
			return false
		}
		apitest.Fail(w, 400, "BadRequest", `admission webhook "old.example" does not support dry run`, nil)
		return true
	})
	if out, err := do(t, s, split(t, s.Object(reviews), 90, 10), second); err != nil || len(out) != 2 {
		t.Errorf("got %+v, %v", out, err)
	}
}

// What was written before a failure is reported and read back all the same.
func TestPlanStopsAtTheFirstFailure(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	second := ratings(t, s)
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "ratings") && r.URL.Query().Get("dryRun") == "":
			apitest.Fail(w, 403, "Forbidden", "quota", nil)
			return true
		case r.Method == http.MethodGet:
			s.Put(managed(virtualService(100, 0), "flux", "Apply", "2026-11-22T10:13:31Z"))
		}
		return false
	}
	out, err := do(t, s, split(t, s.Object(reviews), 90, 10), second)
	if len(out) != 1 || !out[0].Written || weights(t, out[0].Result) != [2]any{int64(90), int64(10)} {
		t.Errorf("got %+v", out)
	}
	all := fault.All(err)
	if fault.KindOf(err) != fault.Failed || len(all) != 3 || !strings.Contains(all[0].Error(), "quota") || !strings.Contains(all[1].Error(), "is 100 now: \"flux\"") {
		t.Errorf("got %v", err)
	}
}
