// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// container names one container of one pod. A pod of the same name that is made
// anew is another.
type container struct{ namespace, pod, uid, name string }

// String names it for people.
func (c container) String() string { return c.namespace + "/" + c.pod + "/" + c.name }

// state is how far a container has got.
type state struct {
	// id is that of the runtime's container, restarts how many were before it.
	id       string
	restarts int32
	// started says that there is, or was, something that writes.
	started bool
	// running says that more may be written, now or after a restart.
	running bool
	// waiting is why it has not started.
	waiting string
}

// part is a container with its state.
type part struct {
	container
	state
}

// parts are the containers of a pod whose names a pattern takes, in the order in
// which they start; ephemeral ones come last.
func (t *Tailer) parts(p *corev1.Pod) []part {
	var out []part
	add := func(name string, statuses []corev1.ContainerStatus, again bool) {
		if t.options.Containers == nil || t.options.Containers.MatchString(name) {
			out = append(out, part{container{p.Namespace, p.Name, string(p.UID), name}, stateOf(p, name, statuses, again)})
		}
	}
	always := p.Spec.RestartPolicy != corev1.RestartPolicyNever
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		add(c.Name, p.Status.InitContainerStatuses, model.Sidecar(c) || always)
	}
	for i := range p.Spec.Containers {
		add(p.Spec.Containers[i].Name, p.Status.ContainerStatuses, always)
	}
	for i := range p.Spec.EphemeralContainers {
		add(p.Spec.EphemeralContainers[i].Name, p.Status.EphemeralContainerStatuses, false)
	}
	return out
}

// stateOf reads the status of a container; again says that the kubelet starts
// it once more when it fails.
func stateOf(p *corev1.Pod, name string, statuses []corev1.ContainerStatus, again bool) state {
	i := slices.IndexFunc(statuses, func(s corev1.ContainerStatus) bool { return s.Name == name })
	if i < 0 {
		return state{running: !model.PodEnded(p), waiting: "it has not been created"}
	}
	status := &statuses[i]
	s := state{id: status.ContainerID, restarts: status.RestartCount, running: !model.PodEnded(p)}
	switch {
	case status.State.Running != nil:
		s.started = true
	case status.State.Terminated != nil:
		s.started = true
		s.running = s.running && again && (status.State.Terminated.ExitCode != 0 || restartsAlways(p, name))
	default:
		s.started = status.LastTerminationState.Terminated != nil
		s.waiting = "it has not started"
		if w := status.State.Waiting; w != nil && w.Reason != "" {
			s.waiting += " (" + w.Reason + ")"
		}
	}
	return s
}

// restartsAlways reports whether a container that ended well is started again:
// not an init container that is no sidecar.
func restartsAlways(p *corev1.Pod, name string) bool {
	for i := range p.Spec.InitContainers {
		if c := &p.Spec.InitContainers[i]; c.Name == name {
			return model.Sidecar(c)
		}
	}
	return p.Spec.RestartPolicy == corev1.RestartPolicyAlways || p.Spec.RestartPolicy == ""
}
