// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// reached is a caller with the ports that NetworkPolicies let it reach.
type reached struct {
	from  end
	ports []port
}

// netCallers are the callers that NetworkPolicies let in; closed is false where
// none closes the ingress of the workload.
func (x *inferrer) netCallers(of *model.Workload) (out []reached, closed bool) {
	own := x.pairs(x.needsIn(of))
	for _, p := range x.isolating(of, ingress, "") {
		closed = true
		for i, rule := range p.Value.Spec.Ingress {
			at := patch.Pointer("spec", "ingress", i)
			ports, sayable := x.rulePorts(rule.Ports, of)
			if !sayable {
				x.unsaid(p.Object, at+"/ports", "a range of ports or a name that the pods of %s lack is no intent", of.Ref.Short())
				continue
			}
			peers := rule.From
			if len(peers) == 0 {
				peers = []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}}}
			}
			for j := range peers {
				for _, from := range x.ends(p, at+patch.Pointer("from", j), &peers[j]) {
					out = join(out, from, x.withoutOwn(own, peers[j].IPBlock, ports, of))
				}
			}
		}
	}
	out = slices.DeleteFunc(out, func(r reached) bool { return len(r.ports) == 0 })
	slices.SortFunc(out, func(a, b reached) int { return compareEnds(a.from, b.from) })
	return out, closed
}

func join(all []reached, from end, ports []port) []reached {
	if i := slices.IndexFunc(all, func(r reached) bool { return r.from == from }); i >= 0 {
		all[i].ports = tidy(append(all[i].ports, ports...))
		return all
	}
	return append(all, reached{from, tidy(slices.Clone(ports))})
}

// pairs are the blocks and ports of what pods cannot do without: "cidr port".
func (x *inferrer) pairs(needs []need) map[string]bool {
	out := map[string]bool{}
	for _, n := range needs {
		for _, p := range n.peers {
			name := p.block
			if name == "" {
				name = p.namespace + "/" + labels.FormatLabels(p.labels)
			}
			for _, one := range n.ports {
				out[pair(name, one)] = true
			}
			if len(n.ports) == 0 {
				out[name] = true
			}
		}
	}
	return out
}

func pair(name string, p port) string { return fmt.Sprintf("%s %d %s", name, p.number, p.protocol) }

// withoutOwn drops the ports that are open anyway, and that of the tunnels of
// ambient mode, which is no port of the application.
func (x *inferrer) withoutOwn(own map[string]bool, block *networkingv1.IPBlock, ports []port, of *model.Workload) []port {
	plane, _ := x.dataplane(of)
	return slices.DeleteFunc(slices.Clone(ports), func(p port) bool {
		return plane == Ambient && p.number == hbonePort || block != nil && (own[block.CIDR] || own[pair(block.CIDR, p)])
	})
}

// rulePorts are the ports of a rule for a workload; all of it, where the rule
// names none. sayable is false for what intents cannot say.
func (x *inferrer) rulePorts(rule []networkingv1.NetworkPolicyPort, of *model.Workload) (out []port, sayable bool) {
	if len(rule) == 0 {
		return x.ports(of), true
	}
	all := slices.Concat(x.ports(of), declared(of))
	for _, p := range rule {
		protocol := corev1.ProtocolTCP
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		one := port{protocol: protocol}
		switch {
		case p.EndPort != nil || p.Port == nil:
			return nil, false
		case p.Port.Type == intstr.String:
			if one.number = containerPort(of, p.Port.StrVal, protocol); one.number == 0 {
				return nil, false
			}
		default:
			one.number = p.Port.IntVal
		}
		if i := slices.IndexFunc(all, func(o port) bool { return same(o, one) }); i >= 0 {
			one = all[i]
		}
		out = append(out, one)
	}
	return tidy(out), true
}

// ends are the callers that a peer of a rule stands for.
func (x *inferrer) ends(p model.Item[networkingv1.NetworkPolicy], at string, from *networkingv1.NetworkPolicyPeer) []end {
	if b := from.IPBlock; b != nil {
		if (b.CIDR == "0.0.0.0/0" || b.CIDR == "::/0") && len(b.Except) == 0 {
			return []end{{kind: internetEnd}}
		}
		if !slices.ContainsFunc(probeBlocks, func(own peer) bool { return own.block == b.CIDR }) {
			x.unsaid(p.Object, at, "addresses (%s) are no caller of an intent", b.CIDR)
		}
		return nil
	}
	var out []end
	selected := x.selected(from, p.Ref.Namespace)
	for _, of := range selected {
		if e := x.called(of); !of.Spec().HostNetwork && !slices.Contains(out, e) && !x.isWaypoint(of) {
			out = append(out, e)
		}
	}
	if len(selected) == 0 && (from.PodSelector == nil || from.PodSelector.MatchLabels[gatewayLabel] == "") {
		x.unsaid(p.Object, at, "the peer selects no pods that are there")
	}
	return out
}

// isWaypoint reports whether a workload is a waypoint, which calls on behalf of
// others.
func (x *inferrer) isWaypoint(of *model.Workload) bool {
	name := of.Template.Labels[gatewayLabel]
	if name == "" {
		return false
	}
	gw, found := model.Gateways.Get(x.Snapshot, of.Ref.Namespace, name)
	return found && gw.Value.Spec.GatewayClassName == "istio-waypoint"
}

// selected are the workloads that a peer of a policy of a namespace selects.
func (x *inferrer) selected(from *networkingv1.NetworkPolicyPeer, own string) []*model.Workload {
	pods := labels.Everything()
	var err error
	if from.PodSelector != nil {
		if pods, err = metav1.LabelSelectorAsSelector(from.PodSelector); err != nil {
			return nil
		}
	}
	if from.NamespaceSelector == nil {
		return x.Select(own, pods).Workloads
	}
	spaces, err := metav1.LabelSelectorAsSelector(from.NamespaceSelector)
	if err != nil {
		return nil
	}
	var out []*model.Workload
	for _, of := range x.SelectAnywhere(pods) {
		set := labels.Set{corev1.LabelMetadataName: of.Ref.Namespace}
		if ns, found := model.Namespaces.Get(x.Snapshot, "", of.Ref.Namespace); found {
			set = labels.Merge(ns.Value.Labels, set)
		}
		if spaces.Matches(set) {
			out = append(out, of)
		}
	}
	return out
}

// hosts are the hosts outside that a policy of ours names for a port.
func hosts(p model.Item[networkingv1.NetworkPolicy], number int32) []string {
	var out []string
	for text := range strings.SplitSeq(p.Value.Annotations[externalAnnotation], ",") {
		if strings.HasSuffix(text, fmt.Sprintf(":%d", number)) {
			out = append(out, "external/"+text)
		}
	}
	return out
}

// single is the one address of a block.
func single(cidr string) (netip.Addr, bool) {
	p, err := netip.ParsePrefix(cidr)
	return p.Addr(), err == nil && p.IsSingleIP()
}

// protocolOf is the protocol of a port of a rule.
func protocolOf(p networkingv1.NetworkPolicyPort) corev1.Protocol {
	if p.Protocol == nil {
		return corev1.ProtocolTCP
	}
	return cmp.Or(*p.Protocol, corev1.ProtocolTCP)
}
