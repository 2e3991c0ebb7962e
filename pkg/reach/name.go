// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// resolver is a server that pods ask for names.
type resolver struct {
	peer model.Peer
	// udp and tcp are its ports; 53 but on OpenShift.
	udp, tcp int32
	// assumed is true where no object shows it.
	assumed bool
}

// resolvers of clusters, by namespace and labels.
var resolversAt = []struct {
	namespace string
	labels    labels.Set
}{
	{metaSystem, labels.Set{"k8s-app": "kube-dns"}},
	{"openshift-dns", labels.Set{"dns.operator.openshift.io/daemonset-dns": "default"}},
}

const metaSystem = "kube-system"

// nodeLocal is where NodeLocal DNSCache listens on every node, on an address
// that no selector selects
// (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/).
var nodeLocal = model.Peer{Block: netip.MustParsePrefix("169.254.20.10/32")}

// findResolvers are the pods of the cluster's DNS. Where they are not in view
// the usual ones stand in.
func (e *Engine) findResolvers() []resolver {
	var out []resolver
	for _, at := range resolversAt {
		for _, w := range e.s.Select(at.namespace, labels.SelectorFromSet(at.labels)).Workloads {
			for _, p := range w.Peers() {
				out = append(out, resolver{peer: p, udp: dnsPort(p, corev1.ProtocolUDP), tcp: dnsPort(p, corev1.ProtocolTCP)})
			}
		}
	}
	for _, w := range e.s.Workloads(metaSystem) {
		if w.Ref.Name == "node-local-dns" {
			out = append(out, resolver{peer: nodeLocal, udp: 53, tcp: 53})
			break
		}
	}
	if len(out) == 0 {
		usual := resolversAt[0]
		out = append(out, resolver{
			peer: model.Peer{Namespace: usual.namespace, Labels: usual.labels, Spec: &corev1.PodSpec{}}, udp: 53, tcp: 53, assumed: true,
		})
	}
	return out
}

// dnsPort is the port of a DNS pod for a protocol.
func dnsPort(p model.Peer, protocol corev1.Protocol) int32 {
	for _, want := range []string{"dns", "dns-tcp"} {
		for _, c := range containerPorts(p) {
			if c.Name == want && orTCP(c.Protocol) == protocol {
				return c.ContainerPort
			}
		}
	}
	return 53
}

// name is hop 2: what the name stands for, and whether the caller can ask.
func (p *path) name() {
	switch {
	case p.t.host == "":
		p.say(verdict.Name, verdict.None, "called by its address")
		return
	case p.from.Kind == Internet || p.from.Kind == Address:
		p.door()
		return
	case !p.src.IsPod():
		p.say(verdict.Name, verdict.None, "not a pod: it does not ask the cluster's DNS")
		return
	}
	if p.t.service != nil && p.t.service.Value.Spec.Type == corev1.ServiceTypeExternalName {
		defer p.alias()
	}
	d := verdict.Decider{Reason: p.t.host}
	if p.t.service != nil {
		d.Object, d.Where = p.t.service.Ref, p.t.service.Where("")
	}
	policy := p.src.Spec.DNSPolicy
	if policy == corev1.DNSDefault && !p.src.HostNetwork() || policy == corev1.DNSNone {
		if o := objectOf(p.src); o != nil {
			d = decider(o, "", "", "%s: dnsPolicy %s asks name servers that are not the cluster's", p.t.host, policy)
		}
		p.by(verdict.Name, verdict.Unknown, d)
		return
	}
	p.ask(d)
}

// ask decides whether policies let the caller ask the cluster's DNS: all
// servers have to answer over UDP, and over TCP for long answers.
func (p *path) ask(found verdict.Decider) {
	if p.src.HostNetwork() {
		p.by(verdict.Name, verdict.Allow, found)
		return
	}
	var worst verdict.Hop
	tcp := verdict.Allow
	for _, server := range p.e.dns() {
		for _, one := range []struct {
			protocol corev1.Protocol
			port     int32
		}{{corev1.ProtocolUDP, server.udp}, {corev1.ProtocolTCP, server.tcp}} {
			h := p.e.across(p.src, server.peer, one.protocol, one.port)
			switch {
			case one.protocol == corev1.ProtocolTCP:
				tcp = max(tcp, h.Verdict)
			case h.Verdict > worst.Verdict:
				worst = h
				worst.Notes = nil
				if server.assumed {
					worst = p.e.assumed(worst)
				}
			}
		}
	}
	if worst.Verdict <= verdict.Allow {
		h := p.by(verdict.Name, verdict.Allow, found)
		if tcp == verdict.Deny {
			h.Notes = append(h.Notes, "DNS over TCP is denied: long answers get lost")
		}
		return
	}
	worst.Number, worst.Name = verdict.Name, stations[verdict.Name]
	worst.Reason = fmt.Sprintf("DNS (UDP) of %s: %s", p.t.host, worst.Reason)
	if worst.Verdict == verdict.Deny {
		worst.ID = "KM7003"
		worst.Fix = "allow egress to UDP and TCP 53 of the pods k8s-app=kube-dns in namespace kube-system"
	}
	p.add(worst)
}

// assumed is the answer about DNS pods that stand in for those nobody has seen:
// where they may exist and carry other labels, a denial proves nothing.
func (e *Engine) assumed(h verdict.Hop) verdict.Hop {
	h.Notes = []string{"no pods of the cluster's DNS in view: asked for namespace kube-system, label k8s-app=kube-dns, port 53"}
	if h.Verdict == verdict.Deny && e.s.PodAbsence(metaSystem) != model.Proven {
		h.Verdict = verdict.Unknown
	}
	return h
}

// across is the worst hop of the network between two ends.
func (e *Engine) across(from, to model.Peer, protocol corev1.Protocol, port int32) verdict.Hop {
	egress, ingress := e.net.Decide(network.Connection{From: from, To: to, Protocol: protocol, Port: port})
	if ingress.Verdict > egress.Verdict {
		return ingress
	}
	return egress
}

// door tells whether a Service can be called from outside.
func (p *path) door() {
	if p.t.service == nil {
		p.say(verdict.Name, verdict.None, "neither end is in the cluster")
		return
	}
	svc := p.t.service
	spec := svc.Value.Spec
	kind := string(spec.Type)
	if kind == "" {
		kind = string(corev1.ServiceTypeClusterIP)
	}
	d := decider(svc.Object, svc.Existing("/spec", "/type"), "", "type %s", kind)
	switch {
	case spec.Type == corev1.ServiceTypeLoadBalancer, spec.Type == corev1.ServiceTypeNodePort, len(spec.ExternalIPs) > 0:
		h := p.by(verdict.Name, verdict.Allow, d)
		if spec.ExternalTrafficPolicy != corev1.ServiceExternalTrafficPolicyLocal {
			h.Notes = append(h.Notes, "externalTrafficPolicy Cluster: pods may see the address of a node in place of the caller's")
		}
	case headless(svc.Value):
		d.Reason = "headless: callers get the addresses of the pods, if they can ask the cluster's DNS at all"
		p.by(verdict.Name, verdict.Unknown, d)
	default:
		d.Reason += ": it has no address outside of the cluster"
		h := p.by(verdict.Name, verdict.Deny, d)
		h.Fix = "ask about the gateway or the ingress controller in front of it: gateway/NAME"
	}
}

// alias follows an ExternalName.
func (p *path) alias() {
	svc := *p.t.service
	host := svc.Value.Spec.ExternalName
	h := &p.hops[len(p.hops)-1]
	h.Notes = append(h.Notes, "ExternalName: it stands for "+host)
	next := target{host: host, number: p.t.number, protocol: p.t.protocol}
	if other, found := p.e.s.ServiceNamed(host, svc.Ref.Namespace); found && other.Value.Spec.Type != corev1.ServiceTypeExternalName {
		next.service = &other
		next.host = p.e.s.ServiceFQDN(other.Ref.Namespace, other.Ref.Name)
		next.choose()
	} else if end, err := p.e.host(spelling{namespace: svc.Ref.Namespace, name: host}); err == nil {
		next.peers = end.Peers
	}
	next.notes = slices.Clone(p.t.notes)
	p.t = next
}
