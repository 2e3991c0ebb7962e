// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"iter"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// grace is how long a pod may take to come up before anything is said of it.
const grace = 30 * time.Second

// container is one container of one live pod.
type container struct {
	of     *model.Workload
	pod    model.Item[corev1.Pod]
	status *corev1.ContainerStatus
	// spec is the container as the pod has it, with what admission added to the
	// template; empty if the status names one that the pod lacks.
	spec *corev1.Container
	// init is true for containers that must end before the others start; not for
	// sidecars that are written as init containers.
	init bool
}

// containers are those of the live pods of which something can be expected, and
// of which there may be something to say: most pods of a cluster are well.
func containers(w *rules.World) iter.Seq[container] {
	return func(yield func(container) bool) {
		for _, of := range w.Workloads("") {
			for _, pod := range of.Pods {
				if well(pod.Value) || !counts(w, pod) || w.Now.Sub(pod.Value.CreationTimestamp.Time) < grace {
					continue
				}
				for c := range ofPod(of, pod) {
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

// ofPod are the containers of a pod that have a status, init containers first.
func ofPod(of *model.Workload, pod model.Item[corev1.Pod]) iter.Seq[container] {
	return func(yield func(container) bool) {
		lists := []struct {
			statuses []corev1.ContainerStatus
			specs    []corev1.Container
		}{
			{pod.Value.Status.InitContainerStatuses, pod.Value.Spec.InitContainers},
			{pod.Value.Status.ContainerStatuses, pod.Value.Spec.Containers},
		}
		for i, list := range lists {
			for s := range list.statuses {
				c := container{of: of, pod: pod, status: &list.statuses[s], init: i == 0}
				if at := named(list.specs, c.status.Name); at >= 0 {
					c.spec = &list.specs[at]
				} else {
					c.spec = &corev1.Container{}
				}
				if model.Sidecar(c.spec) {
					c.init = false
				}
				if !yield(c) {
					return
				}
			}
		}
	}
}

func named(list []corev1.Container, name string) int {
	for i := range list { // the containers are too large to hand each to a function
		if list[i].Name == name {
			return i
		}
	}
	return -1
}

// well reports whether all containers of a pod have come up at their first
// start and are ready, and its init containers have completed at theirs.
func well(p *corev1.Pod) bool {
	for i := range p.Status.ContainerStatuses {
		if !up(&p.Status.ContainerStatuses[i]) {
			return false
		}
	}
	for i := range p.Status.InitContainerStatuses {
		s := &p.Status.InitContainerStatuses[i]
		if !up(s) && !completed(s, p.Spec.InitContainers) {
			return false
		}
	}
	return true
}

// up reports whether a container runs since its first start and is ready.
func up(s *corev1.ContainerStatus) bool {
	return s.State.Running != nil && s.Ready && s.RestartCount == 0 && s.LastTerminationState.Terminated == nil &&
		(s.Started == nil || *s.Started)
}

// completed reports whether an init container that is to end did so at its first run.
func completed(s *corev1.ContainerStatus, specs []corev1.Container) bool {
	end := s.State.Terminated
	if end == nil || end.ExitCode != 0 || end.Reason == "OOMKilled" || s.RestartCount > 0 || s.LastTerminationState.Terminated != nil {
		return false
	}
	at := named(specs, s.Name)
	return at < 0 || !model.Sidecar(&specs[at])
}

// counts reports whether a pod is one of those that its workload has: not on its
// way out, not done. What is left of a failed run counts until its Job succeeds,
// but not if that is one of many that a CronJob makes.
func counts(w *rules.World, pod model.Item[corev1.Pod]) bool {
	if pod.Value.DeletionTimestamp != nil {
		return false
	}
	switch pod.Value.Status.Phase {
	case corev1.PodSucceeded:
		return false
	case corev1.PodFailed:
		// A reason on the pod itself (Evicted, NodeShutdown) is about the node.
		return pod.Value.Status.Reason == "" && ofUnfinishedJob(w, pod)
	}
	return true
}

func ofUnfinishedJob(w *rules.World, pod model.Item[corev1.Pod]) bool {
	owner := metav1.GetControllerOf(pod.Value)
	if owner == nil || owner.Kind != model.Jobs.Kind.Kind {
		return false
	}
	job, found := model.Jobs.Get(w.Snapshot, pod.Ref.Namespace, owner.Name)
	return found && metav1.GetControllerOf(job.Value) == nil && model.JobEnded(job.Value, batchv1.JobComplete) == nil
}

// restarts reports whether the kubelet starts the container again when it ends
// without an error.
func (c container) restarts() bool {
	if c.spec.RestartPolicy != nil {
		return *c.spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
	}
	policy := c.pod.Value.Spec.RestartPolicy
	return !c.init && (policy == "" || policy == corev1.RestartPolicyAlways)
}

// word is "container" or "init container", with the name.
func (c container) word() string {
	if c.init {
		return "init container " + c.status.Name
	}
	return "container " + c.status.Name
}

// waiting is why the container does not run, empty if it does.
func (c container) waiting() *corev1.ContainerStateWaiting {
	if c.status.State.Waiting != nil {
		return c.status.State.Waiting
	}
	return &corev1.ContainerStateWaiting{}
}

// events are those about the container or the pod as a whole, the latest first.
func (c container) events(w *rules.World) iter.Seq[*corev1.Event] {
	return func(yield func(*corev1.Event) bool) {
		for _, e := range w.EventsOf(c.pod.Ref) {
			path := e.Value.InvolvedObject.FieldPath
			if path != "" && !strings.HasSuffix(path, "{"+c.status.Name+"}") {
				continue
			}
			if !yield(e.Value) {
				return
			}
		}
	}
}

// template is the container in the workload's template and its JSON Pointer;
// nil and the pointer of the pod spec for one that admission added.
func (c container) template() (*corev1.Container, string) {
	return c.of.Container(c.status.Name)
}

// field is the JSON Pointer of the first of the given fields (pointers below the
// container) that the template has; of the container itself if it has none.
func (c container) field(below ...string) string {
	_, at := c.template()
	return c.of.Existing(at, below...)
}
