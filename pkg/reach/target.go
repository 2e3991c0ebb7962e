// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
)

// target is what is called: a port of a Service, or of pods or addresses that
// are called directly.
type target struct {
	// host is the FQDN; empty where an address is called.
	host string
	// service is what the host stands for, port its port and index that port's
	// place; port is nil where the Service has no such port.
	service *model.Item[corev1.Service]
	port    *corev1.ServicePort
	index   int
	// number is the port called: of the Service if there is one.
	number   int32
	protocol corev1.Protocol
	// only limits the endpoints to pods that were asked for; nil for all.
	only []model.Peer
	// peers are the endpoints where no Service is called.
	peers []model.Peer
	notes []string
}

// aim says what a caller calls to get to an end. Pods are called through the
// Service in front of them where one leads to the port, as applications do; the
// kubelet, Prometheus and addresses call them directly.
func (e *Engine) aim(from, to End, r Request) target {
	t := target{host: to.Host, number: to.Port, protocol: r.Protocol, peers: to.Peers, notes: slices.Clone(to.Notes)}
	if r.Port != 0 {
		t.number = r.Port
	}
	switch {
	case to.Kind == Service:
		t.service, t.peers = to.Service, nil
		t.choose()
	case to.Kind == External:
		e.aimEntry(&t, to)
	case to.Kind == Pods:
		e.aimPods(&t, from, to, r.Direct)
	}
	if t.protocol == "" {
		t.protocol = corev1.ProtocolTCP
	}
	return t
}

// choose picks the Service's port: the one asked for, else its first of HTTP,
// else its first.
func (t *target) choose() {
	ports := t.service.Value.Spec.Ports
	best := -1
	for i, p := range ports {
		protocol := orTCP(p.Protocol)
		switch {
		case t.protocol != "" && protocol != t.protocol:
		case t.number != 0 && p.Port == t.number:
			t.take(i)
			return
		case t.number != 0:
		case best < 0, mesh.HTTP == protocolOf(p) && mesh.HTTP != protocolOf(ports[best]):
			best = i
		}
	}
	if best < 0 {
		return
	}
	t.take(best)
	var others []string
	for i, p := range ports {
		if i != best {
			others = append(others, portText(p))
		}
	}
	if len(others) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("port %s is looked at; %s also has %s", portText(ports[best]), text(t.service.Ref), strings.Join(others, ", ")))
	}
}

func (t *target) take(i int) {
	t.index, t.port = i, &t.service.Value.Spec.Ports[i]
	t.number, t.protocol = t.port.Port, orTCP(t.port.Protocol)
}

// aimEntry picks the port of a ServiceEntry.
func (e *Engine) aimEntry(t *target, to End) {
	entry, found := model.ServiceEntries.Get(e.s, to.Object.Namespace, to.Object.Name)
	if t.number == 0 && found && len(entry.Value.Spec.GetPorts()) > 0 {
		t.number = int32(entry.Value.Spec.GetPorts()[0].GetNumber())
	}
}

// aimPods looks for the Service through which pods are called.
func (e *Engine) aimPods(t *target, from, to End, direct bool) {
	direct = direct || from.Kind != Pods || from.Text == "prometheus" || len(to.Peers) == 0
	first := model.Peer{}
	if len(to.Peers) > 0 {
		first = to.Peers[0]
	}
	if !direct && first.Workload != nil {
		for _, svc := range e.s.InFront(first.Workload) {
			one := target{service: &svc, protocol: t.protocol}
			if t.number == 0 {
				one.choose()
			} else {
				one.leading(t.number, first)
			}
			if one.port != nil {
				t.host, t.service, t.port, t.index = e.s.ServiceFQDN(svc.Ref.Namespace, svc.Ref.Name), one.service, one.port, one.index
				t.number, t.protocol, t.only = one.number, one.protocol, to.Peers
				t.notes = append(append(t.notes, one.notes...), fmt.Sprintf("called through %s:%d", text(svc.Ref), one.number))
				return
			}
		}
	}
	if t.number == 0 {
		e.declared(t, first)
	}
}

// leading picks the port that leads to a port of a pod.
func (t *target) leading(podPort int32, p model.Peer) {
	for i, sp := range t.service.Value.Spec.Ports {
		if n, ok := podPortOf(sp, p); ok && n == podPort && (t.protocol == "" || t.protocol == orTCP(sp.Protocol)) {
			t.take(i)
			return
		}
	}
}

// declared picks the first port that the containers of a pod declare.
func (e *Engine) declared(t *target, p model.Peer) {
	ports := slices.DeleteFunc(containerPorts(p), func(c corev1.ContainerPort) bool {
		return t.protocol != "" && orTCP(c.Protocol) != t.protocol
	})
	if len(ports) == 0 {
		return
	}
	t.number, t.protocol = ports[0].ContainerPort, orTCP(ports[0].Protocol)
	if len(ports) > 1 {
		t.notes = append(t.notes, fmt.Sprintf("port %d is looked at; the pods declare others", t.number))
	}
}

// podPortOf is the port of a pod that a port of a Service leads to; false for a
// name that the pod lacks.
func podPortOf(sp corev1.ServicePort, p model.Peer) (int32, bool) {
	switch {
	case sp.TargetPort.Type == intstr.Int && sp.TargetPort.IntVal != 0:
		return sp.TargetPort.IntVal, true
	case sp.TargetPort.Type == intstr.Int || sp.TargetPort.StrVal == "":
		return sp.Port, true
	}
	for _, c := range containerPorts(p) {
		if c.Name == sp.TargetPort.StrVal && orTCP(c.Protocol) == orTCP(sp.Protocol) {
			return c.ContainerPort, true
		}
	}
	return 0, false
}

// protocolOf is what Istio takes a port for: by appProtocol, else by its name up
// to the first dash (pkg/config/kube/conversion.go ConvertProtocol). TLS that the
// proxy does not end is TCP to it, and so are databases.
func protocolOf(p corev1.ServicePort) mesh.Protocol {
	if orTCP(p.Protocol) != corev1.ProtocolTCP {
		return mesh.TCP
	}
	name, _, _ := strings.Cut(p.Name, "-")
	if strings.HasPrefix(p.Name, "grpc-web") {
		name = "grpc-web"
	}
	if p.AppProtocol != nil {
		name = *p.AppProtocol
	}
	switch strings.ToLower(name) {
	case "http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws", "gateway.networking.k8s.io/h2c":
		return mesh.HTTP
	case "tcp", "tls", "https", "mongo", "mysql", "redis", "kubernetes.io/wss":
		return mesh.TCP
	}
	return mesh.ProtocolUnknown
}

func orTCP(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

// portText writes a port of a Service for people: "80 (http)".
func portText(p corev1.ServicePort) string {
	if p.Name == "" {
		return fmt.Sprint(p.Port)
	}
	return fmt.Sprintf("%d (%s)", p.Port, p.Name)
}
