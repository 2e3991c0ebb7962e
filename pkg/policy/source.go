// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// source is who calls, in the terms of policies.
type source struct {
	end
	// workloads are what runs it; none for the kubelet and the internet.
	workloads []*model.Workload
	peers     []peer
	// principals are the identities; open is true when some of it has none.
	principals []string
	open       bool
	notes      []string
}

// source finds what a caller stands for.
func (w *world) source(e end) (source, error) {
	known, asked := w.sources[e]
	if !asked {
		known.source, known.err = w.findSource(e)
		w.sources[e] = known
	}
	return known.source, known.err
}

func (w *world) findSource(e end) (source, error) {
	out := source{end: e}
	switch e.kind {
	case kubeletEnd:
		out.open = true // the node always reaches its pods
		return out, nil
	case internetEnd:
		out.open, out.peers = true, anywhere
		return out, nil
	case workloadEnd:
		of, err := w.workload(e)
		if err != nil {
			return out, err
		}
		out.workloads = []*model.Workload{of}
	case accountEnd:
		for _, of := range w.Workloads(e.namespace) {
			if of.Account() == e.name {
				out.workloads = append(out.workloads, of)
			}
		}
		out.principals = []string{w.principal(e.namespace, e.name)}
		if len(out.workloads) == 0 {
			out.notes = append(out.notes, fmt.Sprintf("nothing runs as %s/%s: NetworkPolicies, which go by labels, cannot let it in", e.namespace, e.name))
		}
	case gatewayEnd:
		out.workloads = w.gateway(e.namespace, e.name)
		if len(out.workloads) == 0 {
			return out, fault.Usagef("expected the pods of gateway %s/%s, found none", e.namespace, e.name).Try("name what runs it: %s/deploy/NAME", e.namespace)
		}
	case prometheusEnd:
		if out.workloads = w.prometheus(); len(out.workloads) == 0 {
			if out.peers, out.principals = w.scrapers(); len(out.peers) > 0 {
				out.open = len(out.principals) == 0
				return out, nil
			}
			return out, fault.Usagef("expected pods of Prometheus, labelled app.kubernetes.io/name=prometheus, found none").Try("name what runs it: NAMESPACE/sts/NAME")
		}
	}
	for _, of := range out.workloads {
		w.join(&out, of)
	}
	return out, nil
}

// join adds one workload to a source.
func (w *world) join(out *source, of *model.Workload) {
	d, sure := w.dataplane(of)
	if !sure {
		out.notes = append(out.notes, fmt.Sprintf("Namespace %s is not in view: taking %s as %s", of.Ref.Namespace, of.Ref.Short(), d))
	}
	if d == NoMesh {
		out.open = true
	} else if p := w.principal(of.Ref.Namespace, of.Account()); !slices.Contains(out.principals, p) {
		out.principals = append(out.principals, p)
	}
	if of.Spec().HostNetwork {
		nodes := w.nodes()
		if len(nodes) == 0 {
			out.notes = append(out.notes, fmt.Sprintf("%s uses the network of its node, whose address is not in view: NetworkPolicies will keep it out", of.Ref.Short()))
		}
		out.peers = append(out.peers, nodes...)
		return
	}
	by, err := w.selector(of)
	if err != nil {
		out.notes = append(out.notes, err.Error())
		return
	}
	out.peers = append(out.peers, peer{namespace: of.Ref.Namespace, labels: by})
	if others := w.namesakes(of, by); len(others) > 0 {
		out.notes = append(out.notes, fmt.Sprintf("the labels of %s select %s too", of.Ref.Short(), mention(others)))
	}
}

// workload finds a workload. The error names what is there instead, or says why
// nobody can tell.
func (w *world) workload(e end) (*model.Workload, error) {
	r := e.resource.Ref(e.namespace, e.name)
	if of, found := w.Workload(r); found {
		return of, nil
	}
	if g, gap := w.Gap(e.resource.GroupKind, e.namespace); gap {
		return nil, fault.Failedf("expected %s, which could not be read: %s", r, g.Reason)
	}
	err := fault.Usagef("expected %s, found none", r)
	var names []string
	for _, of := range w.Workloads(e.namespace) {
		names = append(names, endOf(of).text(e.namespace))
	}
	if near := ref.Closest(e.text(e.namespace), names); len(near) > 0 {
		err.Hint = "did you mean " + near[0] + "?"
	}
	return nil, err
}

// gatewayLabel is what the pods of a Gateway of the Gateway API carry.
const gatewayLabel = "gateway.networking.k8s.io/gateway-name"

// gateway is what runs a gateway: an Istio Gateway selects pods, those of the
// Gateway API carry a label, and any other is a workload of the name.
func (w *world) gateway(namespace, name string) []*model.Workload {
	var out []*model.Workload
	if gw, found := model.IstioGateways.Get(w.Snapshot, namespace, name); found && len(gw.Value.Spec.Selector) > 0 {
		out = w.SelectAnywhere(labels.SelectorFromSet(gw.Value.Spec.Selector))
	}
	if len(out) == 0 {
		out = w.Select(namespace, labels.SelectorFromSet(labels.Set{gatewayLabel: name})).Workloads
	}
	if len(out) > 0 {
		return out
	}
	for _, of := range w.Workloads(namespace) {
		if of.Ref.Name == name {
			out = append(out, of)
		}
	}
	return out
}

// nodes are the addresses of the nodes.
func (w *world) nodes() []peer {
	var out []peer
	for _, n := range model.Nodes.In(w.Snapshot, "") {
		for _, a := range n.Value.Status.Addresses {
			if ip, err := netip.ParseAddr(a.Address); err == nil && a.Type == corev1.NodeInternalIP {
				out = append(out, block(ip))
			}
		}
	}
	return out
}

// callee is what is called, in the terms of policies.
type callee struct {
	end
	workloads []*model.Workload
	rules     []netRule
	notes     []string
}

// callee finds what a call leads to.
func (w *world) callee(e end) (callee, error) {
	out := callee{end: e}
	if e.kind == externalEnd {
		return w.outside(out), nil
	}
	svc, found := model.Services.Get(w.Snapshot, e.namespace, e.name)
	if !found {
		if g, gap := w.Gap(model.Services.GroupKind, e.namespace); gap {
			return out, fault.Failedf("expected Service %s/%s, which could not be read: %s", e.namespace, e.name, g.Reason)
		}
		err := fault.Usagef("expected Service %s/%s, found none", e.namespace, e.name)
		if near := ref.Closest(e.name, w.Names(model.Services.Kind, e.namespace)); len(near) > 0 {
			err.Hint = "did you mean svc/" + near[0] + "?"
		}
		return out, err
	}
	if host := svc.Value.Spec.ExternalName; host != "" && svc.Value.Spec.Type == corev1.ServiceTypeExternalName {
		return out, fault.Usagef("expected a Service with pods, found %s, which is another name of %s", svc.Ref, host).Try("write external/%s:443", host)
	}
	if err := hasPort(svc.Value, e); err != nil {
		return out, err
	}
	out.workloads = w.Behind(svc).Workloads
	if len(out.workloads) == 0 {
		peers, ports := w.endpoints(e.namespace, e.name, portNamed(svc.Value, e.port))
		if len(peers) == 0 {
			return out, fault.Usagef("expected workloads behind %s, found none", svc.Ref).Try("look at its selector: kubectl micro diagnose svc/%s -n %s", e.name, e.namespace)
		}
		out.rules = []netRule{{peers, ports}}
		return out, nil
	}
	for _, of := range out.workloads {
		out.rules = append(out.rules, w.towards(of, behind(svc.Value, e.port, of))...)
	}
	return out, nil
}

func hasPort(svc *corev1.Service, e end) error {
	var have []string
	for _, p := range svc.Spec.Ports {
		if e.port == "" || e.port == p.Name || e.number() == p.Port {
			return nil
		}
		have = append(have, fmt.Sprint(p.Port))
	}
	return fault.Usagef("expected a port of Service %s/%s, found %q; it has %v", e.namespace, e.name, e.port, have)
}

func portNamed(svc *corev1.Service, port string) string {
	for _, p := range svc.Spec.Ports {
		if port != "" && (port == p.Name || port == fmt.Sprint(p.Port)) {
			return p.Name
		}
	}
	return ""
}

// towards lets egress reach a workload: on its ports, and in ambient mode on the
// port of the tunnels, directly and by way of its waypoint.
func (w *world) towards(of *model.Workload, ports []port) []netRule {
	if of.Spec().HostNetwork {
		return []netRule{{w.nodes(), ports}}
	}
	by, err := w.selector(of)
	if err != nil || len(ports) == 0 {
		return nil
	}
	to := []peer{{namespace: of.Ref.Namespace, labels: by}}
	if d, _ := w.dataplane(of); d != Ambient {
		return []netRule{{to, ports}}
	}
	out := []netRule{{to, append(slices.Clone(ports), tcp(hbonePort)...)}}
	if way, has := w.waypoint(of); has {
		out = append(out, netRule{[]peer{way.peer()}, tcp(hbonePort)})
	}
	return out
}

// outside is a host outside the cluster: NetworkPolicies know no names.
func (w *world) outside(out callee) callee {
	to := anywhere
	if a, err := netip.ParseAddr(out.name); err == nil {
		to = []peer{block(a)}
	} else {
		out.notes = append(out.notes, fmt.Sprintf("NetworkPolicies know no names: egress to any address on port %s is open for %s", out.port, out.name))
	}
	out.rules = []netRule{{to, tcp(out.number())}}
	return out
}
