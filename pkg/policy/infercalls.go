// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// calls are what a workload may call; nil where no policy closes its egress.
func (x *inferrer) calls(of *model.Workload) []api.Call {
	closing := x.isolating(of, egress, "")
	if len(closing) == 0 {
		return nil
	}
	own := x.pairs(x.needsOut(of))
	targets := map[*model.Workload][]port{}
	found := []end{}
	for _, p := range closing {
		for i, rule := range p.Value.Spec.Egress {
			at := patch.Pointer("spec", "egress", i)
			if len(rule.To) == 0 {
				x.unsaid(p.Object, at, "a rule for all targets is no call of an intent")
			}
			for j := range rule.To {
				to, here := &rule.To[j], at+patch.Pointer("to", j)
				if to.IPBlock != nil {
					found = append(found, x.outsideCalls(p, here, to.IPBlock, rule.Ports, own)...)
					continue
				}
				x.podCalls(p, here, to, rule.Ports, own, targets)
			}
		}
	}
	for _, target := range x.Workloads("") {
		if ports := targets[target]; len(ports) > 0 {
			found = append(found, x.services(of, target, tidy(ports))...)
		}
	}
	slices.SortFunc(found, compareEnds)
	out := []api.Call{}
	for _, e := range slices.Compact(found) {
		out = append(out, api.Call{To: e.text(of.Ref.Namespace)})
	}
	return out
}

// podCalls notes the workloads and ports that a peer of a rule opens.
func (x *inferrer) podCalls(p model.Item[networkingv1.NetworkPolicy], at string, to *networkingv1.NetworkPolicyPeer, rule []networkingv1.NetworkPolicyPort, own map[string]bool, targets map[*model.Workload][]port) {
	selected := x.selected(to, p.Ref.Namespace)
	for _, target := range selected {
		ports, sayable := x.rulePorts(rule, target)
		if !sayable {
			x.unsaid(p.Object, at, "a range of ports or a name that the pods of %s lack is no call of an intent", target.Ref.Short())
			continue
		}
		by, _ := x.selector(target)
		mine := target.Ref.Namespace + "/" + labels.FormatLabels(by)
		istiod := target.Ref.Namespace + "/" + labels.FormatLabels(map[string]string{"app": "istiod"})
		plane, _ := x.dataplane(target)
		for _, one := range ports {
			if !own[pair(mine, one)] && !(target.Template.Labels["app"] == "istiod" && own[pair(istiod, one)]) && !(plane == Ambient && one.number == hbonePort) && !x.isWaypoint(target) {
				targets[target] = append(targets[target], one)
			}
		}
	}
	if len(selected) > 0 || to.PodSelector != nil && (to.PodSelector.MatchLabels[gatewayLabel] != "" || to.PodSelector.MatchLabels["k8s-app"] == "kube-dns" || to.PodSelector.MatchLabels["app"] == "istiod") {
		return
	}
	x.unsaid(p.Object, at, "the peer selects no pods that are there")
}

// outsideCalls are the hosts that a rule for addresses stands for.
func (x *inferrer) outsideCalls(p model.Item[networkingv1.NetworkPolicy], at string, b *networkingv1.IPBlock, rule []networkingv1.NetworkPolicyPort, own map[string]bool) []end {
	var out []end
	if len(rule) == 0 && !own[b.CIDR] {
		x.unsaid(p.Object, at, "addresses (%s) on all ports are no call of an intent", b.CIDR)
	}
	for _, r := range rule {
		if r.Port == nil || r.EndPort != nil || r.Port.IntVal == 0 {
			x.unsaid(p.Object, at, "addresses (%s) on a range of ports are no call of an intent", b.CIDR)
			continue
		}
		one := port{number: r.Port.IntVal, protocol: protocolOf(r)}
		ip, isOne := single(b.CIDR)
		svc, isService := x.selectorless(ip.String(), one)
		named := hosts(p, one.number)
		switch {
		case len(named) > 0 && !isOne:
			for _, text := range named {
				if e, err := parseCall(text, p.Ref.Namespace); err == nil {
					out = append(out, e)
				}
			}
		case own[pair(b.CIDR, one)]:
		case isOne && isService:
			out = append(out, svc)
		case isOne && one.protocol == corev1.ProtocolTCP:
			out = append(out, end{kind: externalEnd, name: ip.String(), port: strconv.Itoa(int(one.number))})
		default:
			x.unsaid(p.Object, at, "addresses (%s) on port %d are no call of an intent: say which host", b.CIDR, one.number)
		}
	}
	return out
}

// selectorless is the Service without pods behind which an address is.
func (x *inferrer) selectorless(ip string, p port) (end, bool) {
	for _, svc := range model.Services.In(x.Snapshot, "") {
		if len(svc.Value.Spec.Selector) > 0 {
			continue
		}
		peers, ports := x.endpoints(svc.Ref.Namespace, svc.Ref.Name, "")
		if slices.ContainsFunc(peers, func(o peer) bool { a, ok := single(o.block); return ok && a.String() == ip }) && slices.ContainsFunc(ports, func(o port) bool { return same(o, p) }) {
			return end{kind: serviceEnd, namespace: svc.Ref.Namespace, name: svc.Ref.Name}, true
		}
	}
	return end{}, false
}

// services are the Services whose ports a rule opens on a workload: those that
// are open as a whole, else port by port.
func (x *inferrer) services(of, target *model.Workload, open []port) []end {
	var out []end
	covered := map[int32]bool{}
	has := func(p port) bool { return slices.ContainsFunc(open, func(o port) bool { return same(o, p) }) }
	news := func(ports []port) bool {
		return slices.ContainsFunc(ports, func(p port) bool { return !covered[p.number] })
	}
	for _, svc := range x.InFront(target) {
		e := end{kind: serviceEnd, namespace: svc.Ref.Namespace, name: svc.Ref.Name}
		all := behind(svc.Value, "", target)
		if len(all) > 0 && !slices.ContainsFunc(all, func(p port) bool { return !has(p) }) && news(all) {
			out = append(out, e)
			for _, p := range all {
				covered[p.number] = true
			}
		}
	}
	for _, svc := range x.InFront(target) {
		for _, sp := range svc.Value.Spec.Ports {
			number := strconv.Itoa(int(sp.Port))
			ports := behind(svc.Value, number, target)
			if len(ports) > 0 && has(ports[0]) && news(ports) {
				out = append(out, end{kind: serviceEnd, namespace: svc.Ref.Namespace, name: svc.Ref.Name, port: number})
				covered[ports[0].number] = true
			}
		}
	}
	for _, p := range open {
		if !covered[p.number] {
			x.out.Unsaid = append(x.out.Unsaid, Notice{On: of.Ref, Where: of.Where(""), Text: fmt.Sprintf("%s may call port %d of %s, to which no Service leads: it is no call of an intent", of.Ref.Short(), p.number, target.Ref.Short())})
		}
	}
	return out
}
