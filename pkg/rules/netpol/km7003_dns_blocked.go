// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7003", Slug: "dns-blocked", Severity: finding.Error,
	Short: "NetworkPolicy cuts pods off from DNS",
	Why: `A policy for egress denies all that no rule allows, names included: pods that may reach another
Service cannot find out where it is, and calls end in a time-out of the resolver rather than in a
refusal. Cluster DNS runs in the namespace kube-system and answers on port 53, UDP first.`,
	Fix: `Allow egress to port 53, UDP and TCP, of the pods k8s-app=kube-dns in namespace kube-system; best in
one policy for all pods of the namespace.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.NetworkPolicies.Kind, model.Namespaces.Kind, model.Services.Kind,
	}),
	Explains: []string{"KM1001", "KM1015", "KM1014"},
	Check:    checkDNS,
	Repair:   repairDNS,
})

// dnsAt are where DNS servers of clusters are, and what labels they carry.
var dnsAt = []endpoint{
	{namespace: "kube-system", labels: labels.Set{"k8s-app": "kube-dns"}},
	{namespace: "openshift-dns", labels: labels.Set{"dns.operator.openshift.io/daemonset-dns": "default"}},
}

// dnsPorts are the ports of DNS servers' pods; OpenShift's is 5353.
var dnsPorts = []int32{53, 5353}

// cut is what one policy does to the workloads it cuts off.
type cut struct {
	policy
	workloads []*model.Workload
	// callers are those that need DNS, by what their environment says.
	callers []string
	// tcp is true when DNS may pass over TCP, which resolvers do not try first.
	tcp, ambient bool
}

func checkDNS(w *rules.World, emit rules.Emit) {
	x, servers := newPolicies(w), dnsServers(w)
	for namespace := range x.byNamespace {
		if _, gap := w.Gap(model.NetworkPolicies.GroupKind, namespace); gap {
			continue
		}
		cuts := map[*model.Object]*cut{}
		for _, workload := range w.Workloads(namespace) {
			isolating := x.isolating(namespace, workload.Template.Labels, egress)
			if len(isolating) == 0 || !asksDNS(workload) || x.reaches(isolating, servers, corev1.ProtocolUDP) {
				continue
			}
			p := blamed(isolating, egress)
			c := cuts[p.Object]
			if c == nil {
				c = &cut{policy: p}
				cuts[p.Object] = c
			}
			c.workloads = append(c.workloads, workload)
			c.tcp = c.tcp || x.reaches(isolating, servers, corev1.ProtocolTCP)
			c.ambient = c.ambient || isAmbient(w, workload)
			if named := calls(w, workload); len(named) > 0 {
				c.callers = append(c.callers, fmt.Sprintf("%s calls %s (%s)", workload.Ref, named[0].to.Ref, named[0].value))
			}
		}
		for _, c := range cuts {
			reportDNS(w, emit, c, x.foreign)
		}
	}
}

func reportDNS(w *rules.World, emit rules.Emit, c *cut, foreign bool) {
	what := "no rule allows DNS (UDP 53)"
	if c.tcp {
		what = "rules allow DNS over TCP only, resolvers ask over UDP"
	}
	f := emit(c.Object, pointerOf(c.policy, egress), "egress of %s is isolated and %s", rules.FewOf(model.Refs(c.workloads)), what)
	f.Reason = "egress is isolated and " + what
	f.Hint = "allow UDP and TCP 53 to pods k8s-app=kube-dns of namespace kube-system"
	if own := ownNamespaceDNS(c.policy); own {
		f.Hint = "podSelector alone means pods of this namespace: add namespaceSelector kubernetes.io/metadata.name=kube-system to the same peer"
	}
	switch {
	case len(c.callers) == 0 || c.ambient || foreign:
		f.Severity, f.Confidence = finding.Warning, finding.Likely
	case w.Partial: // another file may hold a policy that allows it
		f.Confidence = finding.Likely
	}
	if foreign {
		f.Confidence = finding.Possible
	}
	for _, caller := range c.callers {
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: c.Ref.String(), Value: caller})
	}
	for _, workload := range c.workloads {
		f.Related = append(f.Related, workload.Ref)
	}
}

// asksDNS reports whether a workload's pods ask the cluster's DNS and policies
// count for them.
func asksDNS(w *model.Workload) bool {
	spec := w.Spec()
	if spec.HostNetwork || (w.Ends() && w.Live() && len(w.Pods) == 0) {
		return false
	}
	return spec.DNSPolicy == "" || spec.DNSPolicy == corev1.DNSClusterFirst || spec.DNSPolicy == corev1.DNSClusterFirstWithHostNet
}

// dnsServers are the usual ones, and what listens on port 53 in kube-system.
func dnsServers(w *rules.World) []endpoint {
	out := slices.DeleteFunc(slices.Clone(dnsAt), func(e endpoint) bool {
		absence, missing := w.Missing(model.Namespaces.Kind, "", e.namespace)
		return missing && absence == model.Proven && e.namespace != "kube-system"
	})
	for _, workload := range w.Workloads("kube-system") {
		for _, c := range workload.Spec().Containers {
			if slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == 53 }) {
				out = append(out, endpoint{namespace: "kube-system", labels: workload.Template.Labels})
			}
		}
	}
	return out
}

func (x *policies) reaches(isolating []policy, servers []endpoint, protocol corev1.Protocol) bool {
	for _, s := range servers {
		for _, number := range dnsPorts {
			to := port{protocol: protocol, number: number, names: []string{"dns", "dns-tcp"}}
			if x.allow(isolating, egress, s, to) != no {
				return true
			}
		}
	}
	return false
}

// blamed is the policy to change: the one that denies everything, else the first.
func blamed(isolating []policy, d direction) policy {
	for _, p := range isolating {
		if len(p.rules(d)) == 0 {
			return p
		}
	}
	return isolating[0]
}

// ownNamespaceDNS recognises a rule for the pods of DNS that forgets their namespace.
func ownNamespaceDNS(p policy) bool {
	for _, r := range p.rules(egress) {
		for _, peer := range r.peers {
			if peer.NamespaceSelector == nil && peer.PodSelector != nil && peer.PodSelector.MatchLabels["k8s-app"] == "kube-dns" {
				return true
			}
		}
	}
	return false
}

// pointerOf is the field of a policy that isolates: its rules, else the types
// that it names, else the whole.
func pointerOf(p policy, d direction) string {
	for _, at := range []string{"/spec/" + strings.ToLower(string(d)), "/spec/policyTypes"} {
		if _, err := patch.Get(p.Raw(), at); err == nil {
			return at
		}
	}
	return "/spec"
}

// isAmbient reports whether ztunnel takes a workload's traffic.
func isAmbient(w *rules.World, workload *model.Workload) bool {
	const mode = "istio.io/dataplane-mode"
	if v, set := workload.Template.Labels[mode]; set {
		return v == "ambient"
	}
	ns, found := model.Namespaces.Get(w.Snapshot, "", workload.Ref.Namespace)
	return found && ns.Value.Labels[mode] == "ambient"
}

// repairDNS adds a policy that allows DNS for the same pods.
func repairDNS(_ *rules.World, r rules.Result) []rules.Fix {
	pods, err := patch.Get(r.On.Raw(), "/spec/podSelector")
	if err != nil {
		pods = map[string]any{}
	}
	dns := map[string]any{
		"namespaceSelector": map[string]any{"matchLabels": map[string]any{corev1.LabelMetadataName: "kube-system"}},
		"podSelector":       map[string]any{"matchLabels": map[string]any{"k8s-app": "kube-dns"}},
	}
	allow := map[string]any{
		"to":    []any{dns},
		"ports": []any{map[string]any{"port": int64(53), "protocol": "UDP"}, map[string]any{"port": int64(53), "protocol": "TCP"}},
	}
	created := map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
		"metadata": map[string]any{"name": r.On.Ref.Name + "-dns", "namespace": r.On.Ref.Namespace},
		"spec":     map[string]any{"podSelector": pods, "policyTypes": []any{"Egress"}, "egress": []any{allow}},
	}
	return []rules.Fix{{Title: "allow DNS for the same pods", Risk: rules.Review, Creates: []map[string]any{created}}}
}
