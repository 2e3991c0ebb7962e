// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// world is a mesh made at random together with its truth. The truth is counted
// while the world is made, call by call, and knows nothing of series.
type world struct {
	vector signals.Vector
	// want by view and service.
	want map[signals.View]map[string]*truth
}

type truth struct {
	rate, failed, clientErrors float64
	took                       []float64
}

// call is one request a second from a caller to a service, as one reporter saw it.
type call struct {
	code, protocol, grpc string
	ms                   float64
}

func (c call) failed() bool {
	n, _ := strconv.Atoi(c.code)
	if n == 0 || n >= 500 {
		return true
	}
	switch c.grpc {
	case "2", "4", "13", "14", "15":
		return c.protocol == "grpc" && n < 400
	}
	return false
}

func randomCall(r *rand.Rand) call {
	c := call{code: []string{"200", "204", "302", "404", "429", "500", "503", "0"}[r.IntN(8)], protocol: "http", ms: math.Exp(r.NormFloat64()*2 + 3)}
	if r.IntN(2) == 0 {
		c.protocol, c.grpc = "grpc", strconv.Itoa(r.IntN(17))
	}
	return c
}

func randomWorld(r *rand.Rand) world {
	w := world{want: map[signals.View]map[string]*truth{signals.Client: {}, signals.Server: {}}}
	orders := map[signals.View][]string{
		signals.Client: {"source", "waypoint", "destination"}, signals.Server: {"destination", "waypoint", "source"},
	}
	for service := range 1 + r.IntN(4) {
		name := fmt.Sprintf("s%d", service)
		for caller := range 1 + r.IntN(4) {
			from := fmt.Sprintf("c%d", caller)
			calls := map[string][]call{}
			for _, reporter := range []string{"source", "waypoint", "destination"} {
				if r.IntN(2) == 0 {
					continue
				}
				for range r.IntN(12) {
					calls[reporter] = append(calls[reporter], randomCall(r))
				}
				for _, c := range calls[reporter] {
					w.add(r, reporter, from, name, c)
				}
			}
			for view, order := range orders {
				for _, reporter := range order {
					if len(calls[reporter]) > 0 {
						w.count(view, name, calls[reporter])
						break
					}
				}
			}
		}
	}
	r.Shuffle(len(w.vector), func(i, j int) { w.vector[i], w.vector[j] = w.vector[j], w.vector[i] })
	return w
}

// add writes one call as the series that a proxy would have, spread over pods and
// versions as the aggregation of a query leaves them.
func (w *world) add(r *rand.Rand, reporter, from, name string, c call) {
	workload := fmt.Sprintf("%s-v%d", name, r.IntN(2))
	w.vector = append(w.vector, set(req(1, reporter, from, name, workload, c.code),
		"request_protocol="+c.protocol+" grpc_response_status="+c.grpc))
	for _, le := range envoyGrid {
		count := 0.0
		if c.ms <= le {
			count = 1
		}
		w.vector = append(w.vector, set(req(count, reporter, from, name, workload, ""), "_q=lat le="+strconv.FormatFloat(le, 'f', -1, 64)))
	}
}

func (w *world) count(view signals.View, name string, calls []call) {
	if w.want[view][name] == nil {
		w.want[view][name] = &truth{}
	}
	t := w.want[view][name]
	for _, c := range calls {
		t.rate++
		t.took = append(t.took, c.ms)
		if c.failed() {
			t.failed++
		} else if c.code[0] == '4' {
			t.clientErrors++
		}
	}
}

func TestFoldAgainstNaive(t *testing.T) {
	for seed := range uint64(60) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 5)))
		for view, want := range w.want {
			table := signals.Fold(w.vector, options(t, view, signals.ByService))
			if len(table.Groups) != len(want) || table.Ignored != 0 {
				t.Fatalf("seed %d: %d groups, want %d; %d ignored", seed, len(table.Groups), len(want), table.Ignored)
			}
			for _, g := range table.Groups {
				x := want[g.Service]
				if !near(g.Rate, x.rate) || !near(&g.Failed, x.failed) || !near(&g.ClientErrors, x.clientErrors) ||
					!near(g.Success(), 1-x.failed/x.rate) || !near(g.Requests(), 100*x.rate) || !near(g.Failures(), 100*x.failed) {
					t.Fatalf("seed %d, %s view of %s: rate %v failed %v 4xx %v success %v, want %+v",
						seed, view, g.Service, show(g.Rate), g.Failed, g.ClientErrors, show(g.Success()), x)
				}
				for _, q := range []float64{0.5, 0.95, 0.99} {
					got, p := g.Latency.Quantile(q), observe(envoyGrid, x.took...).Quantile(q)/1000
					if got == nil || !near(&got.Value, p) || !near(&got.N, 100*x.rate) {
						t.Fatalf("seed %d, %s view of %s: p%v %+v, want %v", seed, view, g.Service, q*100, got, p)
					}
				}
			}
		}
	}
}

// Groups are parts of one whole: whatever they are grouped by, the sums agree.
func TestGroupingsAgree(t *testing.T) {
	for seed := range uint64(15) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 6)))
		for view := range w.want {
			var first [3]float64
			for i, by := range []signals.By{signals.ByService, signals.ByWorkload, signals.ByVersion, signals.ByEdge, signals.ByNamespace} {
				var sum [3]float64
				for _, g := range signals.Fold(w.vector, options(t, view, by)).Groups {
					sum[0] += *g.Rate
					sum[1] += g.Failed
					sum[2] += g.Latency.Histogram.Count()
				}
				if i == 0 {
					first = sum
				} else if !near(&sum[0], first[0]) || !near(&sum[1], first[1]) || !near(&sum[2], first[2]) {
					t.Fatalf("seed %d by %s: %v, want %v", seed, by, sum, first)
				}
			}
		}
	}
}
