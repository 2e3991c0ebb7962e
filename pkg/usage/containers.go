// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// oomKilled is the reason the kubelet gives for a container that the kernel
// killed for want of memory.
const oomKilled = "OOMKilled"

// Container is one container of a pod.
type Container struct {
	Name string
	// Sidecar is true for init containers that keep running, Init for others.
	Sidecar, Init bool
	// Used is nil where unknown. Requests are zero where there are none, Limits nil.
	Used, Requests, Limits Amount
	OfRequests, OfLimits   Amount
	Restarts               int32
	// Ended is the last time it ended, nil if it never did or nobody knows.
	Ended *Ended
	// Throttled is the share of the scheduler's periods in which it wanted more CPU
	// than its limit; nil where nobody measured it.
	Throttled *float64
}

// Ended says how a container last ended.
type Ended struct {
	// Reason is the kubelet's: "OOMKilled", "Error", "Completed".
	Reason   string
	ExitCode int32
	// At is zero where the status does not say.
	At time.Time
}

// containers are those of a pod that run: sidecars and containers always, other
// init containers while they do, or end and are started again.
func containers(p *corev1.Pod, used *metricsv1.PodMetrics) []Container {
	out := make([]Container, 0, len(p.Spec.InitContainers)+len(p.Spec.Containers))
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		one := container(p, c, used)
		one.Sidecar = model.Sidecar(c)
		one.Init = !one.Sidecar
		if one.Sidecar || running(p, c.Name) || failing(p, c.Name) {
			out = append(out, one)
		}
	}
	for i := range p.Spec.Containers {
		out = append(out, container(p, &p.Spec.Containers[i], used))
	}
	return out
}

func container(p *corev1.Pod, c *corev1.Container, used *metricsv1.PodMetrics) Container {
	r := model.InForce(p, c)
	out := Container{Name: c.Name, Requests: asked(model.Requests(r)), Limits: caps(r.Limits)}
	if used != nil {
		i := slices.IndexFunc(used.Containers, func(m metricsv1.ContainerMetrics) bool { return m.Name == c.Name })
		if i >= 0 {
			out.Used = amount(used.Containers[i].Usage)
		}
	}
	if status := model.ContainerStatus(p, c.Name); status != nil {
		out.Restarts = status.RestartCount
		out.Ended = lastEnd(status)
	}
	out.OfRequests, out.OfLimits = out.Used.of(out.Requests), out.Used.of(out.Limits)
	return out
}

// caps are limits without those of zero, which bound nothing.
func caps(list corev1.ResourceList) Amount {
	out := amount(list)
	if !positive(list, corev1.ResourceCPU) {
		out.CPU = nil
	}
	if !positive(list, corev1.ResourceMemory) {
		out.Memory = nil
	}
	return out
}

// lastEnd is the end a container is at, or else the one before it was restarted.
func lastEnd(status *corev1.ContainerStatus) *Ended {
	end := status.State.Terminated
	if end == nil {
		end = status.LastTerminationState.Terminated
	}
	if end == nil {
		return nil
	}
	return &Ended{Reason: end.Reason, ExitCode: end.ExitCode, At: end.FinishedAt.Time}
}

// OOM reports whether the container last ended for want of memory.
func (c *Container) OOM() bool { return c.Ended != nil && c.Ended.Reason == oomKilled }

func oom(all []Container) *OOM {
	var out *OOM
	for i := range all {
		if !all[i].OOM() {
			continue
		}
		if out == nil {
			out = &OOM{}
		}
		out.Containers++
		if at := all[i].Ended.At; at.After(out.Last) {
			out.Last = at
		}
	}
	return out
}

// failing reports whether an init container has failed and is to start again.
func failing(p *corev1.Pod, name string) bool {
	status := model.ContainerStatus(p, name)
	if status == nil || model.Initialized(p) {
		return false
	}
	end := status.State.Terminated
	if end == nil && status.State.Waiting != nil {
		end = status.LastTerminationState.Terminated
	}
	return end != nil && end.ExitCode != 0
}

func running(p *corev1.Pod, name string) bool {
	status := model.ContainerStatus(p, name)
	return status != nil && status.State.Running != nil
}
