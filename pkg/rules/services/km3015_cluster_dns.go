// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3015", Slug: "cluster-dns", Severity: finding.Error,
	Short: "The cluster's DNS does not answer",
	Why: `Every name that a pod looks up, inside the cluster or outside, goes to the DNS Service of the
cluster. If that has no ready endpoint, or a NetworkPolicy keeps queries from its pods, name
resolution fails everywhere: applications report "no such host", "temporary failure in name
resolution" or time out after some seconds.

Policies that keep the clients from asking are found by KM7003.`,
	Fix:       `Bring the pods of the DNS (CoreDNS, as a rule) back: see the findings about their workload.`,
	Reference: "https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.Services.Kind, model.EndpointSlices.Kind, model.NetworkPolicies.Kind,
	}),
	Check: checkDNS,
})

// dnsServices are the names of the cluster's DNS: of Kubernetes, of charts for
// CoreDNS, of OpenShift.
var dnsServices = []struct{ namespace, name string }{
	{"kube-system", "kube-dns"}, {"kube-system", "coredns"}, {"openshift-dns", "dns-default"},
}

func checkDNS(w *rules.World, emit rules.Emit) {
	for _, d := range dnsServices {
		svc, found := model.Services.Get(w.Snapshot, d.namespace, d.name)
		if !found || len(svc.Value.Spec.Selector) == 0 || svc.Value.DeletionTimestamp != nil {
			continue
		}
		selection := selected(w, svc)
		if !w.Offline {
			checkResolvers(w, svc, selection, emit)
		}
		checkQueries(w, svc, selection, emit)
	}
}

// checkResolvers finds a DNS that has too few pods.
func checkResolvers(w *rules.World, svc service, selection model.Selection, emit rules.Emit) {
	if _, gap := w.Gap(model.Pods.GroupKind, svc.Ref.Namespace); gap || selection.Planned {
		return
	}
	pods := present(selection.Pods)
	backing := w.Backing(svc, nil)
	var f *finding.Finding
	switch {
	case slices.ContainsFunc(pods, func(p model.Item[corev1.Pod]) bool { return starting(w, p) && !model.PodReady(p.Value) }):
		return
	case len(pods) == 0:
		f = emit(svc.Object, "", "the cluster's DNS has no pod: no name is resolved")
	case selection.Ready == 0:
		f = emit(svc.Object, "", "none of the pods of the cluster's DNS is ready (0 of %d): no name is resolved", len(pods))
		f.Reason = "none of the pods of the cluster's DNS is ready"
		f.Since = readySince(pods)
	case !backing.Unknown() && backing.Total > 0 && backing.Ready == 0:
		f = emit(svc.Object, "", "the cluster's DNS has no ready endpoint, though pods of it are ready: no name is resolved")
	case selection.Ready < len(pods):
		f = emit(svc.Object, "", "only %d of %d pods of the cluster's DNS are ready", selection.Ready, len(pods))
		f.Reason = "some pods of the cluster's DNS are not ready"
		f.Severity = finding.Warning
	default:
		return
	}
	f.Related = append(model.Refs(selection.Workloads), nodesOf(pods)...)
	f.Of = len(pods)
	var down []model.Item[corev1.Pod]
	for _, p := range pods {
		if !model.PodReady(p.Value) {
			f.Pods, down = append(f.Pods, p.Ref.Name), append(down, p)
		}
	}
	if len(down) > 0 {
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "status", Of: listed(model.Refs(selection.Workloads)), Value: summary(down)})
	}
}

// checkQueries finds NetworkPolicies that let no query in: the policies that
// select a pod add up, so that one rule with the port is enough.
func checkQueries(w *rules.World, svc service, selection model.Selection, emit rules.Emit) {
	for _, c := range selection.Workloads {
		var closed []model.Item[networkingv1.NetworkPolicy]
		open := false
		for _, np := range model.NetworkPolicies.In(w.Snapshot, svc.Ref.Namespace) {
			selector, err := metav1.LabelSelectorAsSelector(&np.Value.Spec.PodSelector)
			if err != nil || !selector.Matches(labels.Set(c.Template.Labels)) || !forIngress(&np.Value.Spec) {
				continue
			}
			closed = append(closed, np)
			open = open || slices.ContainsFunc(np.Value.Spec.Ingress, admitsQueries)
		}
		if open || len(closed) == 0 {
			continue
		}
		f := emit(closed[0].Object, "/spec/ingress", "no rule lets DNS queries (port 53) in to %s: no name is resolved", c.Ref)
		f.Related = append(f.Related, c.Ref, svc.Ref)
		for _, np := range closed[1:] {
			f.Related = append(f.Related, np.Ref)
		}
	}
}

// forIngress reports whether a policy limits what comes in. Without policyTypes
// every policy does.
func forIngress(spec *networkingv1.NetworkPolicySpec) bool {
	return len(spec.PolicyTypes) == 0 || slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeIngress)
}

// admitsQueries reports whether a rule may let UDP to the port of the DNS in.
// Port names are taken to be the right ones, and CoreDNS may listen on another
// number behind the Service.
func admitsQueries(r networkingv1.NetworkPolicyIngressRule) bool {
	return len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(p networkingv1.NetworkPolicyPort) bool {
		if p.Protocol == nil || *p.Protocol != corev1.ProtocolUDP {
			return false
		}
		if p.Port == nil || p.Port.Type == intstr.String {
			return true
		}
		last := p.Port.IntVal
		if p.EndPort != nil {
			last = *p.EndPort
		}
		return (p.Port.IntVal <= 53 && last >= 53) || (p.Port.IntVal <= 5353 && last >= 5353) || (p.Port.IntVal <= 1053 && last >= 1053)
	})
}
