// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

type service = model.Item[corev1.Service]

// door is a way by which requests come to a Service.
type door struct {
	// From is the object that opens the door, At the field of it.
	From *model.Object
	At   string
	// Service is behind the door; Port is nil where the door names none.
	Service service
	Port    *corev1.ServicePort
	// Path is what requests begin with, if the door says so.
	Path string
	// Callers are who comes through; any of them may be the one.
	Callers []caller
}

// String names the door.
func (d door) String() string { return d.From.Ref.String() }

// backend is a workload behind a Service, and its own port; 0 if that is not known.
type backend struct {
	*model.Workload
	Port int32
}

// behind returns the workloads behind a door.
func behind(w *rules.World, d door) []backend {
	var out []backend
	for _, of := range w.Behind(d.Service).Workloads {
		out = append(out, backend{of, podPort(of, d.Port)})
	}
	return out
}

// podPort is the port of a workload that a port of a Service leads to.
func podPort(of *model.Workload, p *corev1.ServicePort) int32 {
	if p == nil {
		return 0
	}
	return namedPort(of, p.TargetPort, p.Port)
}

// namedPort looks a port up by its name or number; otherwise stands for an
// empty one, 0 for a name that no container has.
func namedPort(of *model.Workload, port intstr.IntOrString, otherwise int32) int32 {
	switch {
	case port.Type == intstr.Int && port.IntVal != 0:
		return port.IntVal
	case port.Type == intstr.Int || port.StrVal == "":
		return otherwise
	}
	for _, c := range of.Spec().Containers {
		for _, p := range c.Ports {
			if p.Name == port.StrVal {
				return p.ContainerPort
			}
		}
	}
	return 0
}

// portOf finds a port of a Service by number or name.
func portOf(svc service, number int32, name string) *corev1.ServicePort {
	for i, p := range svc.Value.Spec.Ports {
		if (number != 0 && p.Port == number) || (name != "" && p.Name == name) {
			return &svc.Value.Spec.Ports[i]
		}
	}
	if number == 0 && name == "" && len(svc.Value.Spec.Ports) == 1 {
		return &svc.Value.Spec.Ports[0]
	}
	return nil
}

// ingressDoors are the backends of Ingresses whose controller is not Istio's: it
// has no sidecar as a rule, and even if it has one, its callers lend it no identity.
func ingressDoors(w *rules.World) []door {
	var out []door
	for _, ing := range model.Ingresses.In(w.Snapshot, "") {
		if class := ing.Value.Spec.IngressClassName; class != nil && strings.Contains(*class, "istio") ||
			strings.Contains(ing.Value.Annotations["kubernetes.io/ingress.class"], "istio") {
			continue
		}
		add := func(b *networkingv1.IngressBackend, at, path string) {
			if b == nil || b.Service == nil {
				return
			}
			if svc, found := model.Services.Get(w.Snapshot, ing.Ref.Namespace, b.Service.Name); found {
				p := portOf(svc, b.Service.Port.Number, b.Service.Port.Name)
				out = append(out, door{From: ing.Object, At: at, Service: svc, Port: p, Path: path, Callers: []caller{{}}})
			}
		}
		add(ing.Value.Spec.DefaultBackend, "/spec/defaultBackend", "")
		for i, r := range ing.Value.Spec.Rules {
			if r.HTTP == nil {
				continue
			}
			for j, p := range r.HTTP.Paths {
				add(&p.Backend, patch.Pointer("spec", "rules", i, "http", "paths", j), p.Path)
			}
		}
	}
	return out
}

// doorsOf files doors under the workloads behind them.
func doorsOf(w *rules.World, doors []door) map[*model.Workload][]door {
	out := map[*model.Workload][]door{}
	for _, d := range doors {
		for _, b := range behind(w, d) {
			out[b.Workload] = append(out[b.Workload], d)
		}
	}
	return out
}

// number counts rules as people do.
func number(rule int) string { return fmt.Sprintf("rule %d", rule+1) }
