// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
)

// That no data may pass is for those whom nobody calls. Many requests of which nobody
// knows how they went, or how long they took, are something else.
func TestUnknownNeverPasses(t *testing.T) {
	may := compare.Rules{NoDataPasses: true}
	mixed := signals.Latency{Unknown: "pods with different bucket bounds were added up"}
	known := compare.Arm{Name: "v1", Requests: of(1000), Failures: of(0), Latency: latency(1000, 0, 0, 0, 0)}
	for _, c := range []struct {
		requests *float64
		want     compare.Verdict
	}{{of(1000), compare.Inconclusive}, {of(100), compare.Inconclusive}, {of(99), compare.Pass}, {of(0), compare.Pass}, {nil, compare.Pass}} {
		blind := compare.Arm{Name: "v2", Requests: c.requests, Latency: mixed}
		for name, got := range map[string]compare.Result{
			"success": compare.Success(gate(t, ">=99", compare.Ratio), c.requests, nil, may),
			"4xx":     compare.ClientErrors(gate(t, "<5", compare.Ratio), c.requests, nil, may),
			"p99":     compare.Latency(gate(t, "<1s", compare.Seconds), 0.99, c.requests, mixed, may),
			"drop":    compare.Drop(known, blind, 0.01, may),
			"slower":  compare.Slower(known, blind, 0.99, 1.3, 0, may),
		} {
			check(t, name, got, c.want)
		}
	}
}
