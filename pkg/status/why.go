// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// facts are what rules look at: a row with what is behind it.
type facts struct {
	Row
	*shared
	workload *model.Workload
}

// rules in the order in which they are asked: what callers notice, then what stops
// pods, then what will.
var rules = []func(*facts) string{
	rolledOut, failing, outOfMemory, atMaximum, overQuota, onBadNode, crashing, waiting, notReady, throttled, atRisk, traffic,
}

// why is the answer of the first rule that has one.
func why(f *facts) string {
	for _, rule := range rules {
		if s := rule(f); s != "" {
			return s
		}
	}
	return ""
}

const (
	// tolerated is the share of failures that is no cause as long as there is another.
	tolerated = 0.001
	// fresh is how long after a rollout failures are laid at its door.
	fresh = 15 * time.Minute
	// nearQuota is the share of a quota from which on it may be what stops pods.
	nearQuota = 0.9
)

// fails reports whether more requests fail than are tolerated.
func fails(f *facts) bool {
	g := f.Group
	return g != nil && g.Rate != nil && *g.Rate > 0 && g.Failed/(*g.Rate) > tolerated
}

// rolledOut: requests fail, and there is a new revision since a short time.
func rolledOut(f *facts) string {
	rs := newest(f.workload)
	if rs == nil || len(f.workload.ReplicaSets) < 2 || !fails(f) {
		return ""
	}
	age := f.Now.Sub(rs.Value.CreationTimestamp.Time)
	if age < 0 || age > fresh {
		return ""
	}
	revision := rs.Value.Annotations["deployment.kubernetes.io/revision"]
	if revision != "" {
		revision = " of revision " + revision
	}
	return fmt.Sprintf("rollout%s %s ago, and %s", revision, duration.ShortHumanDuration(age), signals.Why(*f.Group))
}

// failing: the most frequent failure, with its flag and whom it hit.
func failing(f *facts) string {
	if !fails(f) {
		return ""
	}
	return signals.Why(*f.Group)
}

// outOfMemory: a container was killed for want of memory.
func outOfMemory(f *facts) string {
	if f.Usage == nil || f.Usage.OOM == nil {
		return ""
	}
	s := fmt.Sprintf("OOMKilled %d×", f.Usage.OOM.Containers)
	if last := f.Usage.OOM.Last; !last.IsZero() && !last.After(f.Now) {
		s += " " + duration.ShortHumanDuration(f.Now.Sub(last)) + " ago"
	}
	return s
}

// atMaximum: the autoscaler would have more pods if it might.
func atMaximum(f *facts) string {
	if f.HPA == nil || f.HPA.Current == nil || !f.HPA.Limited && (*f.HPA.Current < f.HPA.Max || f.HPA.Max <= f.HPA.Min) {
		return ""
	}
	return fmt.Sprintf("HPA at max %d/%d", *f.HPA.Current, f.HPA.Max)
}

// overQuota: there are fewer pods than wanted, and a quota is nearly used up.
func overQuota(f *facts) string {
	if f.Wanted == nil || !f.workload.Live() || len(f.workload.Pods) >= int(*f.Wanted) {
		return ""
	}
	for _, q := range f.quotas {
		switch {
		case q.Ref.Namespace != f.Ref.Namespace || !q.OfPods():
		case q.Ratio == nil:
			return "quota " + q.Resource + " allows none"
		case *q.Ratio >= nearQuota:
			return "quota " + q.Resource + " " + usage.Percent(*q.Ratio)
		}
	}
	return ""
}

// onBadNode: a node that pods run on is short of something or silent.
func onBadNode(f *facts) string {
	for _, p := range f.workload.Pods {
		if wrong := f.nodes[p.Value.Spec.NodeName]; len(wrong) > 0 {
			return p.Value.Spec.NodeName + " " + strings.Join(wrong, ", ")
		}
	}
	return ""
}

// crashing: containers end again and again.
func crashing(f *facts) string {
	return held(f, func(reason string) bool { return reason == "CrashLoopBackOff" })
}

// waiting: containers do not start, for any other reason than being on their way.
func waiting(f *facts) string {
	return held(f, func(reason string) bool {
		return reason != "" && reason != "ContainerCreating" && reason != "PodInitializing" && reason != "CrashLoopBackOff"
	})
}

// held counts the pods with a container that waits for a reason, and names the first.
func held(f *facts, is func(reason string) bool) string {
	n, first := 0, ""
	for _, p := range f.workload.Pods {
		if model.PodEnded(p.Value) {
			continue
		}
		for _, c := range append(append([]corev1.ContainerStatus{}, p.Value.Status.InitContainerStatuses...), p.Value.Status.ContainerStatuses...) {
			if w := c.State.Waiting; w != nil && is(w.Reason) {
				n++
				if first == "" {
					first = w.Reason
				}
				break
			}
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return first + " in 1 pod"
	}
	return fmt.Sprintf("%s in %d pods", first, n)
}

// notReady: fewer pods take traffic than are wanted; the latest warning says why.
func notReady(f *facts) string {
	if f.Ready == nil || f.Wanted == nil || *f.Ready >= *f.Wanted {
		return ""
	}
	s := fmt.Sprintf("%d/%d ready", *f.Ready, *f.Wanted)
	for _, p := range f.workload.Pods {
		if model.PodReady(p.Value) || model.PodEnded(p.Value) {
			continue
		}
		for _, c := range p.Value.Status.Conditions {
			if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Message != "" {
				return s + ": " + brief(c.Message)
			}
		}
		for _, e := range f.snapshot.EventsOf(p.Ref) {
			if e.Value.Type == corev1.EventTypeWarning {
				return s + ": " + brief(e.Value.Message)
			}
		}
	}
	return s
}

// brief is the first line of a message, cut to what fits a table.
func brief(message string) string {
	const most = 60
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	if r := []rune(line); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return line
}

// throttled: the limit of CPU holds containers back.
func throttled(f *facts) string {
	if f.Throttled == nil || *f.Throttled < usage.HeldBack {
		return ""
	}
	return "CPU throttled " + usage.Percent(*f.Throttled)
}

// atRisk: what the use of memory and CPU will lead to.
func atRisk(f *facts) string {
	if f.Usage == nil {
		return ""
	}
	for _, r := range f.Usage.Risks(f.Now) {
		if r.Code != usage.OOMKilled { // told by a rule of its own
			return r.Text
		}
	}
	return ""
}

// traffic: what else the requests tell.
func traffic(f *facts) string {
	switch {
	case len(f.Groups) == 0:
		return ""
	case f.twins[place{f.Ref.Namespace, f.Ref.Name}] > 1:
		return "no data of its own: workloads of several kinds have this name"
	case f.Group == nil || f.Group.Rate == nil && f.Group.Sent == nil:
		return "no data"
	}
	return signals.Why(*f.Group)
}
