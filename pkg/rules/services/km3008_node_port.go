// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3008", Slug: "node-port", Severity: finding.Error,
	Short: "Node port is taken, out of range or not allowed",
	Why: `A node port is open on every node, so that in the whole cluster one Service can have it for a
protocol. The API server rejects a Service that asks for one that another has, for one outside its
range (30000-32767 unless it was started with another), or for any when the Service is of type
ClusterIP.`,
	Fix:       `Leave nodePort out: Kubernetes then chooses a free one.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
	Needs:     []*model.Kind{model.Services.Kind},
	Check:     checkNodePorts,
	Repair:    repairNodePort,
})

// The default range of the flag --service-node-port-range.
const firstNodePort, lastNodePort = 30000, 32767

// nodePort is one port on all nodes.
type nodePort struct {
	number   int32
	protocol corev1.Protocol
}

func checkNodePorts(w *rules.World, emit rules.Emit) {
	taken := takenPorts(w)
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if svc.Live() {
			continue // the API server has accepted it
		}
		mine := map[nodePort]bool{}
		for i, p := range svc.Value.Spec.Ports {
			if p.NodePort == 0 {
				continue
			}
			at := patch.Pointer("spec", "ports", i, "nodePort")
			port := nodePort{p.NodePort, protocolOf(p.Protocol)}
			owner := taken[port]
			switch {
			case !opensPorts(svc):
				emit(svc.Object, at, "nodePort %d is not allowed for a Service of type %s", p.NodePort, typeOf(svc))
			case p.NodePort < 1 || p.NodePort > 65535:
				emit(svc.Object, at, "nodePort %d is no port number", p.NodePort)
			case p.NodePort < firstNodePort || p.NodePort > lastNodePort:
				f := emit(svc.Object, at, "nodePort %d is outside the default range %d-%d", p.NodePort, firstNodePort, lastNodePort)
				f.Severity, f.Confidence = finding.Warning, finding.Likely // the range can be set
			case mine[port]:
				emit(svc.Object, at, "nodePort %d (%s) is there twice", p.NodePort, port.protocol)
			case !owner.Ref.Same(svc.Ref):
				f := emit(svc.Object, at, "nodePort %d (%s) is that of %s already", p.NodePort, port.protocol, owner.Ref)
				f.Related = append(f.Related, owner.Ref)
			}
			mine[port] = true
		}
	}
}

// takenPorts says whose each node port is: of a live Service before one of a
// file, else of the first by name.
func takenPorts(w *rules.World) map[nodePort]service {
	out := map[nodePort]service{}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if !opensPorts(svc) {
			continue
		}
		for _, p := range svc.Value.Spec.Ports {
			port := nodePort{p.NodePort, protocolOf(p.Protocol)}
			if owner, found := out[port]; !found || (svc.Live() && !owner.Live()) {
				out[port] = svc
			}
		}
	}
	return out
}

// opensPorts reports whether a Service has node ports.
func opensPorts(svc service) bool {
	return svc.Value.Spec.Type == corev1.ServiceTypeNodePort || svc.Value.Spec.Type == corev1.ServiceTypeLoadBalancer
}

func typeOf(svc service) corev1.ServiceType {
	if svc.Value.Spec.Type == "" {
		return corev1.ServiceTypeClusterIP
	}
	return svc.Value.Spec.Type
}

// repairNodePort lets Kubernetes choose. Where the port meant something, callers
// may know it.
func repairNodePort(_ *rules.World, r rules.Result) []rules.Fix {
	svc, ok := model.Services.Of(r.On)
	if !ok {
		return nil
	}
	risk := rules.Review
	if !opensPorts(svc) {
		risk = rules.Safe
	}
	title := "leave the node port to Kubernetes"
	if risk == rules.Safe {
		title = fmt.Sprintf("remove the node port, which a Service of type %s has not", typeOf(svc))
	}
	return []rules.Fix{rules.Change(risk, title, r.On, patch.Op{Op: patch.Remove, Path: r.Pointer})}
}
