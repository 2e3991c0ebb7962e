// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Node is one node.
type Node struct {
	Ref    ref.Ref
	Labels map[string]string
	// Ready is nil where the node does not say; then nobody hears from it.
	Ready *bool
	// Cordoned is true where no new pods are scheduled.
	Cordoned bool
	// Pressure are the conditions by which the kubelet evicts pods or takes no more:
	// "MemoryPressure", "DiskPressure", "PIDPressure", in the order of the node.
	Pressure []string
	// Allocatable is what pods may have of it; MaxPods how many, nil if unknown.
	Allocatable Amount
	MaxPods     *int
	// Used is what the node uses, with all that runs on it beside pods.
	Used Amount
	// Requests and Limits are those of its pods, and Pods their number; nil where
	// not all pods could be read. A limit counts where there is one, so that they may
	// exceed what is allocatable.
	Requests, Limits Amount
	Pods             *int
	// UsedOf, RequestsOf and LimitsOf are the ratios to Allocatable.
	UsedOf, RequestsOf, LimitsOf Amount
}

// Nodes returns the nodes of a Snapshot, sorted by name, with what the pods on
// them ask for: all pods of the cluster.
func Nodes(s *model.Snapshot, pods []Pod) []Node {
	on := map[string][]*Pod{}
	for i := range pods {
		on[pods[i].Node] = append(on[pods[i].Node], &pods[i])
	}
	_, unread := s.Gap(model.Pods.GroupKind, "")
	var out []Node
	for _, n := range model.Nodes.In(s, "") {
		one := node(n)
		if m, ok := model.NodeMetrics.Get(s, "", n.Ref.Name); ok {
			one.Used = amount(m.Value.Usage)
		}
		if !unread {
			one.hold(on[n.Ref.Name])
		}
		one.UsedOf, one.RequestsOf, one.LimitsOf = one.Used.of(one.Allocatable), one.Requests.of(one.Allocatable), one.Limits.of(one.Allocatable)
		out = append(out, one)
	}
	return out
}

func node(n model.Item[corev1.Node]) Node {
	out := Node{
		Ref: n.Ref, Labels: n.Value.Labels, Cordoned: n.Value.Spec.Unschedulable, Allocatable: amount(n.Value.Status.Allocatable),
	}
	if q, ok := n.Value.Status.Allocatable[corev1.ResourcePods]; ok {
		most := int(q.Value())
		out.MaxPods = &most
	}
	for _, c := range n.Value.Status.Conditions {
		switch c.Type {
		case corev1.NodeReady:
			if c.Status != corev1.ConditionUnknown {
				ready := c.Status == corev1.ConditionTrue
				out.Ready = &ready
			}
		case corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure:
			if c.Status == corev1.ConditionTrue {
				out.Pressure = append(out.Pressure, string(c.Type))
			}
		}
	}
	return out
}

// hold adds up the pods on a node.
func (n *Node) hold(pods []*Pod) {
	count := len(pods)
	n.Pods = &count
	n.Requests, n.Limits = asked(nil), asked(nil)
	for _, p := range pods {
		n.Requests, n.Limits = n.Requests.plus(p.Requests), n.Limits.plus(p.Limits)
	}
}
