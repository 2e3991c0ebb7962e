// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1516", Slug: "probe-port-undeclared",
	Short: "Probe asks at a port that the container does not declare",
	Why: `A probe may ask at any number, and nobody else learns of it: not who reads the manifest, nor a policy or a mesh
that goes by the declared ports. Most often the number is a left-over, and the probe never answers.`,
	Fix:       "Declare the port with a name, and have the probe use the name. A gRPC probe takes the number alone.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
	Aliases:   []string{"kube-linter:liveness-port", "kube-linter:readiness-port", "kube-linter:startup-port"},
	Needs:     model.WorkloadKinds,
	Check:     checkProbePorts,
})

func checkProbePorts(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		for at, c := range of.Containers() {
			for _, p := range probes(c) {
				handler, port := asked(p.ProbeHandler)
				if handler == "" || declared(c, port) {
					continue
				}
				pointer := rules.Nearest(of.Object, at+"/"+p.field+handler+"/port")
				emit(of.Object, pointer, "container %s has a %s that asks at port %s, which it does not declare", c.Name, p.field, port.String())
			}
		}
	}
}

// probe is a probe with the name of its field.
type probe struct {
	*corev1.Probe
	field string
}

// probes are those that a container has.
func probes(c *corev1.Container) []probe {
	var out []probe
	for _, p := range []probe{{c.LivenessProbe, "livenessProbe"}, {c.ReadinessProbe, "readinessProbe"}, {c.StartupProbe, "startupProbe"}} {
		if p.Probe != nil {
			out = append(out, p)
		}
	}
	return out
}

// asked is the field of a handler and the port that it asks at; no field where it
// asks at none.
func asked(h corev1.ProbeHandler) (field string, port intstr.IntOrString) {
	switch {
	case h.HTTPGet != nil && h.HTTPGet.Host == "":
		return "/httpGet", h.HTTPGet.Port
	case h.TCPSocket != nil && h.TCPSocket.Host == "":
		return "/tcpSocket", h.TCPSocket.Port
	case h.GRPC != nil:
		return "/grpc", intstr.FromInt32(h.GRPC.Port)
	}
	return "", intstr.IntOrString{}
}

// declared reports whether a container has a port, by name or number.
func declared(c *corev1.Container, port intstr.IntOrString) bool {
	return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool {
		if port.Type == intstr.String {
			return p.Name == port.StrVal
		}
		return p.ContainerPort == port.IntVal
	})
}
