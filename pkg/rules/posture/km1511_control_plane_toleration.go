// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1511", Slug: "control-plane-toleration", Severity: finding.Info, Hygiene: true,
	Short: "Workload may run on the nodes of the control plane",
	Why: `The nodes of the control plane hold the keys of the cluster and its data. A pod there that is broken out of,
or that takes all the memory, takes the cluster with it. The taint is there to keep pods away.

DaemonSets are left out: an agent for logs or the network belongs on every node.`,
	Fix:       "Take the toleration away. One without a key tolerates every taint: name those that are meant.",
	Reference: "https://kubernetes.io/docs/reference/labels-annotations-taints/#node-role-kubernetes-io-control-plane-taint",
	Needs:     model.WorkloadKinds,
	Check:     checkTolerations,
	Repair:    removeToleration,
})

func checkTolerations(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		if of.Ref.Kind == model.DaemonSets.Kind.Kind {
			continue
		}
		for i, t := range of.Spec().Tolerations {
			if t.Effect != "" && t.Effect != corev1.TaintEffectNoSchedule {
				continue // it does not let the pod in
			}
			at := of.SpecAt() + patch.Pointer("tolerations", i)
			switch {
			case t.Key == "node-role.kubernetes.io/control-plane", t.Key == "node-role.kubernetes.io/master":
				emit(of.Object, at, "its pods tolerate the taint %s", t.Key)
			case t.Key == "" && t.Operator == corev1.TolerationOpExists:
				emit(of.Object, at, "its pods tolerate every taint, that of the control plane too")
			}
		}
	}
}

// removeToleration takes away one that names the taint; what one for all taints
// was meant for only its author knows.
func removeToleration(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || r.On.Live() && !of.Editable() || !strings.Contains(r.Message, "node-role") {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "take the toleration away", r.On, patch.Op{Op: patch.Remove, Path: r.Pointer})}
}
