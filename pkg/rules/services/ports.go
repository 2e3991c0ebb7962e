// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"fmt"
	"iter"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// containersOf are the containers of a workload whose ports may be asked for:
// sidecars included, init containers that end left out.
func containersOf(of *model.Workload) iter.Seq[*corev1.Container] {
	return func(yield func(*corev1.Container) bool) {
		spec := of.Spec()
		for i := range spec.Containers {
			if !yield(&spec.Containers[i]) {
				return
			}
		}
		for i := range spec.InitContainers {
			if c := &spec.InitContainers[i]; model.Sidecar(c) && !yield(c) {
				return
			}
		}
	}
}

// proxies are sidecars that listen on ports of their own and forward any other.
var proxies = []string{"istio-proxy", "linkerd-proxy"}

// injected are ports that a sidecar listens on, which no template declares
// (https://istio.io/latest/docs/ops/deployment/application-requirements/).
var injected = []int32{15020, 15021, 15090}

// injectedNames are the names of such ports.
var injectedNames = []string{"http-envoy-prom"}

// declared lists the container ports of a workload with a protocol.
func declared(of *model.Workload, protocol corev1.Protocol) []corev1.ContainerPort {
	return portsOf(of, protocol, func(*corev1.Container) bool { return true })
}

// own is declared without the ports of sidecars that forward any port: those say
// nothing about what the application listens on. A gateway, which is nothing
// but such a proxy, has none of its own.
func own(of *model.Workload, protocol corev1.Protocol) []corev1.ContainerPort {
	return portsOf(of, protocol, func(c *corev1.Container) bool { return !proxy(c) })
}

func proxy(c *corev1.Container) bool { return slices.Contains(proxies, c.Name) }

func portsOf(of *model.Workload, protocol corev1.Protocol, count func(*corev1.Container) bool) []corev1.ContainerPort {
	var out []corev1.ContainerPort
	for c := range containersOf(of) {
		for _, p := range c.Ports {
			if protocolOf(p.Protocol) == protocol && count(c) {
				out = append(out, p)
			}
		}
	}
	return out
}

// silent reports whether some container of a workload declares no port at all,
// so that it may listen on any.
func silent(of *model.Workload) bool {
	containers := of.Spec().Containers
	for i := range containers {
		if c := &containers[i]; len(c.Ports) == 0 && !proxy(c) {
			return true
		}
	}
	return false
}

// probed reports whether a probe of a workload goes to a port: whoever wrote it
// knew that something listens there.
func probed(of *model.Workload, port int32) bool {
	asks := func(p *corev1.Probe) bool {
		switch {
		case p == nil:
			return false
		case p.HTTPGet != nil:
			return p.HTTPGet.Port == intstr.FromInt32(port)
		case p.TCPSocket != nil:
			return p.TCPSocket.Port == intstr.FromInt32(port)
		case p.GRPC != nil:
			return p.GRPC.Port == port
		}
		return false
	}
	for c := range containersOf(of) {
		if asks(c.ReadinessProbe) || asks(c.LivenessProbe) || asks(c.StartupProbe) {
			return true
		}
	}
	return false
}

// target is where a port of a Service leads, and the JSON Pointer of the field
// that says so.
func target(i int, p *corev1.ServicePort) (intstr.IntOrString, string) {
	if p.TargetPort == (intstr.IntOrString{}) {
		return intstr.FromInt32(p.Port), patch.Pointer("spec", "ports", i, "port")
	}
	return p.TargetPort, patch.Pointer("spec", "ports", i, "targetPort")
}

// portIndex is the number of the port that a JSON Pointer leads to or into.
func portIndex(pointer string) (int, bool) {
	tokens, err := patch.Tokens(pointer)
	if err != nil || len(tokens) < 3 || tokens[1] != "ports" {
		return 0, false
	}
	i, err := strconv.Atoi(tokens[2])
	return i, err == nil
}

// portNames writes container ports for people: "http (8080)", "9090".
func portNames(ports []corev1.ContainerPort) []string {
	var out []string
	for _, p := range ports {
		if p.Name == "" {
			out = append(out, strconv.Itoa(int(p.ContainerPort)))
			continue
		}
		out = append(out, fmt.Sprintf("%s (%d)", p.Name, p.ContainerPort))
	}
	return slices.Compact(out)
}
