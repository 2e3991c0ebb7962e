// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

func TestApply(t *testing.T) {
	s := apitest.New(t)
	sink := cluster.Sink{Client: connect(t, s), Manager: "kubectl-micro-canary", Force: true}
	after := virtualService(90, 10)
	after["status"] = map[string]any{"not": "ours"}
	after["metadata"].(map[string]any)["resourceVersion"] = "1"
	after["metadata"].(map[string]any)["managedFields"] = []any{}
	out, err := sink.Do(t.Context(), plan.Plan{Changes: []plan.Change{{Object: reviews, Verb: plan.Apply, After: after}}})
	if err != nil || !out[0].Written {
		t.Fatalf("got %+v, %v", out, err)
	}
	if d := cmp.Diff([]string{"PATCH " + path + "?fieldManager=kubectl-micro-canary&force=true"}, s.Requests()); d != "" {
		t.Error(d)
	}
	if got := s.Object(reviews); got["status"] != nil || got["metadata"].(map[string]any)["managedFields"] != nil {
		t.Errorf("sent what the server owns: %v", got)
	}
	if after["status"] == nil {
		t.Error("the plan was modified")
	}
}

func TestApplyNamesTheOtherManagers(t *testing.T) {
	s := apitest.New(t, virtualService(100, 0))
	cause := func(manager, field string) any {
		return map[string]any{"reason": "FieldManagerConflict", "field": field, "message": `conflict with "` + manager + `" using networking.istio.io/v1`}
	}
	on(s, http.MethodPatch, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		apitest.Fail(w, http.StatusConflict, "Conflict", "Apply failed with 3 conflicts", map[string]any{
			"causes": []any{cause("helm", ".spec.hosts"), cause("kubectl", ".spec.http"), cause("helm", ".spec.gateways")}})
		return true
	})
	_, err := do(t, s, plan.Change{Object: reviews, Verb: plan.Apply, After: virtualService(90, 10)})
	var typed *fault.Error
	if !errors.As(err, &typed) || typed.Kind != fault.Conflict || !strings.Contains(typed.Hint, "--force-conflicts") {
		t.Fatalf("got %#v", err)
	}
	want := `cannot apply VirtualService shop/reviews: "helm" using networking.istio.io/v1 owns .spec.hosts, .spec.gateways; "kubectl" using networking.istio.io/v1 owns .spec.http`
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("tried again: %v", s.Requests())
	}
}

func TestApplyReadsItsLeavesBack(t *testing.T) {
	s := apitest.New(t)
	after := virtualService(90, 10)
	change := plan.Change{Object: reviews, Verb: plan.Apply, After: after, Leaves: []string{weight1, "/spec/hosts"}}
	on(s, http.MethodGet, func(int, http.ResponseWriter, *http.Request) bool { s.Put(virtualService(1, 10)); return false })
	_, err := do(t, s, change)
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "was written as 90 and is 1 now") {
		t.Errorf("got %v", err)
	}
}

func TestApplyOfSomethingNewInADryRun(t *testing.T) {
	s := apitest.New(t)
	sink := cluster.Sink{Client: connect(t, s), Manager: "m", DryRun: true}
	change := plan.Change{Object: reviews, Verb: plan.Apply, After: virtualService(90, 10), Leaves: []string{weight1}}
	out, err := sink.Do(t.Context(), plan.Plan{Changes: []plan.Change{change}})
	if err != nil || out[0].Written || out[0].Result == nil || s.Object(reviews) != nil || len(s.Requests()) != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
}

// What the server adds to a leaf, or spells in another way, is no difference.
func TestReadingBackKnowsDefaults(t *testing.T) {
	leaf := func(v any) map[string]any {
		o := virtualService(90, 10)
		o["spec"].(map[string]any)["leaf"] = v
		return o
	}
	wrote := map[string]any{"cpu": "1000m", "list": []any{map[string]any{"name": "a"}}, "none": nil}
	for name, c := range map[string]struct {
		live any
		same bool
	}{
		"as written":  {wrote, true},
		"defaults":    {map[string]any{"cpu": "1", "list": []any{map[string]any{"name": "a", "kind": "K"}}, "more": int64(1)}, true},
		"other value": {map[string]any{"cpu": "2", "list": []any{map[string]any{"name": "a"}}}, false},
		"item more":   {map[string]any{"cpu": "1", "list": []any{map[string]any{"name": "a"}, "b"}}, false},
		"field gone":  {map[string]any{"cpu": "1"}, false},
		"deep":        {map[string]any{"cpu": "1", "list": []any{map[string]any{"nome": "a"}}}, false},
		"other type":  {"1", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t)
			on(s, http.MethodGet, func(int, http.ResponseWriter, *http.Request) bool { s.Put(leaf(c.live)); return false })
			_, err := do(t, s, plan.Change{Object: reviews, Verb: plan.Apply, After: leaf(wrote), Leaves: []string{"/spec/leaf"}})
			if (err == nil) != c.same {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	remove := func(s *apitest.Server) plan.Change {
		return plan.Change{Object: reviews, Verb: plan.Delete, Before: s.Object(reviews)}
	}
	t.Run("as it was read", func(t *testing.T) {
		s := apitest.New(t, virtualService(100, 0))
		out, err := do(t, s, remove(s))
		if err != nil || !out[0].Written || s.Object(reviews) != nil {
			t.Errorf("got %+v, %v", out, err)
		}
		if d := cmp.Diff([]string{"DELETE " + path}, s.Requests()); d != "" {
			t.Error(d)
		}
	})
	t.Run("dry run", func(t *testing.T) {
		s := apitest.New(t, virtualService(100, 0))
		sink := cluster.Sink{Client: connect(t, s), DryRun: true}
		out, err := sink.Do(t.Context(), plan.Plan{Changes: []plan.Change{remove(s)}})
		if err != nil || out[0].Written || s.Object(reviews) == nil {
			t.Errorf("got %+v, %v", out, err)
		}
	})
	t.Run("gone already", func(t *testing.T) {
		s := apitest.New(t, virtualService(100, 0))
		change := remove(s)
		s.Remove(reviews)
		if out, err := do(t, s, change); err != nil || out[0].Written {
			t.Errorf("got %+v, %v", out, err)
		}
	})
	t.Run("only the status is newer", func(t *testing.T) {
		s := apitest.New(t, virtualService(100, 0))
		change := remove(s)
		newer := s.Object(reviews)
		newer["status"] = map[string]any{"observedGeneration": int64(1)}
		s.Put(newer)
		if out, err := do(t, s, change); err != nil || !out[0].Written || s.Object(reviews) != nil {
			t.Errorf("got %+v, %v", out, err)
		}
	})
	t.Run("changed by another writer", func(t *testing.T) {
		s := apitest.New(t, virtualService(100, 0))
		change := remove(s)
		newer := managed(s.Object(reviews), "jane", "Update", "2026-11-22T10:13:30Z")
		newer["spec"].(map[string]any)["http"] = []any{}
		s.Put(newer)
		_, err := do(t, s, change)
		if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), `/spec/http was changed since it was read: "jane" (Update, 2026-11-22T10:13:30Z) owns it`) || s.Object(reviews) == nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("created anew", func(t *testing.T) {
		s := apitest.New(t, virtualService(100, 0))
		change := remove(s)
		again := virtualService(100, 0)
		again["metadata"].(map[string]any)["uid"] = "another"
		s.Put(again)
		if _, err := do(t, s, change); fault.KindOf(err) != fault.Conflict || s.Object(reviews) == nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("after a change in the same plan", func(t *testing.T) {
		s := apitest.New(t, virtualService(100, 0))
		first := split(t, s.Object(reviews), 90, 10)
		if _, err := do(t, s, first, remove(s)); err != nil || s.Object(reviews) != nil {
			t.Errorf("got %v", err)
		}
	})
}
