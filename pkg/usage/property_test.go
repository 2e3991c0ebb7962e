// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// randomPods are pods of a few workloads, some with unknown usage or no limits.
func randomPods(r *rand.Rand) []usage.Pod {
	amount := func(missing int) usage.Amount {
		var out usage.Amount
		if r.IntN(missing+1) == 0 || missing == 0 {
			cpu := float64(r.IntN(4_000_000_000)) / 1e9
			out.CPU = &cpu
		}
		if r.IntN(missing+1) == 0 || missing == 0 {
			memory := float64(r.IntN(1 << 40))
			out.Memory = &memory
		}
		return out
	}
	var out []usage.Pod
	for i := range 1 + r.IntN(40) {
		ns := fmt.Sprintf("ns-%d", r.IntN(2))
		out = append(out, usage.Pod{
			Ref:   ref.Ref{Version: "v1", Kind: "Pod", Namespace: ns, Name: fmt.Sprintf("p%d", i)},
			Owner: ref.Ref{Group: "apps", Version: "v1", Kind: "Deployment", Namespace: ns, Name: fmt.Sprintf("d%d", r.IntN(4))},
			Count: 1, Used: amount(1), Requests: amount(0), Limits: amount(1), Restarts: int32(r.IntN(5)),
		})
	}
	return out
}

// The sums over workloads are those over pods, in whatever order these come.
func TestWorkloadsAddUp(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 2))
		pods := randomPods(r)
		all := usage.Workloads(pods)
		mixed := slices.Clone(pods)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(all, usage.Workloads(mixed)); diff != "" {
			t.Fatalf("seed %d: the order of the pods matters:\n%s", seed, diff)
		}
		var ofPods, ofWorkloads struct {
			cpu, memory, requests float64
			pods, measured        int
			restarts              int32
		}
		add := func(x *float64, to *float64) {
			if x != nil {
				*to += *x
			}
		}
		for _, p := range pods {
			add(p.Used.CPU, &ofPods.cpu)
			add(p.Used.Memory, &ofPods.memory)
			add(p.Requests.CPU, &ofPods.requests)
			ofPods.pods++
			if p.Used.CPU != nil || p.Used.Memory != nil {
				ofPods.measured++
			}
			ofPods.restarts += p.Restarts
		}
		for _, w := range all {
			add(w.Used.CPU, &ofWorkloads.cpu)
			add(w.Used.Memory, &ofWorkloads.memory)
			add(w.Requests.CPU, &ofWorkloads.requests)
			ofWorkloads.pods += w.Pods
			ofWorkloads.measured += w.Measured
			ofWorkloads.restarts += w.Restarts
			unlimited := slices.ContainsFunc(w.Members, func(p usage.Pod) bool { return p.Limits.CPU == nil })
			if (w.Limits.CPU == nil) != unlimited {
				t.Fatalf("seed %d: %s has a limit: %t, but a pod without one: %t", seed, w.Ref, w.Limits.CPU != nil, unlimited)
			}
			if unlimited && w.OfLimits.CPU != nil {
				t.Fatalf("seed %d: %s is at %v of no limit", seed, w.Ref, *w.OfLimits.CPU)
			}
		}
		for _, x := range []struct{ a, b float64 }{{ofPods.cpu, ofWorkloads.cpu}, {ofPods.memory, ofWorkloads.memory}, {ofPods.requests, ofWorkloads.requests}} {
			if math.Abs(x.a-x.b) > 1e-6 {
				t.Fatalf("seed %d: pods %v, workloads %v", seed, ofPods, ofWorkloads)
			}
		}
		if ofPods.pods != ofWorkloads.pods || ofPods.measured != ofWorkloads.measured || ofPods.restarts != ofWorkloads.restarts {
			t.Fatalf("seed %d: pods %v, workloads %v", seed, ofPods, ofWorkloads)
		}
	}
}

// A pod that was not measured yet does not make the others look idle.
func TestRatiosAreOfMeasuredPods(t *testing.T) {
	x := func(cpu, memory float64) usage.Amount { return usage.Amount{CPU: &cpu, Memory: &memory} }
	owner := ref.Ref{Kind: "Deployment", Name: "d"}
	all := usage.Workloads([]usage.Pod{
		{Ref: ref.Ref{Name: "a"}, Owner: owner, Count: 1, Used: x(0.5, 50), Requests: x(1, 100), Limits: x(2, 100)},
		{Ref: ref.Ref{Name: "b"}, Owner: owner, Count: 1, Requests: x(1, 100), Limits: x(2, 100)},
	})
	w := all[0]
	if len(all) != 1 || w.Pods != 2 || w.Measured != 1 || say(w.Used) != "0.5 50" || say(w.OfRequests) != "0.5 0.5" || say(w.OfLimits) != "0.25 0.5" || say(w.Limits) != "4 200" {
		t.Errorf("%d of %d pods use %s, %s of requests and %s of limits %s", w.Measured, w.Pods, say(w.Used), say(w.OfRequests), say(w.OfLimits), say(w.Limits))
	}
}
