// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// lacking is a rule without the peers that policies let through on all of its
// ports already.
func (w *world) lacking(of *model.Workload, d direction, closing []model.Item[networkingv1.NetworkPolicy], rule netRule) netRule {
	out := netRule{ports: rule.ports}
	for _, p := range rule.peers {
		through := len(rule.ports) > 0 && !slices.ContainsFunc(rule.ports, func(one port) bool {
			return !slices.ContainsFunc(closing, func(np model.Item[networkingv1.NetworkPolicy]) bool { return w.lets(of, d, np, p, one) })
		})
		if !through {
			out.peers = append(out.peers, p)
		}
	}
	return out
}

// lets reports whether a policy lets a peer through on a port, whichever pods of
// the workload and of the peer it is about.
func (w *world) lets(of *model.Workload, d direction, np model.Item[networkingv1.NetworkPolicy], p peer, one port) bool {
	by, err := metav1.LabelSelectorAsSelector(&np.Value.Spec.PodSelector)
	if err != nil || !matchesAll(by, of) {
		return false
	}
	listens := []*model.Workload{of} // whose names of ports count
	if d == egress {
		listens = w.Select(p.namespace, labels.SelectorFromSet(p.labels)).Workloads
	}
	for _, r := range np.Value.Spec.Ingress {
		if d == ingress && w.takesPeer(r.From, p, np.Ref.Namespace) && opens(r.Ports, one, listens) {
			return true
		}
	}
	for _, r := range np.Value.Spec.Egress {
		if d == egress && w.takesPeer(r.To, p, np.Ref.Namespace) && opens(r.Ports, one, listens) {
			return true
		}
	}
	return false
}

// matchesAll reports whether a selector takes the template and all pods of a
// workload.
func matchesAll(by labels.Selector, of *model.Workload) bool {
	return by.Matches(labels.Set(of.Template.Labels)) && !slices.ContainsFunc(of.Pods, func(p model.Item[corev1.Pod]) bool {
		return !model.PodEnded(p.Value) && !by.Matches(labels.Set(p.Value.Labels))
	})
}

// takesPeer reports whether one of the peers of a rule is, or holds, another.
func (w *world) takesPeer(all []networkingv1.NetworkPolicyPeer, p peer, own string) bool {
	return len(all) == 0 || slices.ContainsFunc(all, func(one networkingv1.NetworkPolicyPeer) bool { return w.holds(&one, p, own) })
}

func (w *world) holds(one *networkingv1.NetworkPolicyPeer, p peer, own string) bool {
	if one.IPBlock != nil || p.block != "" {
		if one.IPBlock == nil || p.block == "" || len(one.IPBlock.Except) > 0 {
			return false
		}
		outer, err := netip.ParsePrefix(one.IPBlock.CIDR)
		inner, errInner := netip.ParsePrefix(p.block)
		return err == nil && errInner == nil && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
	}
	if one.NamespaceSelector == nil && own != p.namespace || !w.inSpace(one.NamespaceSelector, p.namespace) {
		return false
	}
	if one.PodSelector == nil {
		return true
	}
	by, err := metav1.LabelSelectorAsSelector(one.PodSelector)
	if err != nil {
		return false
	}
	known := w.Select(p.namespace, labels.SelectorFromSet(p.labels)).Workloads
	if len(known) == 0 {
		return by.Matches(labels.Set(p.labels))
	}
	return !slices.ContainsFunc(known, func(of *model.Workload) bool { return !matchesAll(by, of) })
}

// inSpace reports whether a selector of namespaces takes one; nil takes all.
func (w *world) inSpace(by *metav1.LabelSelector, namespace string) bool {
	if by == nil {
		return true
	}
	spaces, err := metav1.LabelSelectorAsSelector(by)
	set := labels.Set{corev1.LabelMetadataName: namespace}
	if ns, found := model.Namespaces.Get(w.Snapshot, "", namespace); found {
		set = labels.Merge(ns.Value.Labels, set)
	}
	return err == nil && spaces.Matches(set)
}

// opens reports whether the ports of a rule hold one.
func opens(rule []networkingv1.NetworkPolicyPort, one port, listens []*model.Workload) bool {
	return len(rule) == 0 || slices.ContainsFunc(rule, func(p networkingv1.NetworkPolicyPort) bool {
		switch {
		case protocolOf(p) != one.protocol:
			return false
		case p.Port == nil:
			return true
		case p.Port.Type == intstr.String:
			return len(listens) > 0 && !slices.ContainsFunc(listens, func(of *model.Workload) bool { return containerPort(of, p.Port.StrVal, one.protocol) != one.number })
		case p.EndPort != nil:
			return p.Port.IntVal <= one.number && one.number <= *p.EndPort
		}
		return p.Port.IntVal == one.number
	})
}

// admitted reports whether AuthorizationPolicies let all callers of a rule in
// already. Without whole, to some requests is enough.
func admitted(limiting []authorization, rule accessRule, whole bool) bool {
	if rule.user != nil || len(rule.principals) == 0 {
		return false
	}
	return !slices.ContainsFunc(rule.principals, func(who string) bool {
		return !slices.ContainsFunc(limiting, func(p authorization) bool { return ruleLets(p, who, rule, whole) })
	})
}

func ruleLets(p authorization, who string, rule accessRule, whole bool) bool {
	for _, r := range p.Value.Spec.GetRules() {
		named := len(r.GetFrom()) == 0
		for _, from := range r.GetFrom() {
			s := from.GetSource()
			named = named || slices.Contains(s.GetPrincipals(), who) && len(s.GetRequestPrincipals())+len(s.GetIpBlocks())+len(s.GetRemoteIpBlocks()) == 0
		}
		if !named || whole && len(r.GetWhen()) > 0 {
			continue
		}
		if len(r.GetTo()) == 0 {
			return true
		}
		for _, to := range r.GetTo() {
			op := to.GetOperation()
			ports := len(op.GetPorts()) == 0 || !slices.ContainsFunc(rule.ports, func(n int32) bool { return !slices.Contains(op.GetPorts(), strconv.Itoa(int(n))) })
			limited := len(op.GetHosts())+len(op.GetNotHosts())+len(op.GetNotMethods())+len(op.GetNotPaths())+len(op.GetNotPorts()) > 0
			switch {
			case !whole && len(r.GetFrom()) > 0:
				return true
			case ports && !limited && requested(op.GetMethods(), op.GetPaths(), rule.http):
				return true
			}
		}
	}
	return false
}

// requested reports whether methods and paths hold all requests of a rule.
func requested(methods, paths []string, all []api.HTTPRequests) bool {
	within := func(wanted, has []string) bool {
		return len(has) == 0 || len(wanted) > 0 && !slices.ContainsFunc(wanted, func(v string) bool { return !slices.Contains(has, v) })
	}
	if len(all) == 0 {
		return len(methods)+len(paths) == 0
	}
	return !slices.ContainsFunc(all, func(h api.HTTPRequests) bool { return !within(h.Methods, methods) || !within(h.Paths, paths) })
}
