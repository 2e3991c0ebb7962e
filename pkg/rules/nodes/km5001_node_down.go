// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package nodes

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM5001", Slug: "node-down", Severity: finding.Error,
	Short: "Node is not ready, under pressure or without network",
	Why: `The kubelet reports the state of its node. When it says that the node is not ready, or has
stopped reporting, the pods there are no endpoints any more and are evicted after five minutes; new
ones are not started. Under memory, disk or PID pressure the kubelet evicts pods to save the node.
A node whose network is not set up starts no pods.

Conditions that other agents add (node-problem-detector) are not looked at, nor are nodes that are
just joining or that an autoscaler is taking away.`,
	Fix: `Look at the kubelet and the container runtime of the node. Drain it if it does not come back,
so that its pods start elsewhere.`,
	Reference: "https://kubernetes.io/docs/reference/node/node-status/#condition",
	Aliases:   []string{"POP702", "POP704", "POP705", "POP706", "POP707"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Nodes.Kind}),
	Live:      true,
	Explains:  []string{"KM1007", "KM1008", "KM1009", "KM1013", "KM1015", "KM1017", "KM1018", "KM2001", "KM3002", "KM3015"},
	Check:     checkNodes,
})

// joining is how long a node may take to become ready.
const joining = 2 * time.Minute

// leaving are the taints of nodes that an autoscaler takes away.
var leaving = []string{"ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted", "karpenter.sh/disruption"}

func checkNodes(w *rules.World, emit rules.Emit) {
	var on map[string][]*model.Workload // what runs where, once some node is bad
	for _, n := range model.Nodes.In(w.Snapshot, "") {
		created := n.Value.CreationTimestamp
		if n.Value.DeletionTimestamp != nil || (!created.IsZero() && w.Now.Sub(created.Time) < joining) || slices.ContainsFunc(n.Value.Spec.Taints, goes) {
			continue
		}
		for _, c := range n.Value.Status.Conditions {
			message, severity := judge(c)
			if message == "" {
				continue
			}
			if on == nil {
				on = running(w)
			}
			f := emit(n.Object, "/status/conditions", "%s", message)
			f.Severity, f.Since = severity, c.LastTransitionTime.Time
			f.Evidence = append(f.Evidence, finding.Evidence{
				Kind: "condition", Of: n.Ref.String(), Value: fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message), Time: c.LastTransitionTime.Time,
			})
			if !slices.ContainsFunc(on[n.Ref.Name], moves) {
				f.Severity = finding.Warning // nothing but the node's own agents is lost
			}
			for _, c := range on[n.Ref.Name] {
				f.Related = append(f.Related, c.Ref)
			}
		}
	}
}

func goes(t corev1.Taint) bool { return slices.Contains(leaving, t.Key) }

// moves reports whether the pods of a workload would run on another node instead.
func moves(of *model.Workload) bool { return of.Ref.Kind != model.DaemonSets.Kind.Kind }

// judge says what a condition of a node means; nothing, if all is well.
func judge(c corev1.NodeCondition) (string, finding.Severity) {
	bad := c.Status == corev1.ConditionTrue
	switch {
	case c.Type == corev1.NodeReady && c.Status == corev1.ConditionUnknown:
		return "the kubelet has stopped reporting", finding.Error
	case c.Type == corev1.NodeReady && c.Status == corev1.ConditionFalse:
		return "the node is not ready", finding.Error
	case c.Type == corev1.NodeNetworkUnavailable && bad:
		return "the network of the node is not set up", finding.Error
	case c.Type == corev1.NodeMemoryPressure && bad:
		return "the node is short of memory and evicts pods", finding.Warning
	case c.Type == corev1.NodeDiskPressure && bad:
		return "the node is short of disk space and evicts pods", finding.Warning
	case c.Type == corev1.NodePIDPressure && bad:
		return "the node is short of process ids and evicts pods", finding.Warning
	}
	return "", finding.Info
}

// running lists the workloads that have pods on each node, in order.
func running(w *rules.World) map[string][]*model.Workload {
	out := map[string][]*model.Workload{}
	for _, c := range w.Workloads("") {
		for _, p := range c.Pods {
			node := p.Value.Spec.NodeName
			if node == "" || model.PodEnded(p.Value) {
				continue
			}
			if before := out[node]; len(before) == 0 || before[len(before)-1] != c {
				out[node] = append(out[node], c)
			}
		}
	}
	return out
}
