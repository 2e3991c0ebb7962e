// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Rollout is the change of a Deployment's template that a fault came with.
type Rollout struct {
	Revision int
	Time     time.Time
	// Cause is the annotation kubernetes.io/change-cause.
	Cause   string
	Changes []rules.FieldChange
}

// blame names the rollout that brought the fault: pods of the newest ReplicaSet
// show it, and none of an older one that is still there does.
func (c *Cause) blame(w *rules.World) {
	wl, ok := w.Workload(c.Object)
	if !ok || len(wl.ReplicaSets) < 2 || len(c.Pods) == 0 {
		return
	}
	newest, before := wl.ReplicaSets[0], wl.ReplicaSets[1]
	for _, p := range wl.Pods {
		owner := metav1.GetControllerOf(p.Value)
		if slices.Contains(c.Pods, p.Ref.Name) && (owner == nil || owner.Name != newest.Ref.Name) {
			return
		}
	}
	changes := rules.TemplateDiff(&before.Value.Spec.Template, &newest.Value.Spec.Template)
	if len(changes) == 0 {
		return
	}
	c.Rollout = &Rollout{
		Revision: revision(newest), Time: newest.Value.CreationTimestamp.Time,
		Cause: newest.Value.Annotations["kubernetes.io/change-cause"], Changes: changes,
	}
}

// undo is the way back from a rollout that brought a fault. It cannot be tried.
func (c *Cause) undo() {
	if c.Rollout == nil || slices.ContainsFunc(c.Fixes, func(f Fix) bool { return strings.Contains(f.Command, "rollout undo") }) {
		return
	}
	c.Fixes = append(c.Fixes, Fix{of: &c.Result, Fix: rules.Fix{
		Title: "go back to the revision before", Risk: rules.Disruptive,
		Command: fmt.Sprintf("kubectl rollout undo %s -n %s", c.Object.Short(), c.Object.Namespace),
	}})
}

func revision(r model.Item[appsv1.ReplicaSet]) int {
	n, _ := strconv.Atoi(r.Value.Annotations["deployment.kubernetes.io/revision"])
	return n
}
