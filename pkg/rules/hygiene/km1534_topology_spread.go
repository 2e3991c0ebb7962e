// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1534", Slug: "topology-spread",
	Short: "Pods are not spread over zones and nodes",
	Why: `Without a constraint of its own a pod has that of the cluster, if there is one. Three replicas in one zone are gone
with it. A constraint without labelSelector counts nobody's pods, and one without the other fields is refused.

Jobs and DaemonSets are left out, which have no pods to spread; Polaris asks DaemonSets as well.`,
	Fix:       "Spread by topology.kubernetes.io/zone and kubernetes.io/hostname: maxSkew 1, ScheduleAnyway, the labels of the pods, and matchLabelKeys [pod-template-hash].",
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
	Aliases:   []string{"polaris:topologySpreadConstraint", "kube-score:pod-topology-spread-constraints"},
	Needs:     model.WorkloadKinds,
	Check:     eachPod(unspread),
	Repair:    spread,
})

func unspread(of *model.Workload, spec *corev1.PodSpec) (field, text string) {
	if of.Ends() || of.Ref.Kind == model.DaemonSets.Kind.Kind {
		return "", ""
	}
	if len(spec.TopologySpreadConstraints) == 0 {
		return "/topologySpreadConstraints", "its pods have no topologySpreadConstraints: they may all be in one zone"
	}
	for i, c := range spec.TopologySpreadConstraints {
		at := patch.Pointer("topologySpreadConstraints", i)
		switch {
		case c.LabelSelector == nil:
			return at, "a spread constraint has no labelSelector: it counts no pods"
		case c.MaxSkew == 0, c.TopologyKey == "", c.WhenUnsatisfiable == "", c.MinDomains != nil && *c.MinDomains == 0:
			return at, "a spread constraint has not all of maxSkew, topologyKey and whenUnsatisfiable, or minDomains 0"
		}
	}
	return "", ""
}

// spread adds the constraints that are good for most.
func spread(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || of.Selector == nil || len(of.Selector.MatchLabels) == 0 || len(of.Spec().TopologySpreadConstraints) > 0 {
		return nil
	}
	var constraints []any
	for _, key := range []string{corev1.LabelTopologyZone, corev1.LabelHostname} {
		constraints = append(constraints, map[string]any{
			"labelSelector": map[string]any{"matchLabels": rules.Decoded(of.Selector.MatchLabels)}, "maxSkew": int64(1),
			"topologyKey": key, "whenUnsatisfiable": string(corev1.ScheduleAnyway),
		})
	}
	return inPod(rules.Review, "spread the pods over zones and nodes", "/topologySpreadConstraints", constraints)(w, r)
}
