// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// requirement is something that a pod asks of its node.
type requirement struct {
	// at is the JSON Pointer below the pod spec.
	at string
	// what is the requirement for people: "disktype=ssd", "zone in (a, b)".
	what string
	key  string
	// joint is true where each part of it is on some node, but no node has all.
	joint bool
	// met reports whether a node has it.
	met func(*corev1.Node) bool
}

// terms are what a pod spec asks of its node: the node must meet all of one
// list. The node selector is in each of them.
func terms(spec *corev1.PodSpec) [][]requirement {
	var always []requirement
	for _, key := range slices.Sorted(maps.Keys(spec.NodeSelector)) {
		value := spec.NodeSelector[key]
		always = append(always, requirement{
			at: patch.Join("/nodeSelector", key), what: key + "=" + value, key: key,
			met: func(n *corev1.Node) bool {
				got, found := n.Labels[key]
				return found && got == value
			},
		})
	}
	required := requiredOf(spec)
	if required == nil {
		return [][]requirement{always}
	}
	out := make([][]requirement, 0, len(required.NodeSelectorTerms))
	for i, t := range required.NodeSelectorTerms {
		at := "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution" + patch.Pointer("nodeSelectorTerms", i)
		list := slices.Clone(always)
		for j, e := range t.MatchExpressions {
			list = append(list, expression(e, at+patch.Pointer("matchExpressions", j), func(n *corev1.Node) labels.Set { return n.Labels }))
		}
		for j, e := range t.MatchFields {
			list = append(list, expression(e, at+patch.Pointer("matchFields", j), func(n *corev1.Node) labels.Set { return labels.Set{"metadata.name": n.Name} }))
		}
		if len(t.MatchExpressions)+len(t.MatchFields) > 0 { // an empty term matches nothing
			out = append(out, list)
		}
	}
	return out
}

func requiredOf(spec *corev1.PodSpec) *corev1.NodeSelector {
	if spec.Affinity == nil || spec.Affinity.NodeAffinity == nil {
		return nil
	}
	return spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
}

var operators = map[corev1.NodeSelectorOperator]selection.Operator{
	corev1.NodeSelectorOpIn: selection.In, corev1.NodeSelectorOpNotIn: selection.NotIn,
	corev1.NodeSelectorOpExists: selection.Exists, corev1.NodeSelectorOpDoesNotExist: selection.DoesNotExist,
	corev1.NodeSelectorOpGt: selection.GreaterThan, corev1.NodeSelectorOpLt: selection.LessThan,
}

// expression is one of a node affinity. One that the API server would refuse is
// taken to be met: that is not what is looked for here.
func expression(e corev1.NodeSelectorRequirement, at string, of func(*corev1.Node) labels.Set) requirement {
	r := requirement{at: at, key: e.Key, what: strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Key, e.Operator, listed(e.Values)))}
	if e.Operator == corev1.NodeSelectorOpIn && len(e.Values) == 1 {
		r.what = e.Key + "=" + e.Values[0]
	}
	parsed, err := labels.NewRequirement(e.Key, operators[e.Operator], e.Values)
	r.met = func(n *corev1.Node) bool { return err != nil || parsed.Matches(of(n)) }
	return r
}

func listed(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return "(" + few(values) + ")"
}

// selector returns what tells the nodes that have all that a pod spec asks for
// by labels and name.
func selector(spec *corev1.PodSpec) func(*corev1.Node) bool {
	alternatives := terms(spec)
	return func(n *corev1.Node) bool {
		return slices.ContainsFunc(alternatives, func(all []requirement) bool { return meets(n, all) })
	}
}

func meets(n *corev1.Node, all []requirement) bool {
	return !slices.ContainsFunc(all, func(r requirement) bool { return !r.met(n) })
}

// unmet finds what no node has of what a pod spec asks for: per alternative, a
// requirement that none meets or, where each is met by some, all of them. There
// is none when a node fits, or when nothing is known of nodes.
func (c *cluster) unmet(spec *corev1.PodSpec) []requirement {
	if len(c.nodes) == 0 {
		return nil
	}
	var out []requirement
	for _, all := range terms(spec) {
		if slices.ContainsFunc(c.nodes, func(n node) bool { return meets(n.Value, all) }) {
			return nil
		}
		i := slices.IndexFunc(all, func(r requirement) bool {
			return !slices.ContainsFunc(c.nodes, func(n node) bool { return r.met(n.Value) })
		})
		if i < 0 {
			i = 0
			all[0].what, all[0].joint = whats(all, " and "), true
		}
		if !slices.ContainsFunc(out, func(r requirement) bool { return r.at == all[i].at }) {
			out = append(out, all[i])
		}
	}
	return out
}

func whats(all []requirement, and string) string {
	var out []string
	for _, r := range all {
		out = append(out, r.what)
	}
	return strings.Join(out, and)
}

// near says what nodes carry instead.
func (c *cluster) near(r requirement) string {
	if r.joint {
		return "each of these is on some node, but no node has all of them"
	}
	if label, isDead := deadLabels[r.key]; isDead {
		return "use " + label.use
	}
	values, keys := map[string]bool{}, map[string]bool{}
	for _, n := range c.nodes {
		for key, value := range n.Value.Labels {
			keys[key] = true
			if key == r.key {
				values[value] = true
			}
		}
	}
	if len(values) > 0 {
		return fmt.Sprintf("nodes have %s=%s", r.key, few(slices.Sorted(maps.Keys(values))))
	}
	if near := ref.Closest(r.key, slices.Sorted(maps.Keys(keys))); len(near) > 0 {
		return fmt.Sprintf("no node carries the label %s; did you mean %s?", r.key, near[0])
	}
	return fmt.Sprintf("no node carries the label %s: kubectl label node NAME %s", r.key, strings.Replace(r.what, " ", "=", 1))
}
