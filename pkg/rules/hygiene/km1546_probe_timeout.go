// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1546", Slug: "probe-timeout",
	Short: "Probe may take longer than the time between two",
	Why: `The kubelet asks again when the answer, or the timeout, is there. With a timeout above the period, a slow container
is asked less often than it says, and a fault is noticed failureThreshold timeouts later, not periods.

Startup probes are left out: asking often and having patience with the answer is what they are for.`,
	Fix:       "Set timeoutSeconds below periodSeconds.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes",
	Needs:     model.WorkloadKinds,
	Check:     checkProbeTimeouts,
})

func checkProbeTimeouts(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		for at, c := range of.Containers() {
			for _, p := range probes(c) {
				timeout, period := cmp.Or(p.TimeoutSeconds, 1), cmp.Or(p.PeriodSeconds, 10)
				if p.Probe != c.StartupProbe && timeout > 1 && timeout >= period {
					emit(of.Object, rules.Nearest(of.Object, at+"/"+p.field+"/timeoutSeconds"), "container %s has a %s with a timeout of %d s that runs each %d s", c.Name, p.field, timeout, period)
				}
			}
		}
	}
}
