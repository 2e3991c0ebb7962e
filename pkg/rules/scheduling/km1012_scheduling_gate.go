// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1012", Slug: "scheduling-gate", Severity: finding.Warning,
	Short: "Pod stays Pending behind a scheduling gate",
	Why: `The scheduler does not look at a pod that has schedulingGates. Whoever put a gate there takes it away
when the pod may start: queues like Kueue do so by design, as their quota allows. A gate that is
written in a pod template by hand, or whose controller is not installed, is never taken away.`,
	Fix:       `See whether the controller that owns the gate runs, and what it says of the pod. Drop gates that nobody removes.`,
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Events.Kind}),
	Live:      true,
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkGates,
})

// queueing is how long a gate may stay before it is more than a fact.
const queueing = 10 * time.Minute

func checkGates(w *rules.World, emit rules.Emit) {
	for _, of := range w.Workloads("") {
		var groups []waiting
		for _, p := range of.Pods {
			c, ok := unscheduled(w, p)
			if !ok || len(p.Value.Spec.SchedulingGates) == 0 {
				continue
			}
			i := slices.IndexFunc(groups, func(g waiting) bool { return gates(g.first()) == gates(p.Value) })
			if i < 0 {
				groups = append(groups, waiting{of: of, condition: c})
				i = len(groups) - 1
			}
			groups[i].pods = append(groups[i].pods, p)
		}
		for _, g := range groups {
			what := "the scheduler does not look at it behind the gate " + gates(g.first())
			f := g.tell(w, emit, of.Existing(of.SpecAt(), "/schedulingGates"), what, what)
			oldest := slices.MinFunc(g.pods, func(a, b pod) int {
				return a.Value.CreationTimestamp.Compare(b.Value.CreationTimestamp.Time)
			})
			f.Since = oldest.Value.CreationTimestamp.Time
			if w.Now.Sub(f.Since) < queueing {
				f.Severity, f.State = finding.Info, finding.Progressing
			}
			if len(of.Spec().SchedulingGates) > 0 && !of.Bare() {
				f.Hint = "the gate is in the template: every pod starts behind it"
			}
		}
	}
}

func gates(p *corev1.Pod) string {
	var names []string
	for _, g := range p.Spec.SchedulingGates {
		names = append(names, g.Name)
	}
	return strings.Join(names, ", ")
}
