// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1016", Slug: "start-budget", Severity: finding.Warning,
	Short: "Start takes about as long as the liveness probe allows",
	Why: `Without a startupProbe, a container that has not come up after initialDelaySeconds +
periodSeconds * failureThreshold of its liveness probe is killed. A start that comes near to that works
until a node is slow or a cache is cold; then the container is killed at each start. The same goes for
a readiness probe that waits for longer than the liveness probe, when both ask the same.`,
	Fix:       "Give the start a budget of its own with a startupProbe.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#startup-probe",
	Needs:     model.WorkloadKinds,
	Explains:  []string{"KM1004"},
	Check:     checkStartBudget,
	Repair:    repairStartBudget,
})

func checkStartBudget(w *rules.World, emit rules.Emit) {
	for _, of := range w.Workloads("") {
		spec := of.Spec()
		for i := range spec.Containers {
			c := &spec.Containers[i]
			l, r := c.LivenessProbe, c.ReadinessProbe
			if l == nil || r == nil || c.StartupProbe != nil || target(l) != target(r) {
				continue
			}
			at := of.SpecAt() + patch.Pointer("containers", i)
			if delay := seconds(r.InitialDelaySeconds, 0); delay >= budget(l) {
				f := emit(of.Object, of.Existing(at, "/livenessProbe"),
					"liveness probe of container %s gives it %s to come up, but its readiness probe, which asks the same, waits for %s",
					c.Name, short(budget(l)), short(delay))
				f.Confidence, f.State = finding.Likely, finding.Latent
				continue
			}
			checkSlowStarts(w, of, c, of.Existing(at, "/livenessProbe"), emit)
		}
	}
}

// checkSlowStarts compares the budget with how long the live pods took.
func checkSlowStarts(w *rules.World, of *model.Workload, c *corev1.Container, at string, emit rules.Emit) {
	limit := budget(c.LivenessProbe)
	var slow []string
	var longest time.Duration
	live := 0
	for _, p := range of.Pods {
		if !counts(w, p) {
			continue
		}
		live++
		took := startOf(of, p, c.Name)
		// Longer than allowed means that it was not ready for another reason.
		if took <= limit && took >= limit/10*7 {
			slow, longest = append(slow, p.Ref.Name), max(longest, took)
		}
	}
	if len(slow) == 0 {
		return
	}
	f := emit(of.Object, at, "container %s took up to %s to become ready, and its liveness probe kills it after %s", c.Name, short(longest), short(limit))
	f.Reason = "container " + c.Name + " becomes ready shortly before its liveness probe would kill it"
	f.Confidence, f.State, f.Pods, f.Of = finding.Likely, finding.Latent, slow, live
}

// startOf is how long a container took from its only start until the pod became
// ready; zero if that cannot be told.
func startOf(of *model.Workload, p model.Item[corev1.Pod], name string) time.Duration {
	var ready time.Time
	for _, c := range p.Value.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			ready = c.LastTransitionTime.Time
		}
	}
	for c := range ofPod(of, p) {
		if r := c.status.State.Running; c.status.Name == name && r != nil && c.status.RestartCount == 0 && !ready.IsZero() {
			return max(0, ready.Sub(r.StartedAt.Time))
		}
	}
	return 0
}

func repairStartBudget(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || !of.Editable() {
		return nil
	}
	c, at := holding(of, r.Pointer)
	if c == nil {
		return nil
	}
	return startupFix(of, c, at)
}
