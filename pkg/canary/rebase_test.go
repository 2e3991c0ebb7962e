// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// typical is a split with an extra destination: 80, 20 (legacy), 0.
var typical = sample{stable: 80, canary: 0, extras: []int{20}}

// planned returns the one change that a plan consists of.
func planned(t testing.TB, d canary.Decision, err error) plan.Change {
	t.Helper()
	if err != nil || len(d.Plan.Changes) != 1 || d.Plan.Changes[0].Rebase == nil {
		t.Fatalf("expected one change with a rebase, found %+v (error %v)", d.Plan, err)
	}
	return d.Plan.Changes[0]
}

func op(verb, path string, value any) patch.Op { return patch.Op{Op: verb, Path: path, Value: value} }

const legs = "/spec/http/0/route/"

// inserted is a route that somebody puts before ours.
var inserted = op(patch.Add, "/spec/http/0", map[string]any{"match": []any{map[string]any{"port": int64(1)}}, "route": []any{}})

// races are what others may have written between our read and our write.
var races = map[string]struct {
	sample   sample
	theirs   []patch.Op
	conflict string // part of the message; empty when the write goes through
	weights  [3]int // of v1, legacy and v2 after the write
}{
	"nothing of ours": {
		sample: typical, theirs: []patch.Op{op(patch.Add, "/metadata/labels", map[string]any{"a": "b"})},
		weights: [3]int{70, 20, 10},
	},
	"a route inserted before": {sample: typical, theirs: []patch.Op{inserted}, weights: [3]int{70, 20, 10}},
	"legs in another order": {
		sample: typical, theirs: []patch.Op{op(patch.Remove, legs+"0", nil), op(patch.Add, legs+"-", typical.leg("reviews-v1", 80))},
		weights: [3]int{70, 20, 10},
	},
	"another share for an extra destination": {
		sample: typical, theirs: []patch.Op{op(patch.Replace, legs+"1/weight", int64(120))},
		weights: [3]int{60, 120, 20},
	},
	"what we were about to write": {
		sample: typical, theirs: []patch.Op{op(patch.Replace, legs+"0/weight", int64(70)), op(patch.Replace, legs+"2/weight", int64(10))},
		weights: [3]int{70, 20, 10},
	},
	"the stable weight": {
		sample: typical, theirs: []patch.Op{op(patch.Replace, legs+"0/weight", int64(75))},
		conflict: "expected the weight of reviews-v1 in http[0] to be 80 as it was read, found 75",
	},
	"the canary's weight": {
		sample: typical, theirs: []patch.Op{op(patch.Remove, legs+"2/weight", nil)},
		conflict: "expected the weight of reviews-v2 in http[0] to be 0 as it was read, found left out",
	},
	"an extra weight that we rescale": {
		sample: sample{stable: 2, canary: 0, extras: []int{1}, rescale: true}, theirs: []patch.Op{op(patch.Replace, legs+"1/weight", int64(2))},
		conflict: "expected the weight of legacy in http[0] to be 1 as it was read, found 2",
	},
	"the canary's leg removed": {
		sample: typical, theirs: []patch.Op{op(patch.Remove, legs+"2", nil)},
		conflict: "found no such destination",
	},
	"the leg that we were about to add": {
		sample: sample{stable: 80, added: true, extras: []int{20}}, theirs: []patch.Op{op(patch.Add, legs+"-", typical.leg("reviews-v2", 3))},
		conflict: "expected the weight of reviews-v2 in http[0] to be absent as it was read, found 3",
	},
	"the route's match": {
		sample: typical, theirs: []patch.Op{op(patch.Add, "/spec/http/0/match", []any{map[string]any{"port": int64(1)}})},
		conflict: "http[0] of VirtualService prod/reviews was removed, or its matches were changed",
	},
	"the route itself": {
		sample: typical, theirs: []patch.Op{op(patch.Remove, "/spec/http/0", nil)},
		conflict: "was removed",
	},
}

// TestRebase is about a write that lost a race: somebody else has changed the
// object between our read and our write.
func TestRebase(t *testing.T) {
	for name, tt := range races {
		t.Run(name, func(t *testing.T) {
			before := tt.sample.object()
			d, err := canary.Set(snapshot(t, before), wish(tt.sample, 10*10_000))
			change := planned(t, d, err)
			latest := apply(t, before, tt.theirs)
			again, err := change.Rebase(latest)
			if tt.conflict != "" {
				expectConflict(t, err, tt.conflict)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			after := only(t, apply(t, latest, again.Patch))
			got := [3]int{weightOf(after, "reviews-v1"), weightOf(after, "legacy"), weightOf(after, "reviews-v2")}
			if got != tt.weights {
				t.Errorf("weights %v, want %v", got, tt.weights)
			}
			if !patch.Equal(before, tt.sample.object()) || !patch.Equal(latest, apply(t, tt.sample.object(), tt.theirs)) {
				t.Error("rebase changed its input")
			}
		})
	}
}

func expectConflict(t *testing.T, err error, text string) {
	t.Helper()
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), text) {
		t.Errorf("expected a conflict with %q, found %v", text, err)
	}
}

func TestRebaseOfAbort(t *testing.T) {
	q := canary.Query{Name: "reviews", Namespace: modeltest.Namespace}
	started, ok := set(t, typical, typical.object(), 10*10_000)
	if !ok {
		t.Fatal("expected a canary to begin")
	}
	raised, _ := set(t, typical, started, 20*10_000)
	ended := aborted(t, raised, q)
	tests := map[string]struct {
		latest   map[string]any
		conflict string
	}{
		"nothing of ours":   {latest: apply(t, started, typical.meanwhile())},
		"a leaf of ours":    {apply(t, started, []patch.Op{op(patch.Replace, "/spec/http/0/route/2/weight", int64(11))}), "to be 10 as we wrote it, found 11"},
		"another canary":    {raised, "expected write 1 of its session, found 2"},
		"ended by another":  {ended, "another writer has ended its session"},
		"a broken session":  {apply(t, started, []patch.Op{op(patch.Replace, patch.Pointer("metadata", "annotations", canary.Annotation), "?")}), "expected a JSON list"},
		"the route is gone": {apply(t, started, []patch.Op{op(patch.Remove, "/spec/http/0", nil)}), "the route that was at /spec/http/0 is gone"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := canary.Abort(snapshot(t, started), canary.Intent{Query: q})
			again, err := planned(t, d, err).Rebase(tt.latest)
			if tt.conflict != "" {
				if k := fault.KindOf(err); (k != fault.Conflict && k != fault.Failed) || !strings.Contains(err.Error(), tt.conflict) {
					t.Errorf("expected an error with %q, found %v", tt.conflict, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := apply(t, tt.latest, again.Patch), apply(t, typical.object(), typical.meanwhile()); !patch.Equal(got, want) {
				t.Errorf("abort left %v, want %v", got, want)
			}
		})
	}
}

// aborted is an object after an abort.
func aborted(t *testing.T, raw map[string]any, q canary.Query) map[string]any {
	t.Helper()
	d, err := canary.Abort(snapshot(t, raw), canary.Intent{Query: q})
	return apply(t, raw, planned(t, d, err).Patch)
}

// TestRebaseEqualsPlanningAnew: where nobody touched our leaves, the rebased
// change leads to the same object as a plan made on the latest one.
func TestRebaseEqualsPlanningAnew(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	compared := 0
	for range 400 {
		s, p := random(r), randomPercent(r)
		before := s.object()
		d, err := canary.Set(snapshot(t, before), wish(s, p))
		if err != nil || len(d.Plan.Changes) == 0 {
			continue
		}
		latest := apply(t, before, s.meanwhile())
		rebased, err := d.Plan.Changes[0].Rebase(latest)
		if err != nil {
			t.Fatalf("%+v to %s: %v", s, p, err)
		}
		anew, err := canary.Set(snapshot(t, latest), wish(s, p))
		if want := planned(t, anew, err); !patch.Equal(rebased.After, want.After) {
			t.Fatalf("%+v to %s: rebased to\n%v\nwant\n%v", s, p, rebased.After, want.After)
		}
		compared++
	}
	if compared < 100 {
		t.Errorf("only %d samples could be compared", compared)
	}
}
