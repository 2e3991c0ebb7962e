// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// starting reports whether a pod may yet become ready by itself: it is younger
// than its probes allow for, or part of a rollout that is advancing. A pod whose
// container has failed already is not.
func starting(w *rules.World, p model.Item[corev1.Pod]) bool {
	if fresh(w, &p.Value.ObjectMeta, grace) {
		return true
	}
	if trouble(p.Value) != "" {
		return false
	}
	if owner, found := w.Workload(p.Ref); found && rollingOut(owner) {
		return true
	}
	for _, c := range p.Value.Status.ContainerStatuses {
		if c.State.Running == nil || c.Ready {
			continue
		}
		i := slices.IndexFunc(p.Value.Spec.Containers, func(s corev1.Container) bool { return s.Name == c.Name })
		if i >= 0 && w.Now.Sub(c.State.Running.StartedAt.Time) < allowance(&p.Value.Spec.Containers[i]) {
			return true
		}
	}
	return false
}

// rollingOut reports whether a Deployment says that its rollout advances.
func rollingOut(owner *model.Workload) bool {
	d, ok := model.Deployments.Of(owner.Object)
	return ok && slices.ContainsFunc(d.Value.Status.Conditions, func(c appsv1.DeploymentCondition) bool {
		return c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionTrue && c.Reason != "NewReplicaSetAvailable"
	})
}

// allowance is how long a container's probes give it to become ready.
func allowance(c *corev1.Container) time.Duration {
	out := grace
	for _, p := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe} {
		if p == nil {
			continue
		}
		seconds := int64(p.InitialDelaySeconds) + int64(or(p.PeriodSeconds, 10))*int64(or(p.FailureThreshold, 3))
		out += time.Duration(min(seconds, 3600)) * time.Second
	}
	return out
}

func or(v, otherwise int32) int32 {
	if v <= 0 {
		return otherwise
	}
	return v
}

// trouble is why a pod will not become ready without help: the reason its
// container waits or ended with, or that of the scheduler. It is empty for pods
// that look well.
func trouble(p *corev1.Pod) string {
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		wait := c.State.Waiting
		switch {
		case c.Ready:
		case wait != nil && wait.Reason != "" && wait.Reason != "ContainerCreating" && wait.Reason != "PodInitializing":
			return wait.Reason
		case c.State.Terminated != nil && c.State.Terminated.ExitCode != 0:
			return c.State.Terminated.Reason
		case c.RestartCount > 0 && c.State.Terminated == nil:
			return "restarting"
		}
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return c.Reason
		}
	}
	return ""
}

// condition is in one word what a pod that is not ready does.
func condition(p *corev1.Pod) string {
	if t := trouble(p); t != "" {
		return t
	}
	if p.Status.Phase == corev1.PodRunning {
		return "running but not ready"
	}
	return strings.ToLower(string(p.Status.Phase))
}

// summary counts what pods do: "2 CrashLoopBackOff, 1 running but not ready".
func summary(pods []model.Item[corev1.Pod]) string {
	count := map[string]int{}
	for _, p := range pods {
		count[condition(p.Value)]++
	}
	var out []string
	for _, c := range slices.Sorted(maps.Keys(count)) {
		out = append(out, fmt.Sprintf("%d %s", count[c], c))
	}
	return strings.Join(out, ", ")
}

// readySince is when the last of some pods stopped being ready, as far as that
// is known.
func readySince(pods []model.Item[corev1.Pod]) time.Time {
	var last time.Time
	for _, p := range pods {
		for _, c := range p.Value.Status.Conditions {
			if c.Type == corev1.PodReady && c.LastTransitionTime.After(last) {
				last = c.LastTransitionTime.Time
			}
		}
	}
	return last
}

// present are the pods that are not on their way out.
func present(pods []model.Item[corev1.Pod]) []model.Item[corev1.Pod] {
	var out []model.Item[corev1.Pod]
	for _, p := range pods {
		if p.Value.DeletionTimestamp == nil {
			out = append(out, p)
		}
	}
	return out
}
