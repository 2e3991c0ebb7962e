// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1009", Slug: "untolerated-taint", Severity: finding.Error,
	Short: "Taint of nodes keeps pods away, or a toleration tolerates nothing",
	Why: `A node with a taint takes only pods that tolerate it: a toleration of the same key and effect that
either has the operator Exists or exactly the value of the taint. The operator is Equal when none is
given. The taint of control plane nodes, ` + "`node-role.kubernetes.io/control-plane:NoSchedule`" + `, has no value, so
that a toleration with ` + "`value: \"true\"`" + ` does not match it.

Kubernetes itself taints nodes that are cordoned, not ready or under pressure; there the node is what
has to be mended.`,
	Fix: `Give the toleration the operator Exists, or the value of the taint. Where the pods do not belong on
those nodes, look for others, or add some.`,
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Nodes.Kind, model.Events.Kind}),
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkTaints,
	Repair:    repairToleration,
})

// controlPlane is both a label and a taint of nodes.
const controlPlane = "node-role.kubernetes.io/control-plane"

// valueless are the taints that installers put on nodes without a value.
var valueless = []corev1.Taint{
	{Key: controlPlane, Effect: corev1.TaintEffectNoSchedule},
	{Key: "node-role.kubernetes.io/master", Effect: corev1.TaintEffectNoSchedule},
}

func checkTaints(w *rules.World, emit rules.Emit) {
	c := newCluster(w)
	waits := map[ref.Ref]bool{}
	if !w.Offline {
		for _, g := range unschedulable(w, byTaint) {
			waits[g.of.Ref] = true
			c.tellTainted(w, g, emit)
		}
	}
	for _, of := range w.Workloads("") {
		// Of what runs, only DaemonSets are quiet about nodes they do not reach.
		if !waits[of.Ref] && (!of.Live() || of.Ref.Kind == model.DaemonSets.Kind.Kind) {
			c.checkTolerations(of, emit)
		}
	}
}

// tellTainted reports pods that wait because of taints, which the scheduler has
// stopped to name.
func (c *cluster) tellTainted(w *rules.World, g waiting, emit rules.Emit) {
	spec := g.of.Spec()
	if g.of.Ref.Kind == model.DaemonSets.Kind.Kind {
		spec = &g.first().Spec // with what its controller adds
	}
	var taints []corev1.Taint
	var names []string
	var on []node
	selected := selector(spec)
	for _, n := range c.nodes {
		keep := untolerated(spec.Tolerations, n.Value)
		if len(keep) == 0 || !selected(n.Value) {
			continue
		}
		on = append(on, n)
		for _, t := range keep {
			if name := written(t); !slices.Contains(names, name) {
				names, taints = append(names, name), append(taints, t)
			}
		}
	}
	named := ""
	if len(names) > 0 {
		named = "; the taints are " + few(names)
	}
	at, hint := g.of.SpecAt(), ""
	if m, ok := missed(g.of.Spec().Tolerations, taints); ok {
		at, hint = at+m.at(), m.hint()
	} else {
		at, hint = g.of.Existing(at, "/tolerations"), advice(on, taints)
	}
	f := g.tell(w, emit, at, g.refusals()+named, g.steady()+named)
	f.Hint = lines(hint, f.Hint)
	f.Related = add(f.Related, references(on)...)
}

// advice is what to do about taints that nothing in the pod comes near.
func advice(on []node, taints []corev1.Taint) string {
	for _, t := range taints {
		switch {
		case t.Key == corev1.TaintNodeUnschedulable && len(on) > 0:
			return "kubectl uncordon " + on[0].Ref.Name
		case temporary(t):
			return "Kubernetes set the taint " + t.Key + ": look at the conditions of " + on[0].Ref.String()
		}
	}
	if len(taints) == 0 {
		return ""
	}
	return "where the pods belong there, tolerate the taint: " + sketch(taints[0])
}

// sketch is a toleration of a taint, for people.
func sketch(t corev1.Taint) string {
	if t.Value == "" {
		return fmt.Sprintf("{key: %s, operator: Exists, effect: %s}", t.Key, t.Effect)
	}
	return fmt.Sprintf("{key: %s, value: %s, effect: %s}", t.Key, t.Value, t.Effect)
}

// miss is a toleration that comes near a taint that nothing tolerates.
type miss struct {
	index int
	corev1.Toleration
	taint corev1.Taint
}

// at is the JSON Pointer of what is wrong, below the pod spec.
func (m miss) at() string {
	if m.Value == m.taint.Value || m.Operator == corev1.TolerationOpExists {
		return patch.Pointer("tolerations", m.index, "effect")
	}
	if m.Value == "" {
		return patch.Pointer("tolerations", m.index)
	}
	return patch.Pointer("tolerations", m.index, "value")
}

// value reports whether the values are what differs.
func (m miss) value() bool { return !strings.HasSuffix(m.at(), "/effect") }

func (m miss) hint() string {
	switch {
	case !m.value():
		return fmt.Sprintf("the toleration of %s is for the effect %s, the taint has %s", m.Key, m.Effect, m.taint.Effect)
	case m.taint.Value == "":
		return fmt.Sprintf("the toleration has the value %q, the taint %s has none: operator Exists tolerates it", m.Value, m.Key)
	}
	return fmt.Sprintf("the toleration has the value %q, the taint %s has %q", m.Value, m.Key, m.taint.Value)
}

// missed finds the first taint that nothing tolerates, but something nearly.
func missed(tolerations []corev1.Toleration, taints []corev1.Taint) (miss, bool) {
	for _, t := range taints {
		if slices.ContainsFunc(tolerations, func(x corev1.Toleration) bool { return tolerates(x, t) }) {
			continue
		}
		for i, x := range tolerations {
			if x.Key == t.Key {
				return miss{i, x, t}, true
			}
		}
	}
	return miss{}, false
}

// checkTolerations looks for a toleration whose value is that of no taint.
func (c *cluster) checkTolerations(of *model.Workload, emit rules.Emit) {
	m, absence, ok := c.wrongValue(of.Spec())
	if !ok {
		return
	}
	taint := "which has no value"
	if m.taint.Value != "" {
		taint = fmt.Sprintf("whose value is %q", m.taint.Value)
	}
	f := emit(of.Object, of.SpecAt()+m.at(), "tolerates the taint %s of the value %q only, %s: it keeps the pods away", m.Key, m.Value, taint)
	f.Hint = "operator Exists tolerates it"
	if m.taint.Value != "" {
		f.Hint = fmt.Sprintf("did you mean %q?", m.taint.Value)
	}
	switch {
	case !asks(of.Spec(), m.Key) && (len(c.nodes) == 0 || len(c.open(of.Spec())) > 0):
		f.Severity = finding.Warning // the pods can run on other nodes
	case absence != model.Proven:
		f.Confidence = finding.Likely // somebody may have given the taint a value
	}
	if absence == model.Outside {
		f.Confidence = finding.Likely
		return
	}
	rules.Weigh(f, absence)
	f.Related = add(f.Related, references(slices.DeleteFunc(slices.Clone(c.nodes), func(n node) bool {
		return !slices.Contains(n.Value.Spec.Taints, m.taint)
	}))...)
}

// wrongValue finds a toleration of a key that some node has a taint of, but none
// of that value. Where no nodes are known, the well-known taints stand in.
func (c *cluster) wrongValue(spec *corev1.PodSpec) (miss, model.Absence, bool) {
	absence, taints := c.absence, []corev1.Taint{}
	for _, n := range c.nodes {
		taints = append(taints, n.Value.Spec.Taints...)
	}
	if len(c.nodes) == 0 {
		absence, taints = model.Outside, valueless
	}
	for i, t := range spec.Tolerations {
		if t.Key == "" || t.Value == "" || (t.Operator != "" && t.Operator != corev1.TolerationOpEqual) {
			continue
		}
		if slices.ContainsFunc(taints, func(x corev1.Taint) bool { return tolerates(t, x) }) {
			continue
		}
		exists := t
		exists.Operator, exists.Value = corev1.TolerationOpExists, ""
		for _, x := range taints {
			if tolerates(exists, x) && !slices.ContainsFunc(spec.Tolerations, func(o corev1.Toleration) bool { return tolerates(o, x) }) {
				return miss{i, t, x}, absence, true
			}
		}
	}
	return miss{}, absence, false
}

// asks reports whether a pod can only run on nodes with a label of some key.
func asks(spec *corev1.PodSpec, key string) bool {
	all := terms(spec)
	return len(all) > 0 && !slices.ContainsFunc(all, func(one []requirement) bool {
		return !slices.ContainsFunc(one, func(r requirement) bool { return r.key == key })
	})
}
