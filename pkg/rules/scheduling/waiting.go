// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
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

type (
	event = corev1.Event
	pod   = model.Item[corev1.Pod]
)

const (
	// grace is how long a pod may wait for the scheduler.
	grace = 30 * time.Second
	// growing is how long an autoscaler may take from its promise to a node.
	growing = 10 * time.Minute
)

// waiting are pods of one workload that wait for a node for the same reason.
type waiting struct {
	of   *model.Workload
	pods []pod
	verdict
	// condition is that of the pod that has waited longest.
	condition corev1.PodCondition
}

// unscheduled is the condition of a pod that has no node, and whether anything
// is to be said about it.
func unscheduled(w *rules.World, p pod) (corev1.PodCondition, bool) {
	v := p.Value
	if v.Spec.NodeName != "" || v.DeletionTimestamp != nil || (v.Status.Phase != corev1.PodPending && v.Status.Phase != "") ||
		w.Now.Sub(v.CreationTimestamp.Time) < grace {
		return corev1.PodCondition{}, false
	}
	for _, c := range v.Status.Conditions {
		if c.Type == corev1.PodScheduled {
			return c, c.Status != corev1.ConditionTrue
		}
	}
	return corev1.PodCondition{}, true
}

// unschedulable are the pods that the scheduler has found no node for, by
// workload, of those whose dominant obstacle is the given one.
func unschedulable(w *rules.World, only obstacle) []waiting {
	var out []waiting
	var c *cluster
	for _, of := range w.Workloads("") {
		group, by := waiting{of: of}, map[string]obstacle{}
		for _, p := range of.Pods {
			condition, ok := unscheduled(w, p)
			if !ok || condition.Reason != corev1.PodReasonUnschedulable {
				continue
			}
			v, ok := parse(condition.Message)
			if !ok {
				v = verdict{causes: []cause{{obstacle: byNode, says: rules.OneLine(condition.Message)}}}
			}
			if c == nil {
				c = newCluster(w)
			}
			if _, known := by[condition.Message]; !known {
				by[condition.Message] = c.dominant(p.Value, v)
			}
			if by[condition.Message] != only {
				continue
			}
			v.lead(only)
			if len(group.pods) == 0 || condition.LastTransitionTime.Before(&group.condition.LastTransitionTime) {
				group.verdict, group.condition = v, condition
			}
			group.pods = append(group.pods, p)
		}
		if len(group.pods) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// first is the pod that stands for the others.
func (g waiting) first() *corev1.Pod { return g.pods[0].Value }

// tell emits the finding about pods that wait. The sentence says why; the reason
// is the same without numbers that change.
func (g waiting) tell(w *rules.World, emit rules.Emit, at, sentence, reason string) *finding.Finding {
	prefix := ""
	of := alive(g.of)
	if of > 1 {
		prefix = fmt.Sprintf("%d of %d pods: ", len(g.pods), of)
	}
	f := emit(g.of.Object, at, "%s%s", prefix, sentence)
	f.Reason, f.Of = reason, of
	for _, p := range g.pods {
		f.Pods = append(f.Pods, p.Ref.Name)
	}
	if f.Since = g.condition.LastTransitionTime.Time; f.Since.IsZero() {
		f.Since = g.first().CreationTimestamp.Time
	}
	if g.condition.Message != "" {
		f.Evidence = append(f.Evidence, finding.Evidence{
			Kind: "condition", Of: g.pods[0].Ref.String(), Time: f.Since,
			Value: rules.OneLine(fmt.Sprintf("PodScheduled=%s %s: %s", g.condition.Status, g.condition.Reason, g.condition.Message)),
		})
	}
	g.soon(w, f)
	return f
}

// alive counts the pods that a workload has or waits for.
func alive(of *model.Workload) int {
	n := 0
	for _, p := range of.Pods {
		if p.Value.DeletionTimestamp == nil && !model.PodEnded(p.Value) {
			n++
		}
	}
	return n
}

// soon lowers a finding that is about to go away: an autoscaler makes a node, or
// the scheduler has others make room.
func (g waiting) soon(w *rules.World, f *finding.Finding) {
	for _, p := range g.pods {
		if p.Value.Status.NominatedNodeName != "" && w.Now.Sub(g.condition.LastTransitionTime.Time) < 2*time.Minute {
			f.Severity, f.State = finding.Warning, finding.Progressing
			f.Hint = lines(f.Hint, "pods of lower priority are to make room on node "+p.Value.Status.NominatedNodeName)
			return
		}
		for _, e := range w.EventsOf(p.Ref) {
			if w.Now.Sub(model.EventTime(e.Value)) > growing {
				break
			}
			switch e.Value.Reason {
			case "TriggeredScaleUp", "Nominated":
				f.Severity, f.State = finding.Warning, finding.Progressing
				f.Evidence = append(f.Evidence, rules.Seen(p.Ref, e.Value))
				return
			case "NotTriggerScaleUp":
				f.Evidence = append(f.Evidence, rules.Seen(p.Ref, e.Value))
				return
			}
		}
	}
}

// refusals says of all nodes why they do not take the pod, those that came
// nearest first: "no node takes it: 3 of 5 have too little cpu, 2 ...".
func (g waiting) refusals() string {
	var parts []string
	for _, c := range g.causes {
		switch {
		case c.nodes == 0:
			parts = append(parts, c.says)
		case c.means == "":
			parts = append(parts, fmt.Sprintf("%s %s", ofNodes(c.nodes, g.nodes, len(parts) == 0), strings.TrimPrefix(c.says, "node(s) ")))
		default:
			parts = append(parts, fmt.Sprintf("%s %s %s", ofNodes(c.nodes, g.nodes, len(parts) == 0), verb(c.nodes), c.means))
		}
	}
	return "no node takes it: " + strings.Join(parts, ", ")
}

func ofNodes(n, all int, first bool) string {
	if first {
		return fmt.Sprintf("%d of %d", n, all)
	}
	return fmt.Sprint(n)
}

func verb(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// steady is refusals without the numbers of nodes, which come and go.
func (g waiting) steady() string {
	var parts []string
	for _, c := range g.causes {
		what := c.means
		if what == "" {
			what = c.says
		}
		if !slices.Contains(parts, what) {
			parts = append(parts, what)
		}
	}
	return "no node takes it: " + strings.Join(parts, ", ")
}

// lines joins hints.
func lines(hints ...string) string {
	return strings.Join(slices.DeleteFunc(hints, func(s string) bool { return s == "" }), "\n")
}

// references names nodes, not too many.
func references(nodes []node) []ref.Ref {
	const most = 10
	var out []ref.Ref
	for _, n := range nodes[:min(len(nodes), most)] {
		out = append(out, n.Ref)
	}
	return out
}
