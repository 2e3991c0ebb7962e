// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// direction is that of a connection, seen from the pods a policy selects.
type direction = networkingv1.PolicyType

const (
	ingress = networkingv1.PolicyTypeIngress
	egress  = networkingv1.PolicyTypeEgress
)

// verdict says whether policies let something through. Of files, the labels of
// namespaces and the addresses behind an ipBlock are not known.
type verdict int

const (
	no verdict = iota
	maybe
	yes
)

// endpoint is the other end of a connection.
type endpoint struct {
	// namespace is that of a pod; empty for one of any namespace but the
	// policy's, and for what is no pod.
	namespace string
	// labels are the pod's, nil when they are not known.
	labels labels.Set
	// outside is true for what is no pod: clients outside the cluster, the API server.
	outside bool
}

// port is one port of the pods at the receiving end.
type port struct {
	protocol corev1.Protocol
	// number is 0 for any port.
	number int32
	// names are what the receiving pods call it; nil when that is not known.
	names []string
}

// policy is a NetworkPolicy with its selector parsed.
type policy struct {
	model.Item[networkingv1.NetworkPolicy]
	selector labels.Selector
}

// policies are the NetworkPolicies of a world.
type policies struct {
	w           *rules.World
	byNamespace map[string][]policy
	// foreign is true when there are policies of other APIs, which may allow more.
	foreign bool
}

// policiesKey is what the view is kept under.
type policiesKey struct{}

// newPolicies reads the policies of a World, those of one Snapshot once.
func newPolicies(w *rules.World) *policies {
	x := model.Once(w.Snapshot, policiesKey{}, func() policies { return readPolicies(w) })
	x.w = w
	return &x
}

func readPolicies(w *rules.World) policies {
	out := policies{byNamespace: map[string][]policy{}, foreign: len(foreignPolicies(w)) > 0}
	for _, np := range model.NetworkPolicies.In(w.Snapshot, "") {
		selector, err := w.Selector(&np.Value.Spec.PodSelector)
		if err == nil && np.Value.DeletionTimestamp == nil {
			out.byNamespace[np.Ref.Namespace] = append(out.byNamespace[np.Ref.Namespace], policy{np, selector})
		}
	}
	return out
}

// isolates reports whether a policy restricts a direction. Without policyTypes,
// ingress is always restricted, and egress when there are rules for it
// (https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/#networkpolicyspec-v1-networking-k8s-io).
func (p policy) isolates(d direction) bool {
	spec := p.Value.Spec
	if len(spec.PolicyTypes) > 0 {
		return slices.Contains(spec.PolicyTypes, d)
	}
	return d == ingress || len(spec.Egress) > 0
}

// rule is one rule of either direction.
type rule struct {
	peers []networkingv1.NetworkPolicyPeer
	ports []networkingv1.NetworkPolicyPort
}

func (p policy) rules(d direction) []rule {
	var out []rule
	if d == ingress {
		for _, r := range p.Value.Spec.Ingress {
			out = append(out, rule{r.From, r.Ports})
		}
		return out
	}
	for _, r := range p.Value.Spec.Egress {
		out = append(out, rule{r.To, r.Ports})
	}
	return out
}

// isolating returns the policies that restrict pods with these labels.
func (x *policies) isolating(namespace string, set labels.Set, d direction) []policy {
	var out []policy
	for _, p := range x.byNamespace[namespace] {
		if p.isolates(d) && p.selector.Matches(set) {
			out = append(out, p)
		}
	}
	return out
}

// allow says whether policies, which all select the pods, let a connection
// through: one rule is enough. Without policies everything passes.
func (x *policies) allow(isolating []policy, d direction, other endpoint, to port) verdict {
	if len(isolating) == 0 {
		return yes
	}
	best := no
	for _, p := range isolating {
		for _, r := range p.rules(d) {
			best = max(best, min(x.peers(p.Ref.Namespace, r.peers, other), ports(r.ports, to)))
		}
	}
	return best
}

// peers says whether the peers of a rule take in an endpoint; none are everybody.
func (x *policies) peers(namespace string, peers []networkingv1.NetworkPolicyPeer, other endpoint) verdict {
	if len(peers) == 0 {
		return yes
	}
	best := no
	for _, peer := range peers {
		best = max(best, x.peer(namespace, peer, other))
	}
	return best
}

func (x *policies) peer(namespace string, peer networkingv1.NetworkPolicyPeer, other endpoint) verdict {
	switch {
	case peer.IPBlock != nil:
		if other.outside && len(peer.IPBlock.Except) == 0 && (peer.IPBlock.CIDR == "0.0.0.0/0" || peer.IPBlock.CIDR == "::/0") {
			return yes
		}
		return maybe // addresses are known only where pods run, and may be translated
	case other.outside:
		return no
	case peer.NamespaceSelector == nil && other.namespace != namespace:
		return no
	}
	best := yes
	if peer.NamespaceSelector != nil {
		best = x.namespace(peer.NamespaceSelector, other.namespace)
	}
	if peer.PodSelector == nil {
		return best
	}
	return min(best, x.selects(peer.PodSelector, other.labels, other.labels != nil))
}

// namespace says whether a selector takes in a namespace, empty for one that
// nobody knows. Each carries its name as a label.
func (x *policies) namespace(selector *metav1.LabelSelector, name string) verdict {
	set := labels.Set{corev1.LabelMetadataName: name}
	ns, known := model.Namespaces.Get(x.w.Snapshot, "", name)
	if known {
		return x.selects(selector, labels.Merge(ns.Value.Labels, set), true)
	}
	byName := name != ""
	for key := range selector.MatchLabels {
		byName = byName && key == corev1.LabelMetadataName
	}
	for _, e := range selector.MatchExpressions {
		byName = byName && e.Key == corev1.LabelMetadataName
	}
	if name != "" && selector.MatchLabels[corev1.LabelMetadataName] != "" && selector.MatchLabels[corev1.LabelMetadataName] != name {
		return no
	}
	return x.selects(selector, set, byName)
}

// selects matches a selector; unless the labels are known, only an empty one
// says anything.
func (x *policies) selects(selector *metav1.LabelSelector, set labels.Set, known bool) verdict {
	want, err := x.w.Selector(selector)
	switch {
	case err != nil:
		return no
	case want.Empty():
		return yes
	case !known:
		return maybe
	case want.Matches(set):
		return yes
	}
	return no
}

// ports says whether the ports of a rule take in a port; none are all.
func ports(list []networkingv1.NetworkPolicyPort, to port) verdict {
	if len(list) == 0 {
		return yes
	}
	best := no
	for _, p := range list {
		protocol := corev1.ProtocolTCP
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		if protocol == to.protocol {
			best = max(best, portNumber(p, to))
		}
	}
	return best
}

func portNumber(p networkingv1.NetworkPolicyPort, to port) verdict {
	switch {
	case p.Port == nil:
		return yes
	case to.number == 0:
		return maybe
	case p.Port.Type == intstr.String:
		if to.names == nil {
			return maybe
		}
		if slices.Contains(to.names, p.Port.StrVal) {
			return yes
		}
		return no
	}
	last := p.Port.IntVal
	if p.EndPort != nil {
		last = *p.EndPort
	}
	if p.Port.IntVal <= to.number && to.number <= last {
		return yes
	}
	return no
}

// portOf is a port of a workload with its names.
func portOf(w *model.Workload, number int32) port {
	out := port{protocol: corev1.ProtocolTCP, number: number, names: []string{}}
	for _, c := range w.Containers() {
		for _, p := range c.Ports {
			if p.ContainerPort == number && p.Name != "" {
				out.names = append(out.names, p.Name)
			}
		}
	}
	return out
}
