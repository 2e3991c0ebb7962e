// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// cause is why a container is not alive.
type cause int

// The causes, each of which one rule reports. What runs and did not end badly
// has none.
const (
	none        cause = iota
	crashed           // KM1001: it ended by itself, or by a signal of unknown origin
	unstartable       // KM1002: its command could not be executed
	outOfMemory       // KM1003: the kernel ended it for its memory
	unwell            // KM1004: the kubelet ended it for a failing probe
	initFailed        // KM1014: an init container ended badly
)

const (
	// fresh is how long a run must last for the kubelet to forget its back-off;
	// a container that ended within that time is still in its loop.
	fresh = 10 * time.Minute
	// flapping is the number of restarts from which a container that happens to
	// run is taken to be in a loop.
	flapping = 3
)

// death is how a container ended.
type death struct {
	container
	cause cause
	// end is what the kubelet recorded, empty if it did not.
	end corev1.ContainerStateTerminated
	// recorded is true when there is one.
	recorded bool
	// message is the runtime's, for what could not be started.
	message string
	// down is true when the container does not run, or will not for long.
	down bool
	// guessed is true for a loop that is told by its restarts: the container
	// happens to run.
	guessed bool
	// event is the kubelet's about the probe, nil if there is none.
	event *corev1.Event
}

// deaths are the containers whose end has the given cause.
func deaths(w *rules.World, why cause) []death {
	var out []death
	for c := range containers(w) {
		if d := causeOf(w, c); d.cause == why {
			out = append(out, d)
		}
	}
	return out
}

// causeOf decides what a container died of. The kernel's verdict comes first,
// then what never started, then the kubelet's probes, then the exit code.
func causeOf(w *rules.World, c container) death {
	d := death{container: c}
	d.down, d.guessed = c.down(w)
	switch {
	case c.status.State.Terminated != nil:
		d.end, d.recorded = *c.status.State.Terminated, true
	case c.status.LastTerminationState.Terminated != nil:
		d.end, d.recorded = *c.status.LastTerminationState.Terminated, true
	}
	d.message = c.waiting().Message
	if d.message == "" || d.end.Message != "" && c.waiting().Reason == "CrashLoopBackOff" {
		d.message = d.end.Message
	}
	switch {
	case d.end.Reason == "OOMKilled":
		d.cause = outOfMemory
		return d
	case d.unstarted():
		d.cause = unstartable
		return d
	}
	if d.ended() {
		if d.event = d.probeKill(w); d.event != nil {
			d.cause = unwell
			return d
		}
	}
	switch {
	case !d.down || !d.ended():
	case c.init:
		d.cause = initFailed
	default:
		d.cause = crashed
	}
	return d
}

// down reports whether the container does not run, or runs only until the next
// crash; the latter is a guess from its restarts.
func (c container) down(w *rules.World) (down, guessed bool) {
	switch s := c.status.State; {
	case s.Waiting != nil:
		switch s.Waiting.Reason {
		case "CrashLoopBackOff", "RunContainerError", "CreateContainerError", "PostStartHookError":
			return true, false
		}
		return false, false
	case s.Terminated != nil:
		if s.Terminated.ExitCode == 0 {
			return c.restarts() && c.status.RestartCount > 0, false
		}
		// The first time the kubelet starts it again at once, where it does.
		return c.status.RestartCount > 0 || c.pod.Value.Spec.RestartPolicy == corev1.RestartPolicyNever, false
	case s.Running != nil && c.status.RestartCount >= flapping:
		last := c.status.LastTerminationState.Terminated
		young := w.Now.Sub(s.Running.StartedAt.Time) < fresh
		loops := young && last != nil && w.Now.Sub(last.FinishedAt.Time) < fresh && last.FinishedAt.Sub(last.StartedAt.Time) < fresh
		return loops, loops
	}
	return false, false
}

// ended reports whether the container ended where it ought not to.
func (d death) ended() bool {
	switch d.waiting().Reason {
	case "CrashLoopBackOff", "PostStartHookError":
		return true
	}
	return d.recorded && (d.end.ExitCode != 0 || d.restarts())
}

// unstarted reports whether the command could not be executed.
func (d death) unstarted() bool {
	if !d.down {
		return false
	}
	switch d.waiting().Reason {
	case "RunContainerError", "CreateContainerError":
		return true
	}
	switch d.end.Reason {
	case "StartError", "ContainerCannotRun":
		return true
	}
	// A shell ends with 126 for what it may not execute and with 127 for what it
	// does not find. Istio's check of its iptables rules uses 126 for its own ends.
	return d.end.ExitCode == 127 || d.end.ExitCode == 126 && d.status.Name != validation
}

// probeKill is the kubelet's event that it ended the container for a failing
// liveness or startup probe; nil if it did not.
func (d death) probeKill(w *rules.World) *corev1.Event {
	if d.init || d.spec.LivenessProbe == nil && d.spec.StartupProbe == nil {
		return nil
	}
	killed := d.end.ExitCode == 137 || d.end.ExitCode == 143
	for e := range d.events(w) {
		probe := strings.Contains(e.Message, "iveness probe") || strings.Contains(e.Message, "tartup probe")
		about := e.InvolvedObject.FieldPath != "" || strings.Contains(e.Message, "ontainer "+d.status.Name+" ")
		switch {
		case !probe || !about || !d.near(e):
		case e.Reason == "Killing", e.Reason == "Unhealthy" && killed:
			return e
		}
	}
	return nil
}

// near reports whether an event that was last seen no earlier than its grace
// period before the end can be about that end.
func (d death) near(e *corev1.Event) bool {
	const slack = 30 * time.Second
	wait := int64(corev1.DefaultTerminationGracePeriodSeconds)
	if g := d.pod.Value.Spec.TerminationGracePeriodSeconds; g != nil {
		wait = *g
	}
	at := model.EventTime(e)
	if at.IsZero() || d.end.FinishedAt.IsZero() {
		return true
	}
	return !at.Before(d.end.FinishedAt.Add(-time.Duration(wait)*time.Second - slack))
}

// ran is how long the last run took, zero if that is not known.
func (d death) ran() time.Duration {
	if d.end.StartedAt.IsZero() || d.end.FinishedAt.Before(&d.end.StartedAt) {
		return 0
	}
	return d.end.FinishedAt.Sub(d.end.StartedAt.Time)
}

// validation is the init container in which istio-cni's rules are checked.
const validation = "istio-validation"

// sighting is what all causes of a death have in common.
func (d death) sighting() sighting {
	s := sighting{container: d.container, severity: finding.Error, evidence: d.evidence(), since: unready(d.pod.Value)}
	if d.guessed {
		s.confidence = finding.Likely
	}
	if d.pod.Value.Status.Phase == corev1.PodFailed && !givenUp(d.of) {
		s.severity, s.state = finding.Warning, finding.Progressing // the Job tries again
	}
	return s
}

// givenUp reports whether a workload is a Job that failed.
func givenUp(of *model.Workload) bool {
	job, ok := model.Jobs.Of(of.Object)
	return ok && model.JobEnded(job.Value, batchv1.JobFailed) != nil
}

// evidence is what the status says about the end of a container, then the
// kubelet's event, then what the program left in its termination message.
func (d death) evidence() []finding.Evidence {
	var parts []string
	if r := d.waiting().Reason; r != "" {
		parts = append(parts, r)
	}
	switch n := d.status.RestartCount; {
	case n == 1:
		parts = append(parts, "1 restart")
	case n > 1:
		parts = append(parts, fmt.Sprintf("%d restarts", n))
	}
	if d.end.Reason != "" || d.end.ExitCode != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("last end: exit code %d %s", d.end.ExitCode, d.end.Reason)))
	}
	if ran := d.ran(); ran > 0 {
		parts = append(parts, "after "+short(ran))
	}
	out := []finding.Evidence{d.statusOf(strings.Join(parts, ", "), d.end.FinishedAt.Time)}
	if d.event != nil {
		out = append(out, rules.Seen(d.pod.Ref, d.event))
	}
	if d.end.Message != "" {
		kind := "log" // written by the program
		if d.end.Reason == "StartError" || d.end.Reason == "ContainerCannotRun" {
			kind = "status" // by the container runtime
		}
		out = append(out, finding.Evidence{
			Kind: kind, Of: d.pod.Ref.String() + " " + d.word() + " termination message",
			Value: rules.OneLine(d.end.Message), Time: d.end.FinishedAt.Time,
		})
	}
	return out
}
