// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

type node = model.Item[corev1.Node]

// cluster is what is known of the nodes; nothing, when they could not be read.
type cluster struct {
	nodes []node
	// absence says what it is worth that none of the nodes has something.
	absence model.Absence
	// used is what the pods on each node ask for, nil when that is not known.
	used func() map[string]corev1.ResourceList
}

func newCluster(w *rules.World) *cluster {
	c := &cluster{absence: w.Absence(model.Nodes.Kind, "")}
	if c.absence != model.Unknown {
		c.nodes = model.Nodes.In(w.Snapshot, "")
	}
	c.used = sync.OnceValue(func() map[string]corev1.ResourceList { return used(w) })
	return c
}

// used adds up the requests of all pods, by node.
func used(w *rules.World) map[string]corev1.ResourceList {
	if _, gap := w.Gap(model.Pods.GroupKind, ""); gap {
		return nil
	}
	out := map[string]corev1.ResourceList{}
	for _, of := range w.Workloads("") {
		for _, p := range of.Pods {
			name := p.Value.Spec.NodeName
			if name == "" || model.PodEnded(p.Value) {
				continue
			}
			if out[name] == nil {
				out[name] = corev1.ResourceList{}
			}
			model.AddResources(out[name], request(&p.Value.Spec))
		}
	}
	return out
}

// request is what a pod asks a node for.
func request(spec *corev1.PodSpec) corev1.ResourceList {
	out := model.PodRequests(spec)
	model.AddResources(out, spec.Overhead)
	return out
}

// dominant corrects the scheduler's verdict where nodes are known: when those
// that lack a resource could never have enough of it, or lack the labels that
// the pod asks for, but some behind a taint would do, the taint is in the
// way (nodes with GPUs, set apart). The scheduler names the first obstacle of a
// node only, and looks at taints before labels.
func (c *cluster) dominant(p *corev1.Pod, v verdict) obstacle {
	o := v.dominant()
	lacking := v.resources()
	if len(v.of(byTaint)) == 0 || o != byNode && (o != byResources || len(lacking) == 0) {
		return o
	}
	want, selected, behind := request(&p.Spec), selector(&p.Spec), false
	for _, n := range c.nodes {
		if !holds(n.Value, want, lacking) || !selected(n.Value) {
			continue
		}
		if len(untolerated(p.Spec.Tolerations, n.Value)) == 0 {
			return o
		}
		behind = true
	}
	if behind {
		return byTaint
	}
	return o
}

// resources are the names of those that nodes lack.
func (v verdict) resources() []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, c := range v.of(byResources) {
		if name, ok := strings.CutPrefix(c.says, "Insufficient "); ok {
			out = append(out, corev1.ResourceName(name))
		}
	}
	return out
}

// holds reports whether an empty node has as much as a pod wants of some resources.
func holds(n *corev1.Node, want corev1.ResourceList, of []corev1.ResourceName) bool {
	return !slices.ContainsFunc(of, func(name corev1.ResourceName) bool {
		has, wants := n.Status.Allocatable[name], want[name]
		return has.Cmp(wants) < 0
	})
}

// free is what is left of a resource on a node.
func (c *cluster) free(n node, of corev1.ResourceName, used map[string]corev1.ResourceList) resource.Quantity {
	left := n.Value.Status.Allocatable[of].DeepCopy()
	left.Sub(used[n.Ref.Name][of])
	return left
}

// open are the nodes that take a pod but for its resources, volumes and the
// pods beside it.
func (c *cluster) open(spec *corev1.PodSpec) []node {
	selected := selector(spec)
	return slices.DeleteFunc(slices.Clone(c.nodes), func(n node) bool {
		return n.Value.Spec.Unschedulable || len(untolerated(spec.Tolerations, n.Value)) > 0 || !selected(n.Value)
	})
}

// untolerated are the taints of a node that keep a pod off it.
func untolerated(tolerations []corev1.Toleration, n *corev1.Node) []corev1.Taint {
	var out []corev1.Taint
	for _, t := range n.Spec.Taints {
		if t.Effect == corev1.TaintEffectPreferNoSchedule {
			continue
		}
		if !slices.ContainsFunc(tolerations, func(x corev1.Toleration) bool { return tolerates(x, t) }) {
			out = append(out, t)
		}
	}
	return out
}

// tolerates follows https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/.
// The operators that compare numbers are taken to match: whether the cluster has
// them turned on is not known.
func tolerates(t corev1.Toleration, taint corev1.Taint) bool {
	if (t.Effect != "" && t.Effect != taint.Effect) || (t.Key != "" && t.Key != taint.Key) {
		return false
	}
	switch t.Operator {
	case "", corev1.TolerationOpEqual:
		return t.Key != "" && t.Value == taint.Value
	}
	return true
}

// written is a taint as kubectl taint writes it.
func written(t corev1.Taint) string {
	if t.Value == "" {
		return fmt.Sprintf("%s:%s", t.Key, t.Effect)
	}
	return fmt.Sprintf("%s=%s:%s", t.Key, t.Value, t.Effect)
}
