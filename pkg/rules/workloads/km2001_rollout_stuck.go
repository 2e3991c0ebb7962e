// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2001", Slug: "rollout-stuck", Severity: finding.Error,
	Short: "Rollout of a Deployment does not get on",
	Why: `The new pods of a Deployment did not become available within progressDeadlineSeconds, or could not be
created at all. A rolling update then stands still: old pods may go on serving, the new version does not
get out, and nothing is rolled back by itself.

What changed between the newest ReplicaSet and the last one with ready pods is listed as evidence,
because the cause is mostly there.`,
	Fix: `Look at the findings about the new pods first. Going back to the earlier revision ends the trouble
when the change itself is at fault.`,
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment",
	Needs:     model.WorkloadKinds,
	Live:      true,
	Explains:  []string{"KM3002", "KM4001", "KM8003", "KM8022"},
	Check:     checkRollouts,
	Repair:    repairRollout,
})

// grace is how long something may be wrong in a cluster before anybody is told.
const grace = 30 * time.Second

func checkRollouts(w *rules.World, emit rules.Emit) {
	for _, d := range model.Deployments.In(w.Snapshot, "") {
		spec, status := &d.Value.Spec, &d.Value.Status
		switch {
		case !d.Live(), d.Value.DeletionTimestamp != nil, spec.Paused, wantedBy(spec.Replicas) == 0:
			continue
		case status.ObservedGeneration < d.Value.Generation:
			continue // the status is about an earlier template
		}
		progressing, refused := condition(status, appsv1.DeploymentProgressing), condition(status, appsv1.DeploymentReplicaFailure)
		stuck := progressing != nil && progressing.Status == corev1.ConditionFalse
		complete := min(status.UpdatedReplicas, status.AvailableReplicas) >= wantedBy(spec.Replicas)
		if refused != nil && (refused.Status != corev1.ConditionTrue || complete || w.Now.Sub(refused.LastTransitionTime.Time) < grace) {
			refused = nil
		}
		if !stuck && refused == nil {
			continue
		}
		wl, ok := w.Workload(d.Ref)
		if !ok {
			continue
		}
		r := readRollout(wl)
		f := emit(d.Object, "", "%s", r.message(d.Value, refused != nil))
		f.Reason = "rollout is stuck"
		for _, c := range []*appsv1.DeploymentCondition{progressing, refused} {
			if c != nil && (c == refused || stuck) {
				f.Since = c.LastTransitionTime.Time
				f.Evidence = append(f.Evidence, finding.Evidence{
					Kind: "condition", Of: d.Ref.String(), Time: f.Since,
					Value: fmt.Sprintf("%s is %s, %s: %s", c.Type, c.Status, c.Reason, c.Message),
				})
			}
		}
		r.complete(f, wl)
	}
}

// wantedBy is the number of pods a controller makes; the API's default is one.
func wantedBy(replicas *int32) int32 {
	if replicas == nil {
		return 1
	}
	return *replicas
}

func condition(s *appsv1.DeploymentStatus, of appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == of {
			return &s.Conditions[i]
		}
	}
	return nil
}

// rollout is what the ReplicaSets of a Deployment tell about its last change.
type rollout struct {
	// newest is the ReplicaSet that does not get ready, good the latest before it
	// that has ready pods, base the one to compare with: good, else the one
	// before the newest. Each may be nil.
	newest, good, base *model.Item[appsv1.ReplicaSet]
	changes            []rules.FieldChange
}

func readRollout(wl *model.Workload) rollout {
	var r rollout
	if len(wl.ReplicaSets) == 0 {
		return r
	}
	r.newest = &wl.ReplicaSets[0]
	for i := range wl.ReplicaSets[1:] {
		if rs := &wl.ReplicaSets[i+1]; rs.Value.Status.ReadyReplicas > 0 {
			r.good = rs
			break
		}
	}
	r.base = r.good
	if r.base == nil && len(wl.ReplicaSets) > 1 {
		r.base = &wl.ReplicaSets[1]
	}
	if r.base != nil {
		r.changes = rules.TemplateDiff(&r.base.Value.Spec.Template, &r.newest.Value.Spec.Template)
	}
	return r
}

func (r rollout) message(d *appsv1.Deployment, refused bool) string {
	var b strings.Builder
	b.WriteString("rollout")
	if r.newest != nil {
		b.WriteString(" of revision " + revisionOf(*r.newest))
	}
	b.WriteString(" is stuck: ")
	if r.newest == nil {
		fmt.Fprintf(&b, "%d of %d pods are available", d.Status.AvailableReplicas, wantedBy(d.Spec.Replicas))
	} else {
		fmt.Fprintf(&b, "%d of %d new pods are ready", r.newest.Value.Status.ReadyReplicas, wantedBy(d.Spec.Replicas))
	}
	if refused {
		b.WriteString(" and no more can be created")
	}
	if r.good != nil {
		fmt.Fprintf(&b, ", revision %s still serves with %d", revisionOf(*r.good), r.good.Value.Status.ReadyReplicas)
	}
	return b.String()
}

// revisionOf is the number of a ReplicaSet in the history of its Deployment.
func revisionOf(r model.Item[appsv1.ReplicaSet]) string {
	if n := r.Value.Annotations["deployment.kubernetes.io/revision"]; n != "" {
		return n
	}
	return "?"
}

// mostChanges is how many changes are listed; more are no lead.
const mostChanges = 12

// complete adds the pods that show the fault and what the change was.
func (r rollout) complete(f *finding.Finding, wl *model.Workload) {
	if r.newest == nil {
		return
	}
	f.Related = append(f.Related, r.newest.Ref)
	for _, p := range wl.Pods {
		if c := metav1.GetControllerOf(p.Value); c == nil || c.Name != r.newest.Ref.Name {
			continue
		}
		f.Of++
		if !model.PodReady(p.Value) {
			f.Pods = append(f.Pods, p.Ref.Name)
		}
	}
	if r.base == nil {
		return
	}
	f.Related = append(f.Related, r.base.Ref)
	line := fmt.Sprintf("revision %s came after %s", revisionOf(*r.newest), revisionOf(*r.base))
	if cause := r.newest.Value.Annotations["kubernetes.io/change-cause"]; cause != "" {
		line += ", change-cause: " + redact.Text(cause)
	}
	f.Evidence = append(f.Evidence, finding.Evidence{
		Kind: "status", Of: r.newest.Ref.String(), Value: line, Time: r.newest.Value.CreationTimestamp.Time,
	})
	for _, c := range r.changes[:min(mostChanges, len(r.changes))] {
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: c.Field, Value: c.String()})
	}
	if left := len(r.changes) - mostChanges; left > 0 {
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: r.newest.Ref.String(), Value: fmt.Sprintf("%d more fields changed", left)})
	}
}

// repairRollout offers the way back when there is something to go back to: a
// changed template that had ready pods.
func repairRollout(w *rules.World, result rules.Result) []rules.Fix {
	wl, ok := w.Workload(result.On.Ref)
	if !ok {
		return nil
	}
	r := readRollout(wl)
	if r.good == nil || len(r.changes) == 0 || revisionOf(*r.good) == "?" {
		return nil
	}
	return []rules.Fix{{
		Title: "go back to revision " + revisionOf(*r.good), Risk: rules.Disruptive,
		Command: fmt.Sprintf("kubectl -n %s rollout undo deployment/%s --to-revision=%s", wl.Ref.Namespace, wl.Ref.Name, revisionOf(*r.good)),
	}}
}
