// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// TestSessionFormat pins the annotation: other versions of the tool read it.
func TestSessionFormat(t *testing.T) {
	after, _ := set(t, typical, typical.object(), 10*10_000)
	text, _ := patch.Get(after, patch.Pointer("metadata", "annotations", canary.Annotation))
	var got []canary.Session
	if err := json.Unmarshal([]byte(text.(string)), &got); err != nil {
		t.Fatal(err)
	}
	before := func(n int) *int { return &n }
	stable, next := canary.Endpoint{Host: "reviews-v1.prod.svc.cluster.local"}, canary.Endpoint{Host: "reviews-v2.prod.svc.cluster.local"}
	want := []canary.Session{{
		Version: 1, Service: "prod/reviews", Stable: stable, Canary: next, Weight: "10",
		Began: now, Since: now, Seq: 1, By: "test",
		Routes: []canary.Touched{{At: "/spec/http/0", ID: "71b9b9dc6d1e", Legs: []canary.Wrote{
			{Endpoint: stable, Before: before(80), Wrote: 70}, {Endpoint: next, Before: before(0), Wrote: 10},
		}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
}

// TestUnreadableSessions are not taken for sessions, and not overwritten.
func TestUnreadableSessions(t *testing.T) {
	after, _ := set(t, typical, typical.object(), 10*10_000)
	at := patch.Pointer("metadata", "annotations", canary.Annotation)
	good, _ := patch.Get(after, at)
	one := strings.Trim(good.(string), "[]")
	for text, want := range map[string]string{
		"":                       "expected a JSON list of sessions",
		one:                      "expected a JSON list of sessions",
		`[{"v":2}]`:              "expected version 1, found 2",
		`[{"v":1}]`:              "expected service, stable and canary, found an empty one",
		"[" + one + "]}]," + one: "expected a JSON list of sessions",
		strings.Replace(good.(string), "[", "["+good.(string)[1:len(good.(string))-1]+",", 1): "found two sessions of prod/reviews",
	} {
		raw := apply(t, after, []patch.Op{op(patch.Replace, at, text)})
		if _, err := canary.Set(snapshot(t, raw), wish(typical, 20*10_000)); fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), want) {
			t.Errorf("set with %q: %v, want %q", text, err, want)
		}
	}
}

// TestSessionSize: a session that does not fit is refused, nothing is cut off.
func TestSessionSize(t *testing.T) {
	raw := typical.object()
	var routes []any
	for i := range 60 {
		routes = append(routes, map[string]any{
			"name": fmt.Sprintf("route-%d", i), "match": []any{map[string]any{"port": int64(i + 1)}},
			"route": []any{typical.leg("reviews-v1", 100), typical.leg("reviews-v2", 0)},
		})
	}
	raw["spec"].(map[string]any)["http"] = routes
	_, err := canary.Set(snapshot(t, raw), wish(typical, 10*10_000))
	if fault.KindOf(err) != fault.Refused || !strings.Contains(err.Error(), "bytes of annotation") {
		t.Errorf("expected a refusal of the session's size, found %v", err)
	}
	in := wish(typical, 10*10_000)
	in.Route = "route-7"
	if d, err := canary.Set(snapshot(t, raw), in); err != nil || len(d.Shifts) != 1 {
		t.Errorf("one route of them: %v", err)
	}
}

// FuzzSession feeds any text as the annotation: nothing panics, what cannot be
// read is not overwritten, and an abort that goes through takes it off.
func FuzzSession(f *testing.F) {
	after, _ := set(f, typical, typical.object(), 10*10_000)
	good, _ := patch.Get(after, patch.Pointer("metadata", "annotations", canary.Annotation))
	for _, seed := range []string{
		good.(string), "", "[]", "{}", "null", "[null]", `[{"v":2}]`, `[{"v":1,"service":"prod/reviews"}]`,
		strings.ReplaceAll(good.(string), `"before":0`, `"before":null`), strings.ReplaceAll(good.(string), "71b9b9dc6d1e", ""),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw := apply(t, after, []patch.Op{op(patch.Replace, patch.Pointer("metadata", "annotations", canary.Annotation), text)})
		s := snapshot(t, raw)
		q := canary.Query{Name: "reviews", Namespace: modeltest.Namespace}
		if _, err := canary.Status(s, q, canary.Choice{}); err != nil {
			t.Fatalf("status: %v", err)
		}
		d, err := canary.Abort(s, canary.Intent{Query: q})
		if err == nil {
			if left := apply(t, raw, d.Plan.Changes[0].Patch); hasSession(left) && strings.Count(text, `"v"`) < 2 {
				t.Fatalf("abort left %v", left)
			}
		}
		var list []any
		if _, err := canary.Set(s, wish(typical, 20*10_000)); err == nil && json.Unmarshal([]byte(text), &list) != nil {
			t.Fatalf("set overwrites %q", text)
		}
	})
}
