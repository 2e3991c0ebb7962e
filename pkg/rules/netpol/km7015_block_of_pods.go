// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM7015", Slug: "block-of-pods", Severity: finding.Warning,
	Short: "ipBlock of a NetworkPolicy is about addresses that policies do not see",
	Why: `An ipBlock is meant for what is outside the cluster. Whether it also matches pods depends on the network
plugin, and the address of a pod changes with each restart. The cluster IP of a Service is replaced by
the address of a pod before the policy is asked. And a client that comes through a load balancer or a
node port has the address of a node, unless the Service has externalTrafficPolicy: Local.`,
	Fix:       "Select pods by their labels (podSelector, namespaceSelector). Set externalTrafficPolicy: Local where the clients' addresses count.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-ipblock-selectors",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.NetworkPolicies.Kind, model.Services.Kind}),
	Explains:  []string{"KM7002", "KM7003", "KM7004"},
	Check:     checkBlocks,
	Repair:    repairBlock,
})

// addresses are whose an address of the cluster is.
type addresses struct {
	pods     map[netip.Addr]model.Item[corev1.Pod]
	services map[netip.Addr]service
	sorted   []netip.Addr // of pods
}

func newAddresses(w *rules.World) addresses {
	out := addresses{pods: map[netip.Addr]model.Item[corev1.Pod]{}, services: map[netip.Addr]service{}}
	for _, p := range model.Pods.In(w.Snapshot, "") {
		if p.Value.Spec.HostNetwork || model.PodEnded(p.Value) {
			continue
		}
		for _, ip := range slices.Concat(p.Value.Status.PodIPs, []corev1.PodIP{{IP: p.Value.Status.PodIP}}) {
			if a, err := netip.ParseAddr(ip.IP); err == nil {
				out.pods[a] = p
			}
		}
	}
	for a := range out.pods {
		out.sorted = append(out.sorted, a)
	}
	slices.SortFunc(out.sorted, netip.Addr.Compare)
	for _, svc := range model.Services.In(w.Snapshot, "") {
		for _, ip := range slices.Concat(svc.Value.Spec.ClusterIPs, []string{svc.Value.Spec.ClusterIP}) {
			if a, err := netip.ParseAddr(ip); err == nil {
				out.services[a] = svc
			}
		}
	}
	return out
}

// podIn is the first pod with an address in a block.
func (x addresses) podIn(block netip.Prefix) (model.Item[corev1.Pod], bool) {
	i, _ := slices.BinarySearchFunc(x.sorted, block.Masked().Addr(), netip.Addr.Compare)
	if i < len(x.sorted) && block.Contains(x.sorted[i]) {
		return x.pods[x.sorted[i]], true
	}
	return model.Item[corev1.Pod]{}, false
}

func checkBlocks(w *rules.World, emit rules.Emit) {
	var x *addresses
	for _, np := range present(w) {
		for _, r := range placedRules(np) {
			for i, peer := range r.peers {
				if peer.IPBlock == nil {
					continue
				}
				block, err := netip.ParsePrefix(peer.IPBlock.CIDR)
				if err != nil || block.Bits() == 0 {
					continue // anybody
				}
				if x == nil {
					known := newAddresses(w)
					x = &known
				}
				at := r.peersAt + patch.Pointer(i, "ipBlock", "cidr")
				if !x.inCluster(np, block, at, r.way, emit) && r.way == ingress && !block.Addr().IsPrivate() && len(peer.IPBlock.Except) == 0 {
					checkTranslated(w, np, block, at, emit)
				}
			}
		}
	}
}

// inCluster reports a block that is about a pod or a Service of the cluster.
func (x addresses) inCluster(np item, block netip.Prefix, at string, d direction, emit rules.Emit) bool {
	if svc, found := x.services[block.Addr()]; found && block.IsSingleIP() && d == egress {
		f := emit(np.Object, at, "%s is the cluster IP of %s: policies see the address of the pod behind it", block.Addr(), svc.Ref)
		f.Confidence, f.Related = finding.Likely, append(f.Related, svc.Ref)
		f.Evidence = []finding.Evidence{{Kind: "field", Of: svc.Where("/spec/clusterIP"), Value: block.Addr().String()}}
		f.Hint = "select the pods by their labels, and name their port"
		return true
	}
	pod, found := x.podIn(block)
	if !found {
		return false
	}
	f := emit(np.Object, at, "%s holds addresses of pods: whether an ipBlock matches them depends on the network plugin", block)
	f.Confidence, f.Severity, f.Related = finding.Possible, finding.Info, append(f.Related, pod.Ref)
	f.Evidence = []finding.Evidence{{Kind: "status", Of: pod.Ref.String(), Value: "podIP " + pod.Value.Status.PodIP}}
	if block.IsSingleIP() {
		f.Message = fmt.Sprintf("%s is the address of a pod, which changes with each restart", block.Addr())
		f.Confidence, f.Severity = finding.Likely, finding.Warning
		f.Hint = "select the pod by its labels"
	}
	return true
}

// checkTranslated reports a block of clients whose addresses are replaced on the way.
func checkTranslated(w *rules.World, np item, block netip.Prefix, at string, emit rules.Emit) {
	for _, of := range subjects(w, np).workloads {
		for _, svc := range w.InFront(of) {
			spec := svc.Value.Spec
			open := spec.Type == corev1.ServiceTypeLoadBalancer || spec.Type == corev1.ServiceTypeNodePort
			if !open || spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
				continue
			}
			f := emit(np.Object, at, "clients of %s come through %s with the address of a node: its externalTrafficPolicy is not Local", block, svc.Ref)
			f.Severity, f.Confidence = finding.Info, finding.Likely // some load balancers go to the pods by themselves
			f.Related = append(f.Related, svc.Ref, of.Ref)
			f.Hint = "set externalTrafficPolicy: Local on " + svc.Ref.String()
			return
		}
	}
}

func repairBlock(w *rules.World, r rules.Result) []rules.Fix {
	text, _ := r.Text()
	block, err := netip.ParsePrefix(text)
	if err != nil || !block.IsSingleIP() {
		return nil
	}
	x := newAddresses(w)
	namespace, selector := "", map[string]string(nil)
	if svc, found := x.services[block.Addr()]; found {
		namespace, selector = svc.Ref.Namespace, svc.Value.Spec.Selector
	} else if pod, found := x.pods[block.Addr()]; found {
		of, known := w.Workload(pod.Ref)
		if !known || of.Selector == nil || len(of.Selector.MatchExpressions) > 0 {
			return nil
		}
		namespace, selector = pod.Ref.Namespace, of.Selector.MatchLabels
	}
	if len(selector) == 0 {
		return nil
	}
	peer := map[string]any{"podSelector": map[string]any{"matchLabels": rules.Decoded(selector)}}
	if namespace != r.On.Ref.Namespace {
		peer["namespaceSelector"] = map[string]any{"matchLabels": map[string]any{corev1.LabelMetadataName: namespace}}
	}
	at, _ := patch.Split(r.Pointer)
	at, _ = patch.Split(at)
	return []rules.Fix{rules.Change(rules.Review, "select the pods by their labels", r.On, patch.Op{Op: patch.Replace, Path: at, Value: peer})}
}
