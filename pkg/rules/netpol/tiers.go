// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// tierKinds are the kinds of cluster-wide policies.
var tierKinds = []*model.Kind{
	model.AdminNetworkPolicies.Kind, model.BaselineAdminNetworkPolicies.Kind, model.ClusterNetworkPolicies.Kind,
}

// The tiers of cluster-wide policies: before NetworkPolicies, and after.
const (
	adminTier    = "Admin"
	baselineTier = "Baseline"
)

// tiered is a cluster-wide policy, of whichever of the three kinds.
type tiered struct {
	*model.Object
	tier string
	// priority is nil where there is none: the baseline of v1alpha1 is alone.
	priority *int32
	subject  model.ClusterPolicySubject
	rules    []tierRule
}

// tierRule is a rule of either direction.
type tierRule struct {
	way direction
	// at is its JSON Pointer, peersAt that of its peers.
	at, peersAt string
	// action is Accept, Deny or Pass; the Allow of v1alpha1 is Accept.
	action string
	peers  []model.ClusterPolicyPeer
}

// tieredPolicies are the cluster-wide policies of a world.
func (x *view) tieredPolicies() []tiered {
	var out []tiered
	add := func(o *model.Object, tier string, spec *model.AdminNetworkPolicySpec, deleted *metav1.Time) {
		if deleted != nil {
			return
		}
		p := tiered{Object: o, tier: tier, priority: spec.Priority, subject: spec.Subject}
		for i, r := range spec.Ingress {
			p.add(ingress, i, r.Action, r.From)
		}
		for i, r := range spec.Egress {
			p.add(egress, i, r.Action, r.To)
		}
		out = append(out, p)
	}
	for _, p := range model.AdminNetworkPolicies.In(x.w.Snapshot, "") {
		add(p.Object, adminTier, &p.Value.Spec, p.Value.DeletionTimestamp)
	}
	for _, p := range model.BaselineAdminNetworkPolicies.In(x.w.Snapshot, "") {
		add(p.Object, baselineTier, &p.Value.Spec, p.Value.DeletionTimestamp)
	}
	for _, c := range model.ClusterNetworkPolicies.In(x.w.Snapshot, "") {
		if c.Value.DeletionTimestamp != nil {
			continue
		}
		p := tiered{Object: c.Object, tier: c.Value.Spec.Tier, priority: c.Value.Spec.Priority, subject: c.Value.Spec.Subject}
		for i, r := range c.Value.Spec.Ingress {
			p.add(ingress, i, r.Action, r.From)
		}
		for i, r := range c.Value.Spec.Egress {
			p.add(egress, i, r.Action, r.To)
		}
		out = append(out, p)
	}
	return out
}

func (p *tiered) add(way direction, i int, action string, peers []model.ClusterPolicyPeer) {
	if action == "Allow" {
		action = "Accept"
	}
	at := patch.Pointer("spec", field(way), i)
	r := tierRule{way: way, at: at, peersAt: at + "/from", action: action, peers: peers}
	if way == egress {
		r.peersAt = at + "/to"
	}
	p.rules = append(p.rules, r)
}

// about are the workloads that a cluster-wide policy is certainly about. Pods of
// the host's network are never meant.
func (x *view) about(p tiered) []*model.Workload {
	namespaces, pods := p.subject.Namespaces, &metav1.LabelSelector{}
	if p.subject.Pods != nil {
		namespaces, pods = &p.subject.Pods.NamespaceSelector, &p.subject.Pods.PodSelector
	}
	if namespaces == nil {
		return nil
	}
	want, err := metav1.LabelSelectorAsSelector(pods)
	if err != nil {
		return nil
	}
	var out []*model.Workload
	for _, ns := range x.namespaces() {
		if x.namespace(namespaces, ns) == yes {
			out = append(out, x.w.Select(ns, want).Workloads...)
		}
	}
	return slices.DeleteFunc(out, func(of *model.Workload) bool { return of.Spec().HostNetwork })
}

// isolated are those of some workloads that NetworkPolicies isolate in a
// direction, and these policies, each once and sorted.
func (x *view) isolated(workloads []*model.Workload, d direction) (of []*model.Workload, by []*model.Object) {
	seen := map[*model.Object]bool{}
	for _, w := range workloads {
		found := x.isolating(w.Ref.Namespace, labelsOf(w), d)
		if len(found) > 0 {
			of = append(of, w)
		}
		for _, p := range found {
			if !seen[p.Object] {
				seen[p.Object] = true
				by = append(by, p.Object)
			}
		}
	}
	return of, by
}
