// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// whole is 100 % in units of Percent.
const whole = 1_000_000

// omitted stands for a weight that is left out.
const omitted = -1

// sample is one route with a stable leg, perhaps a canary leg, and others.
type sample struct {
	gateway bool
	stable  int
	canary  int
	added   bool // there is no canary leg yet
	extras  []int
	rescale bool
}

func random(r *rand.Rand) sample {
	weight := func() int {
		switch r.IntN(5) {
		case 0:
			return omitted
		case 1:
			return r.IntN(3)
		case 2:
			return r.IntN(1_000_001)
		default:
			return r.IntN(101)
		}
	}
	s := sample{gateway: r.IntN(2) == 0, stable: weight(), canary: weight(), added: r.IntN(3) == 0, rescale: r.IntN(2) == 0}
	for range r.IntN(4) {
		s.extras = append(s.extras, weight())
	}
	return s
}

func randomPercent(r *rand.Rand) canary.Percent {
	unit := []int64{10_000, 5_000, 100, 1}[r.IntN(4)]
	return canary.Percent(r.Int64N(whole/unit+1) * unit)
}

var extraNames = []string{"legacy", "partner", "batch"}

// object is the route as a VirtualService or HTTPRoute.
func (s sample) object() map[string]any {
	legs := []any{s.leg("reviews-v1", s.stable)}
	for i, w := range s.extras {
		legs = append(legs, s.leg(extraNames[i], w))
	}
	if !s.added {
		legs = append(legs, s.leg("reviews-v2", s.canary))
	}
	meta := map[string]any{"name": "reviews", "namespace": modeltest.Namespace}
	if s.gateway {
		return map[string]any{
			"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": meta,
			"spec": map[string]any{"rules": []any{map[string]any{"backendRefs": legs}}},
		}
	}
	return map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": meta,
		"spec": map[string]any{"hosts": []any{"shop.example.com"}, "http": []any{map[string]any{"route": legs}}},
	}
}

func (s sample) leg(name string, weight int) map[string]any {
	leg := map[string]any{"destination": map[string]any{"host": name}}
	if s.gateway {
		leg = map[string]any{"name": name, "port": int64(80)}
	}
	if weight != omitted {
		leg["weight"] = int64(weight)
	}
	return leg
}

// list is where the routes are.
func (s sample) list() string {
	if s.gateway {
		return "/spec/rules"
	}
	return "/spec/http"
}

// snapshot holds the route and the Services of both versions.
func snapshot(t testing.TB, route map[string]any) *model.Snapshot {
	t.Helper()
	service := func(name string) map[string]any {
		return map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": name, "namespace": modeltest.Namespace}}
	}
	raws := []map[string]any{route, service("reviews-v1"), service("reviews-v2")}
	for _, name := range extraNames {
		raws = append(raws, service(name))
	}
	return modeltest.Raw(t, raws...)
}

func wish(s sample, p canary.Percent) canary.Intent {
	return canary.Intent{
		Query:  canary.Query{Name: "reviews", Namespace: modeltest.Namespace},
		Choice: canary.Choice{Stable: "reviews-v1", Canary: "reviews-v2"},
		Weight: p, Rescale: s.rescale, Remember: true, Now: now, By: "test",
		Tolerance: canary.Tolerance{Unready: true},
	}
}

// only returns the route of our service in an object, wherever it is.
func only(t testing.TB, raw map[string]any) traffic.Route {
	t.Helper()
	for _, r := range traffic.Routes(snapshot(t, raw)) {
		if slices.ContainsFunc(r.Legs, func(l traffic.Leg) bool { return canary.Label(l.Backend) == "reviews-v1" }) {
			return r
		}
	}
	t.Fatalf("no route of reviews in %v", raw)
	return traffic.Route{}
}

func weightOf(r traffic.Route, name string) int {
	for _, l := range r.Legs {
		if canary.Label(l.Backend) == name {
			return l.Weight
		}
	}
	return 0
}

// set plans and applies one weight; ok is false when it was refused, which may
// only be a usage error or a refusal.
func set(t testing.TB, s sample, before map[string]any, p canary.Percent) (after map[string]any, ok bool) {
	t.Helper()
	d, err := canary.Set(snapshot(t, before), wish(s, p))
	if err != nil {
		if k := fault.KindOf(err); k != fault.Usage && k != fault.Refused {
			t.Fatalf("%+v to %s: kind %d: %v", s, p, k, err)
		}
		return before, false
	}
	if len(d.Plan.Changes) == 0 {
		after = before
	} else {
		c := d.Plan.Changes[0]
		after = apply(t, before, c.Patch)
		if back := apply(t, after, c.Inverse); !patch.Equal(back, before) {
			t.Fatalf("%+v to %s: the inverse gives %v", s, p, back)
		}
	}
	if again, err := canary.Set(snapshot(t, after), wish(s, p)); err != nil || !again.Plan.Empty() {
		t.Fatalf("%+v to %s: repeated, it plans %v (error %v)", s, p, again.Plan, err)
	}
	return after, true
}

// shares checks what a new weight must hold to.
func shares(t testing.TB, s sample, p canary.Percent, before, after traffic.Route) {
	t.Helper()
	was, is := before.Total(), after.Total()
	if got := weightOf(after, "reviews-v2"); int64(got)*whole != int64(p)*int64(is) {
		t.Fatalf("%+v to %s: the canary has %d of %d", s, p, got, is)
	}
	for _, l := range after.Legs {
		if l.Weight < 0 || l.Weight > after.Router.MaxWeight() {
			t.Fatalf("%+v to %s: %s has the weight %d", s, p, l.Host, l.Weight)
		}
	}
	if was == 0 {
		return // nobody had a share
	}
	for _, name := range extraNames {
		if old, new := weightOf(before, name), weightOf(after, name); int64(old)*int64(is) != int64(new)*int64(was) {
			t.Fatalf("%+v to %s: %s had %d of %d, has %d of %d", s, p, name, old, was, new, is)
		}
	}
	if is%was != 0 {
		t.Fatalf("%+v to %s: the total went from %d to %d", s, p, was, is)
	}
	chosen := s.stable > 1 && (!s.added || len(s.extras) > 0)
	if chosen && !s.rescale && is != was {
		t.Fatalf("%+v to %s: without rescale the total went from %d to %d", s, p, was, is)
	}
}

// meanwhile is what somebody else writes: a timeout or name on our route, a
// route before it, a label and an annotation.
func (s sample) meanwhile() []patch.Op {
	other := map[string]any{"match": []any{map[string]any{"port": int64(1)}}, "route": []any{s.leg("elsewhere", omitted)}}
	mark := patch.Op{Op: patch.Add, Path: s.list() + "/0/timeout", Value: "5s"}
	if s.gateway {
		other = map[string]any{"matches": []any{map[string]any{"path": map[string]any{"type": "Exact", "value": "/x"}}}, "backendRefs": []any{s.leg("elsewhere", omitted)}}
		mark = patch.Op{Op: patch.Add, Path: s.list() + "/0/timeouts", Value: map[string]any{"request": "5s"}}
	}
	return []patch.Op{
		mark, {Op: patch.Add, Path: s.list() + "/0", Value: other},
		{Op: patch.Add, Path: "/metadata/labels", Value: map[string]any{"team": "a"}},
	}
}

// wayBack checks two weights, somebody else's writes in between, and the abort:
// it leaves what there would be if the canary had never been.
func wayBack(t testing.TB, s sample, first, second canary.Percent) {
	t.Helper()
	original := s.object()
	after, ok := set(t, s, original, first)
	if !ok {
		return
	}
	shares(t, s, first, only(t, original), only(t, after))
	after = apply(t, after, s.meanwhile())
	if next, ok := set(t, s, after, second); ok {
		shares(t, s, second, only(t, original), only(t, next))
		after = next
	}
	d, err := canary.Abort(snapshot(t, after), canary.Intent{
		Query: canary.Query{Name: "reviews", Namespace: modeltest.Namespace}, Tolerance: canary.Tolerance{Unready: true},
	})
	if err != nil {
		if hasSession(after) {
			t.Fatalf("%+v to %s and %s: abort: %v", s, first, second, err)
		}
		return // neither weight changed anything
	}
	want, got := apply(t, original, s.meanwhile()), apply(t, after, d.Plan.Changes[0].Patch)
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	if string(a) != string(b) {
		t.Fatalf("%+v to %s and %s: abort left\n%s\nwant\n%s", s, first, second, b, a)
	}
}

func hasSession(raw map[string]any) bool {
	_, err := patch.Get(raw, patch.Pointer("metadata", "annotations", canary.Annotation))
	return err == nil
}

func TestSharesAndTheWayBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		wayBack(t, random(r), randomPercent(r), randomPercent(r))
	}
}

func FuzzSharesAndTheWayBack(f *testing.F) {
	f.Add(true, false, true, 100, 0, 20, int64(100_000), int64(5_000))
	f.Add(false, true, false, omitted, 0, omitted, int64(whole), int64(0))
	f.Add(true, false, false, omitted, omitted, omitted, int64(1), int64(333_333))
	f.Fuzz(func(t *testing.T, gateway, added, rescale bool, stable, canaryWeight, extra int, first, second int64) {
		limit := func(w int) int { return max(omitted, w%1_000_001) }
		s := sample{gateway: gateway, added: added, rescale: rescale, stable: limit(stable), canary: limit(canaryWeight)}
		if extra >= omitted {
			s.extras = []int{limit(extra)}
		}
		percent := func(n int64) canary.Percent { return canary.Percent(max(n, -n, 0) % (whole + 1)) }
		wayBack(t, s, percent(first), percent(second))
	})
}
