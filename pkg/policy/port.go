// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// The ports of Istio that policies have to leave open.
const (
	istiodPort    = 15012
	hbonePort     = 15008
	mergedMetrics = 15020
	envoyMetrics  = 15090
)

// appProtocol is what Istio takes a port for.
type appProtocol int

// A sniffed port says nothing: the proxy finds out by itself.
const (
	sniffed appProtocol = iota
	httpPort
	tcpPort
)

// port is a port of pods.
type port struct {
	number   int32
	protocol corev1.Protocol
	app      appProtocol
}

func comparePorts(a, b port) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(string(a.protocol), string(b.protocol)))
}

// same compares ports without what is spoken on them.
func same(a, b port) bool { return comparePorts(a, b) == 0 }

func tcp(numbers ...int32) []port {
	var out []port
	for _, n := range numbers {
		out = append(out, port{number: n, protocol: corev1.ProtocolTCP})
	}
	return out
}

// ports are the pod ports of a workload that Services lead to, those that its
// containers declare where there is no Service; sorted, once each.
func (w *world) ports(of *model.Workload) []port {
	return slices.Clone(w.index.served.get(of, func() []port { return w.findPorts(of) }))
}

func (w *world) findPorts(of *model.Workload) []port {
	var out []port
	services := w.InFront(of)
	for _, svc := range services {
		out = append(out, behind(svc.Value, "", of)...)
	}
	if len(services) == 0 {
		out = declared(of)
	}
	return tidy(out)
}

// tidy sorts ports and drops repetitions. Where Services differ, a port is TCP
// if one says so: rules on requests would be void there.
func tidy(ports []port) []port {
	slices.SortStableFunc(ports, func(a, b port) int { return cmp.Or(comparePorts(a, b), cmp.Compare(b.app, a.app)) })
	return slices.CompactFunc(ports, same)
}

// declared are the ports of the containers that go on running.
func declared(of *model.Workload) []port {
	var out []port
	for _, c := range running(of.Spec()) {
		for _, p := range c.Ports {
			out = append(out, port{number: p.ContainerPort, protocol: cmp.Or(p.Protocol, corev1.ProtocolTCP)})
		}
	}
	return out
}

// running are the containers that listen: all but the init containers that end.
func running(spec *corev1.PodSpec) []corev1.Container {
	out := slices.Clone(spec.Containers)
	for i := range spec.InitContainers {
		if model.Sidecar(&spec.InitContainers[i]) {
			out = append(out, spec.InitContainers[i])
		}
	}
	return out
}

// behind are the pod ports of a workload behind a Service: all, or that of one
// Service port by its name or number. A named targetPort that the pods lack
// gives none.
func behind(svc *corev1.Service, name string, of *model.Workload) []port {
	var out []port
	for _, p := range svc.Spec.Ports {
		if name != "" && name != p.Name && name != strconv.Itoa(int(p.Port)) {
			continue
		}
		one := port{number: p.Port, protocol: cmp.Or(p.Protocol, corev1.ProtocolTCP), app: spoken(p)}
		switch {
		case p.TargetPort.Type == intstr.String && p.TargetPort.StrVal != "":
			one.number = containerPort(of, p.TargetPort.StrVal, one.protocol)
		case p.TargetPort.IntVal != 0:
			one.number = p.TargetPort.IntVal
		}
		if one.number != 0 {
			out = append(out, one)
		}
	}
	return out
}

// containerPort is the number of a named port, 0 if the pods have none of it.
func containerPort(of *model.Workload, name string, protocol corev1.Protocol) int32 {
	for _, c := range running(of.Spec()) {
		for _, p := range c.Ports {
			if p.Name == name && cmp.Or(p.Protocol, corev1.ProtocolTCP) == protocol {
				return p.ContainerPort
			}
		}
	}
	return 0
}

// spoken follows Istio's protocol selection: appProtocol, else the name of the
// port up to the first dash (pkg/config/kube/conversion.go ConvertProtocol). TLS
// that the proxy does not end is TCP to it.
func spoken(p corev1.ServicePort) appProtocol {
	name, _, _ := strings.Cut(p.Name, "-")
	if p.AppProtocol != nil {
		name = *p.AppProtocol
	} else if strings.HasPrefix(p.Name, "grpc-web") {
		name = "grpc-web"
	}
	switch name = strings.ToLower(name); {
	case p.Protocol == corev1.ProtocolUDP || p.Protocol == corev1.ProtocolSCTP:
		return tcpPort
	case slices.Contains([]string{"http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws", "gateway.networking.k8s.io/h2c"}, name):
		return httpPort
	case slices.Contains([]string{"tcp", "tls", "https", "mongo", "mysql", "redis"}, name):
		return tcpPort
	}
	return sniffed
}

// probePorts are the ports and paths of the probes that the kubelet sends to a
// workload: the path is empty for a probe without HTTP.
func probePorts(of *model.Workload) map[int32]string {
	out := map[int32]string{}
	for _, c := range running(of.Spec()) {
		for _, p := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
			if p == nil {
				continue
			}
			switch {
			case p.HTTPGet != nil:
				if n := probePort(of, p.HTTPGet.Port); n != 0 {
					out[n] = cmp.Or(p.HTTPGet.Path, "/")
				}
			case p.TCPSocket != nil:
				if n := probePort(of, p.TCPSocket.Port); n != 0 {
					out[n] = ""
				}
			case p.GRPC != nil:
				out[p.GRPC.Port] = ""
			}
		}
	}
	return out
}

func probePort(of *model.Workload, p intstr.IntOrString) int32 {
	if p.Type == intstr.String {
		return containerPort(of, p.StrVal, corev1.ProtocolTCP)
	}
	return p.IntVal
}

// rewritten reports whether the sidecar answers the probes on its own port, so
// that neither STRICT nor AuthorizationPolicies meet them: the default.
func rewritten(of *model.Workload) bool {
	return of.Template.Annotations["sidecar.istio.io/rewriteAppHTTPProbers"] != "false"
}
