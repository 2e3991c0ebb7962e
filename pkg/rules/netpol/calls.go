// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// call is a Service that the environment of a workload names.
type call struct {
	to model.Item[corev1.Service]
	// port is the Service port, 0 when the value gives none.
	port int32
	// at is the JSON Pointer of the variable's value, value what it is.
	at, value string
}

// hostWords end the names of variables whose value is a host, without a scheme
// or a port to tell by.
var hostWords = []string{"HOST", "HOSTNAME", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "SERVER"}

// calls lists the Services that variables of a workload name, once each.
func calls(w *rules.World, from *model.Workload) []call {
	var out []call
	for i, c := range from.Spec().Containers {
		for j, e := range c.Env {
			if e.Value == "" {
				continue
			}
			host, number, sure := address(e.Value)
			if !sure && !slices.ContainsFunc(hostWords, func(word string) bool { return strings.HasSuffix(strings.ToUpper(e.Name), word) }) {
				continue
			}
			svc, found := w.ServiceNamed(host, from.Ref.Namespace)
			if !found || slices.ContainsFunc(out, func(c call) bool { return c.to.Ref.Same(svc.Ref) && c.port == number }) {
				continue
			}
			at := from.SpecAt() + patch.Pointer("containers", i, "env", j, "value")
			out = append(out, call{to: svc, port: number, at: at, value: e.Name})
		}
	}
	return out
}

// address reads "http://host:80/path", "host:80" or "host". It is sure when a
// scheme or a port says that it is an address.
func address(value string) (host string, number int32, sure bool) {
	_, rest, hasScheme := strings.Cut(value, "://")
	if !hasScheme {
		rest = value
	}
	rest, _, _ = strings.Cut(rest, "/")
	if _, after, user := strings.Cut(rest, "@"); user {
		rest = after
	}
	host, text, hasPort := strings.Cut(rest, ":")
	n, err := strconv.ParseInt(text, 10, 32)
	if hasPort && err != nil {
		return "", 0, false
	}
	return host, int32(n), hasScheme || hasPort
}

// podPorts are the ports of a workload behind a Service: all of them, or that of
// one Service port. A named targetPort that the workload lacks gives none.
func podPorts(svc *corev1.Service, servicePort int32, w *model.Workload) []port {
	var out []port
	for _, p := range svc.Spec.Ports {
		if servicePort != 0 && p.Port != servicePort {
			continue
		}
		number := p.Port
		switch {
		case p.TargetPort.Type == intstr.String && p.TargetPort.StrVal != "":
			number = numberOf(w, p.TargetPort.StrVal)
		case p.TargetPort.IntVal != 0:
			number = p.TargetPort.IntVal
		}
		if number == 0 {
			continue
		}
		one := portOf(w, number)
		if p.Protocol != "" {
			one.protocol = p.Protocol
		}
		out = append(out, one)
	}
	return out
}

func numberOf(w *model.Workload, name string) int32 {
	for _, c := range w.Containers() {
		for _, p := range c.Ports {
			if p.Name == name {
				return p.ContainerPort
			}
		}
	}
	return 0
}
