// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// sighting is one container of one pod that shows a fault. Those that agree on
// workload, field and reason become one finding.
type sighting struct {
	container
	// at is the JSON Pointer in the workload's object.
	at string
	// reason is the message, without counts, times and names of pods.
	reason     string
	severity   finding.Severity
	confidence finding.Confidence
	state      finding.State
	hint       string
	evidence   []finding.Evidence
	related    []ref.Ref
	// since is when it began, zero if that is not known.
	since time.Time
}

// report emits sightings, one finding for those that belong together. They come
// workload by workload.
func report(w *rules.World, emit rules.Emit, all []sighting) {
	type fault struct {
		of         *model.Workload
		at, reason string
	}
	groups := map[fault][]sighting{}
	var order []fault
	for _, s := range all {
		k := fault{s.of, s.at, s.reason}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], s)
	}
	for _, k := range order {
		tell(w, emit, groups[k])
	}
}

func tell(w *rules.World, emit rules.Emit, group []sighting) {
	worst := slices.MaxFunc(group, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.severity, b.severity), cmp.Compare(b.confidence, a.confidence), cmp.Compare(b.state, a.state))
	})
	var pods []string
	var since time.Time
	var related []ref.Ref
	for _, s := range group {
		for _, r := range s.related {
			if !slices.Contains(related, r) {
				related = append(related, r)
			}
		}
		pods = append(pods, s.pod.Ref.Name)
		if !s.since.IsZero() && (since.IsZero() || s.since.Before(since)) {
			since = s.since
		}
	}
	of := 0
	for _, p := range worst.of.Pods {
		if counts(w, p) {
			of++
		}
	}
	prefix := ""
	if of > 1 {
		prefix = fmt.Sprintf("%d of %d pods: ", len(pods), of)
	}
	f := emit(worst.of.Object, worst.at, "%s%s", prefix, worst.reason)
	f.Severity, f.Confidence, f.State = worst.severity, worst.confidence, worst.state
	f.Reason, f.Hint, f.Evidence, f.Related = worst.reason, worst.hint, worst.evidence, related
	f.Pods, f.Of, f.Since = pods, of, since
}

// unready is when the pod stopped taking traffic, zero if it does.
func unready(p *corev1.Pod) time.Time {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionFalse {
			return c.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

// statusOf is the evidence that a container's status gives.
func (c container) statusOf(value string, at time.Time) finding.Evidence {
	return finding.Evidence{Kind: "status", Of: c.pod.Ref.String() + " " + c.word(), Value: rules.OneLine(value), Time: at}
}

// firstOf returns the first alternative that the text contains, in any case.
func firstOf(text string, alternatives ...string) (string, bool) {
	text = strings.ToLower(text)
	for _, a := range alternatives {
		if strings.Contains(text, strings.ToLower(a)) {
			return a, true
		}
	}
	return "", false
}

// logs is the command that shows the output of the run that ended, ready to paste.
func (c container) logs() string {
	command := fmt.Sprintf("kubectl logs -n %s %s -c %s", c.pod.Ref.Namespace, c.pod.Ref.Name, c.status.Name)
	if c.status.State.Terminated == nil {
		command += " --previous"
	}
	return command
}
