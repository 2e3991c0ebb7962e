// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// repairToleration makes a toleration match the taint that it comes near, or
// adds those that open a node to the pods.
func repairToleration(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || !of.Editable() && of.Live() {
		return nil
	}
	c := newCluster(w)
	if m, _, ok := c.wrongValue(of.Spec()); ok && of.SpecAt()+m.at() == r.Pointer {
		return []rules.Fix{m.correct(r)}
	}
	if w.Offline || len(r.Pods) == 0 {
		return nil // nothing waits
	}
	return c.tolerate(of)
}

// correct is the fix of a toleration with a wrong value. To tolerate any value of
// a taint that has none is what was meant.
func (m miss) correct(r rules.Result) rules.Fix {
	if m.taint.Value != "" {
		return r.Replace(rules.Review, fmt.Sprintf("tolerate the value %q", m.taint.Value), m.taint.Value)
	}
	at, _ := patch.Split(r.Pointer)
	set := patch.Op{Op: patch.Add, Path: at + "/operator", Value: string(corev1.TolerationOpExists)}
	if m.Operator != "" {
		set.Op = patch.Replace
	}
	return rules.Change(rules.Safe, "tolerate the taint whatever its value", r.On, set, patch.Op{Op: patch.Remove, Path: r.Pointer})
}

// mostWays is how many kinds of nodes are offered to pods that wait.
const mostWays = 3

// tolerate offers the tolerations that open a node to the pods of a workload:
// one fix for each kind of node, that with the fewest taints first and the
// control plane, where few pods belong, last. Nothing is offered for taints that
// Kubernetes itself has set, nor once the template tolerates more than the pods
// that wait, which were made before it.
func (c *cluster) tolerate(of *model.Workload) []rules.Fix {
	i := slices.IndexFunc(of.Pods, func(p pod) bool { return p.Value.Spec.NodeName == "" && p.Value.DeletionTimestamp == nil })
	if i < 0 {
		return nil
	}
	waits, selected := &of.Pods[i].Value.Spec, selector(of.Spec())
	var ways [][]corev1.Taint
	for _, n := range c.nodes {
		keep, kept := untolerated(of.Spec().Tolerations, n.Value), untolerated(waits.Tolerations, n.Value)
		switch {
		case !selected(n.Value):
			continue
		case len(keep) < len(kept):
			return nil
		}
		if len(kept) > 0 && !slices.ContainsFunc(kept, temporary) && !slices.ContainsFunc(ways, func(x []corev1.Taint) bool { return slices.Equal(names(x), names(kept)) }) {
			ways = append(ways, kept)
		}
	}
	slices.SortStableFunc(ways, func(a, b []corev1.Taint) int { return cmp.Compare(reluctance(a), reluctance(b)) })
	var out []rules.Fix
	for _, taints := range ways[:min(len(ways), mostWays)] {
		out = append(out, rules.Change(rules.Review, "tolerate "+strings.Join(names(taints), " and "), of.Object, addTolerations(of, taints)...))
	}
	return out
}

// temporary reports whether a taint is one that Kubernetes sets, and takes away
// when the node is mended.
func temporary(t corev1.Taint) bool {
	return strings.HasPrefix(t.Key, "node.kubernetes.io/") || strings.HasPrefix(t.Key, "node.cloudprovider.kubernetes.io/")
}

// reluctance orders the kinds of nodes that a pod may be let on.
func reluctance(taints []corev1.Taint) int {
	const reserved = 100
	if slices.ContainsFunc(taints, func(t corev1.Taint) bool {
		return slices.ContainsFunc(valueless, func(v corev1.Taint) bool { return v.Key == t.Key })
	}) {
		return reserved + len(taints)
	}
	return len(taints)
}

func names(taints []corev1.Taint) []string {
	out := make([]string, len(taints))
	for i, t := range taints {
		out[i] = written(t)
	}
	slices.Sort(out)
	return out
}

// addTolerations adds a toleration of each taint to the template of a workload.
func addTolerations(of *model.Workload, taints []corev1.Taint) []patch.Op {
	var list []any
	for _, t := range taints {
		list = append(list, asToleration(t))
	}
	at := of.SpecAt() + "/tolerations"
	if len(of.Spec().Tolerations) == 0 {
		return []patch.Op{{Op: patch.Add, Path: at, Value: list}}
	}
	var ops []patch.Op
	for _, one := range list {
		ops = append(ops, patch.Op{Op: patch.Add, Path: at + "/-", Value: one})
	}
	return ops
}

// asToleration is the toleration of exactly one taint, as decoded JSON. Equal
// with no value would do where a taint has none, Exists says what is meant.
func asToleration(t corev1.Taint) map[string]any {
	out := map[string]any{"key": t.Key, "operator": string(corev1.TolerationOpExists), "effect": string(t.Effect)}
	if t.Value != "" {
		out["operator"], out["value"] = string(corev1.TolerationOpEqual), t.Value
	}
	return out
}
