// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1019", Slug: "restarts", Severity: finding.Warning,
	Short: "Container runs, but has been restarted often",
	Why: `The container is fine at the moment, but it ends every few hours and is started again: each
time its requests in flight are lost. What counts is the rate since the pod was started and whether it
still happens, not the total. Ends by the memory limit (KM1003) and by probes (KM1004) are reported as
such.`,
	Fix:       "Read the output of the run before, and the exit code of the last end.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy",
	Needs:     append([]*model.Kind{model.Events.Kind}, model.WorkloadKinds...),
	Live:      true,
	Check:     checkRestarts,
})

const (
	// oftenCount and oftenEvery are the least number of restarts, and their
	// longest mean distance, that are worth a word.
	oftenCount = 5
	oftenEvery = 6 * time.Hour
	// lately is how long ago the last end may be.
	lately = 24 * time.Hour
)

func checkRestarts(w *rules.World, emit rules.Emit) {
	var all []sighting
	for c := range containers(w) {
		n, last := c.status.RestartCount, c.status.LastTerminationState.Terminated
		if c.init || c.status.State.Running == nil || n < oftenCount || last == nil || last.ExitCode == 0 && !c.restarts() {
			continue
		}
		begun := c.pod.Value.CreationTimestamp.Time
		if c.pod.Value.Status.StartTime != nil {
			begun = c.pod.Value.Status.StartTime.Time
		}
		age := w.Now.Sub(begun)
		if begun.IsZero() || age <= 0 || age/time.Duration(n) > oftenEvery || w.Now.Sub(last.FinishedAt.Time) > lately {
			continue
		}
		d := causeOf(w, c)
		if d.cause != none {
			continue
		}
		s := d.sighting()
		s.at, s.since = d.field("/command", "/args", "/image"), begun
		s.severity, s.state = finding.Warning, finding.Latent
		s.reason = d.word() + " runs, but is restarted every few hours"
		if age/time.Duration(n) < time.Hour {
			s.reason = d.word() + " runs, but is restarted more than once an hour"
		}
		s.hint = "output of the last run: " + d.logs()
		s.evidence = append(s.evidence, d.statusOf(fmt.Sprintf("%d restarts in %s, %.1f an hour", n, short(age), float64(n)/age.Hours()), begun))
		all = append(all, s)
	}
	report(w, emit, all)
}
