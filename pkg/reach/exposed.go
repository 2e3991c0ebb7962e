// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// doors are what leads to workloads from outside of the cluster.
func (e *Engine) doors(workloads []ref.Ref) []verdict.Decider {
	var out []verdict.Decider
	for _, r := range workloads {
		w, found := e.s.Workload(r)
		if !found {
			continue
		}
		for _, svc := range e.s.InFront(w) {
			if d, open := e.published(svc); open && !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
		if w.Spec().HostNetwork {
			out = append(out, decider(w.Object, "", "", "%s is on the network of its nodes", text(r)))
			continue // its ports are those of the nodes, whatever hostPort says
		}
		for at, c := range w.Containers() {
			for _, p := range c.Ports {
				if p.HostPort != 0 {
					out = append(out, decider(w.Object, at, "", "%s has host port %d", text(r), p.HostPort))
				}
			}
		}
	}
	return out
}

// published reports whether a Service has an address outside of the cluster.
func (e *Engine) published(svc model.Item[corev1.Service]) (verdict.Decider, bool) {
	switch kind := svc.Value.Spec.Type; {
	case kind == corev1.ServiceTypeLoadBalancer, kind == corev1.ServiceTypeNodePort:
		return decider(svc.Object, "/spec/type", "", "%s is of type %s", text(svc.Ref), kind), true
	case len(svc.Value.Spec.ExternalIPs) > 0:
		return decider(svc.Object, "/spec/externalIPs", "", "%s has an external address", text(svc.Ref)), true
	}
	return verdict.Decider{}, false
}

// routedRows are what gateways and Ingresses pass on from outside, as far as
// policies let it through: a row for each route and workload behind it.
func (e *Engine) routedRows(t *table, f *filter) []Row {
	var out []Row
	units := t.places()
	for _, c := range e.routedCalls() {
		froms := []model.Peer{c.from}
		if !c.from.IsPod() {
			froms = e.controllers()
		}
		for i := range c.service.Value.Spec.Ports {
			sp := c.service.Value.Spec.Ports[i]
			if c.port != 0 && sp.Port != c.port || orTCP(sp.Protocol) != corev1.ProtocolTCP {
				continue
			}
			peers, _ := e.behind(c.service)
			for _, to := range peers {
				port, known := podPortOf(sp, to)
				if to.Workload == nil || !known || !f.reaches(&t.units[units[key(to.Workload.Ref)]]) {
					continue
				}
				if one, open := e.passedOn(froms, to, port); open {
					row := Row{From: Side{Text: c.text}, To: Side{Text: text(to.Workload.Ref), Workloads: []ref.Ref{to.Workload.Ref}}, Connections: []Connection{one}, Doors: []verdict.Decider{c.by}}
					if !slices.ContainsFunc(out, row.same) {
						out = append(out, row)
					}
				}
			}
		}
	}
	return out
}

// same reports whether two rows of routes are of one place.
func (r Row) same(o Row) bool {
	return r.From.Text == o.From.Text && r.To.Text == o.To.Text && r.Doors[0].Pointer == o.Doors[0].Pointer &&
		r.Doors[0].Object == o.Doors[0].Object && Connections(r.Connections) == Connections(o.Connections)
}

// reaches reports whether a target is wanted, whoever calls it.
func (f *filter) reaches(to *unit) bool {
	return f.from == nil && f.to.has(to) && (len(f.namespaces) == 0 || f.namespaces[to.workloads[0].Ref.Namespace])
}

// passedOn is the connection from what passes requests on to a port of a pod.
func (e *Engine) passedOn(froms []model.Peer, to model.Peer, port int32) (Connection, bool) {
	out := Connection{Protocol: corev1.ProtocolTCP, First: port, Last: port, Verdict: verdict.Unknown, Reason: "the pods of the ingress controller are not in view"}
	for i, from := range froms {
		seen := port
		a, _ := e.mesh.Dataplane(from)
		if b, _ := e.mesh.Dataplane(to); a == model.AmbientProxy && b == model.AmbientProxy {
			seen = hbone
		}
		egress, ingress := e.net.Decide(network.Connection{From: from, To: to, Port: seen})
		one, admitted := Connection{Protocol: corev1.ProtocolTCP, First: port, Last: port, Verdict: verdict.Allow}, true
		switch verdict.Of([]verdict.Hop{egress, ingress}) {
		case verdict.Deny:
			admitted = false
		case verdict.Unknown:
			one.Verdict, one.Reason = verdict.Unknown, partly
		}
		if admitted {
			one, admitted = conditioned(one, e.mesh.Admits(from, to, port))
		}
		if admitted {
			return one, true
		}
		if i == len(froms)-1 {
			return out, false
		}
	}
	return out, e.mesh.Admits(outside, to, port).Answer != mesh.No
}

// controllerNames are the labels app.kubernetes.io/name of ingress controllers.
var controllerNames = []string{"ingress-nginx", "nginx-ingress", "traefik", "kong", "haproxy-ingress", "kubernetes-ingress", "contour"}

// controllers are the pods of ingress controllers in view.
func (e *Engine) controllers() []model.Peer {
	var out []model.Peer
	for _, name := range controllerNames {
		for _, w := range e.s.SelectAnywhere(labels.SelectorFromSet(labels.Set{"app.kubernetes.io/name": name})) {
			out = append(out, w.Peers()...)
		}
	}
	return out
}
