// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1007", Slug: "insufficient-resources", Severity: finding.Error,
	Short: "Pod stays Pending: no node has room for it",
	Why: `The scheduler adds up what the pods on a node ask for (` + "`requests`" + `, not what they use) and places a pod only
where its own requests still fit. When none of the nodes that are open to the pod has as much left, it
stays Pending. The pod may ask for more than any node has, or what is free may lie in pieces on many
nodes.

The scheduler names each node once, for the first reason it has to refuse it. What is reported here is
what stops the pod on the nodes on which it came farthest.`,
	Fix: `Lower the requests to what the containers need, add nodes or larger ones, or stop something
else. An autoscaler helps only if one of its node groups is large enough for the pod.`,
	Reference: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#my-pods-are-pending-with-event-message-failedscheduling",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Nodes.Kind, model.Events.Kind}),
	Live:      true,
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkResources,
})

func checkResources(w *rules.World, emit rules.Emit) {
	groups := unschedulable(w, byResources)
	if len(groups) == 0 {
		return
	}
	c := newCluster(w)
	for _, g := range groups {
		f := g.tell(w, emit, g.asking(), g.refusals(), g.steady())
		for _, name := range g.resources() {
			f.Hint = lines(f.Hint, c.room(g.first(), name))
		}
	}
}

// asking is the field of the workload that asks for what nodes lack, if there is
// one such field.
func (g waiting) asking() string {
	names := g.resources()
	spec := g.of.Spec()
	for _, name := range names {
		for i := range spec.Containers {
			r := &spec.Containers[i].Resources
			at := g.of.SpecAt() + patch.Pointer("containers", i, "resources")
			if _, asks := r.Requests[name]; asks {
				return at + patch.Pointer("requests", string(name))
			}
			if _, asks := r.Limits[name]; asks {
				return at + patch.Pointer("limits", string(name))
			}
		}
	}
	return g.of.SpecAt()
}

// room says how much of a resource the nodes have that are open to a pod.
func (c *cluster) room(p *corev1.Pod, of corev1.ResourceName) string {
	want := request(&p.Spec)[of]
	nodes := c.open(&p.Spec)
	if want.Sign() <= 0 || len(nodes) == 0 {
		return ""
	}
	largest := slices.MaxFunc(nodes, func(a, b node) int {
		return compare(a.Value.Status.Allocatable[of], b.Value.Status.Allocatable[of])
	})
	if most := largest.Value.Status.Allocatable[of]; most.IsZero() {
		return fmt.Sprintf("a pod asks for %s %s, and no node that is open to it has any", want.String(), of)
	} else if most.Cmp(want) < 0 {
		return fmt.Sprintf("a pod asks for %s %s, more than any node has that is open to it: %s has %s", want.String(), of, largest.Ref, most.String())
	}
	used := c.used()
	if used == nil {
		return fmt.Sprintf("a pod asks for %s %s", want.String(), of)
	}
	var total, most resource.Quantity
	for _, n := range nodes {
		left := c.free(n, of, used)
		if left.Cmp(most) > 0 {
			most, largest = left, n
		}
		if left.Sign() > 0 {
			total.Add(left)
		}
	}
	pieces := ""
	if total.Cmp(want) >= 0 {
		pieces = fmt.Sprintf("; %s are free on %d nodes together", total.String(), len(nodes))
	}
	if most.Sign() <= 0 {
		return fmt.Sprintf("a pod asks for %s %s, and none is free", want.String(), of)
	}
	return fmt.Sprintf("a pod asks for %s %s, and the most that is free is %s on %s%s", want.String(), of, most.String(), largest.Ref, pieces)
}

func compare(a, b resource.Quantity) int { return a.Cmp(b) }
