// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Pod is one pod; or, where nothing runs, the template that stands in for the
// pods of a workload.
type Pod struct {
	// Ref names the pod; of a template, the workload.
	Ref ref.Ref
	// Labels are the pod's; nobody may change them.
	Labels map[string]string
	// Node is where it runs, empty where it has no place yet.
	Node string
	// Owner is the workload: what controls the pod's controller, as far as it is
	// known; the pod itself where nothing controls it.
	Owner ref.Ref
	// Count is how many pods this stands for: 1, or the replicas of a template.
	// Amounts are those of one.
	Count int
	// Template is true for a template.
	Template bool
	// Used is the sum over the containers.
	Used Amount
	// Requests are what the scheduler keeps free; zero where nothing is asked for.
	Requests Amount
	// Limits are nil where a running container has none and the pod as a whole has
	// none either: then there is no bound.
	Limits Amount
	// OfRequests and OfLimits are the ratios of Used to these.
	OfRequests, OfLimits Amount
	// Restarts counts those of containers and sidecars; while the pod starts, of init
	// containers too, as kubectl get pods does.
	Restarts int32
	// OOM is nil where no container is known to have run out of memory.
	OOM *OOM
	// Throttled is the greatest of the containers', nil if unknown.
	Throttled *float64
	// Containers are sidecars and containers, in the order in which they start, and
	// before them the init container that runs.
	Containers []Container
}

// OOM says that containers were killed for want of memory. A status remembers
// only the last end of each container, so that there may have been more.
type OOM struct {
	// Containers is how many last ended so.
	Containers int
	// Last is when that was, zero where the status does not say.
	Last time.Time
}

// Pods returns the pods of a Snapshot that have not ended, sorted by namespace
// and name. Where nothing runs (files), the templates of workloads without pods
// stand in.
func Pods(s *model.Snapshot) []Pod {
	items := model.Pods.In(s, "")
	out := make([]Pod, 0, len(items))
	for _, p := range items {
		if !model.PodEnded(p.Value) {
			out = append(out, pod(s, p))
		}
	}
	if s.Offline {
		out = append(out, templates(s)...)
		slices.SortStableFunc(out, func(a, b Pod) int { return ref.Compare(a.Ref, b.Ref) })
	}
	return out
}

func pod(s *model.Snapshot, p model.Item[corev1.Pod]) Pod {
	out := Pod{
		Ref: p.Ref, Labels: p.Value.Labels, Node: p.Value.Spec.NodeName, Owner: owner(s, p), Count: 1,
		Requests: asked(model.Taken(p.Value)), Limits: bounds(p.Value),
		Containers: containers(p.Value, measured(s, p)),
	}
	for _, c := range out.Containers {
		out.Used = out.Used.plus(c.Used)
		out.Restarts += c.Restarts
	}
	for _, c := range p.Value.Status.InitContainerStatuses {
		if !slices.ContainsFunc(out.Containers, func(o Container) bool { return o.Name == c.Name }) && !model.Initialized(p.Value) {
			out.Restarts += c.RestartCount
		}
	}
	out.OOM = oom(out.Containers)
	out.relate()
	return out
}

// relate computes the ratios.
func (p *Pod) relate() { p.OfRequests, p.OfLimits = p.Used.of(p.Requests), p.Used.of(p.Limits) }

// measured is what is known of the use of a pod; nil if nothing, or if it was
// measured on another pod of that name, which a StatefulSet's have one after the
// other.
func measured(s *model.Snapshot, p model.Item[corev1.Pod]) *metricsv1.PodMetrics {
	m, ok := model.PodMetrics.Get(s, p.Ref.Namespace, p.Ref.Name)
	if !ok || !m.Value.Timestamp.IsZero() && m.Value.Timestamp.Before(&p.Value.CreationTimestamp) {
		return nil
	}
	return m.Value
}

// bounds are the limits of a pod, without those that some container escapes.
func bounds(p *corev1.Pod) Amount {
	out := amount(model.Allowed(p))
	if !limited(p, corev1.ResourceCPU) {
		out.CPU = nil
	}
	if !limited(p, corev1.ResourceMemory) {
		out.Memory = nil
	}
	return out
}

// limited reports whether a pod is bound to a limit: as a whole, or in each
// container that keeps running. A limit of zero is none.
func limited(p *corev1.Pod, of corev1.ResourceName) bool {
	if p.Spec.Resources != nil && positive(p.Spec.Resources.Limits, of) {
		return true
	}
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		if model.Sidecar(c) && !positive(model.InForce(p, c).Limits, of) {
			return false
		}
	}
	for i := range p.Spec.Containers {
		if !positive(model.InForce(p, &p.Spec.Containers[i]).Limits, of) {
			return false
		}
	}
	return true
}

func positive(list corev1.ResourceList, of corev1.ResourceName) bool {
	q, ok := list[of]
	return ok && q.Sign() > 0
}

// templates are those of the workloads of files that have no pods there.
func templates(s *model.Snapshot) []Pod {
	made := map[ref.Ref]bool{}
	for _, p := range model.Pods.In(s, "") {
		if w, ok := s.Workload(p.Ref); ok {
			made[w.Ref] = true
		}
	}
	var out []Pod
	for _, w := range s.Workloads("") {
		if w.Bare() || made[w.Ref] {
			continue
		}
		stand := &corev1.Pod{ObjectMeta: w.Template.ObjectMeta, Spec: w.Template.Spec}
		one := Pod{
			Ref: w.Ref, Labels: w.Template.Labels, Owner: w.Ref, Count: 1, Template: true,
			Requests: asked(model.Taken(stand)), Limits: bounds(stand), Containers: containers(stand, nil),
		}
		if w.Replicas != nil {
			one.Count = int(*w.Replicas)
		}
		out = append(out, one)
	}
	return out
}
