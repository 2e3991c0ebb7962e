// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"cmp"
	"slices"
	"strconv"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Monitor is a ServiceMonitor or a PodMonitor.
type Monitor struct {
	*Object
	// Target is the kind it selects: Service or Pod.
	Target   *Kind
	Selector *metav1.LabelSelector
	Scope    monitoringv1.NamespaceSelector
	Ports    []MonitorPort
	// Bindings are what the operator says of it, where it does.
	Bindings []monitoringv1.WorkloadBinding
}

// MonitorPort is one endpoint of a Monitor.
type MonitorPort struct {
	// At is the JSON Pointer of the endpoint.
	At string
	// Name is that of a port: of the Service, or of a container. It is empty where
	// Number says which container port is meant, by number or name.
	Name   string
	Number *intstr.IntOrString
	// Field is the name of the field that says which port: "port", "targetPort", "portNumber".
	Field string
	// Path and Scheme are never empty: "/metrics" and "http" are the defaults.
	Path, Scheme string
	Params       map[string][]string
}

// Monitors returns the monitors of a namespace, all if empty: ServiceMonitors
// first, sorted by namespace and name.
func (s *Snapshot) Monitors(namespace string) []Monitor {
	var out []Monitor
	for _, m := range ServiceMonitors.In(s, namespace) {
		of := Monitor{Object: m.Object, Target: Services.Kind, Selector: &m.Value.Spec.Selector, Scope: m.Value.Spec.NamespaceSelector, Bindings: m.Value.Status.Bindings}
		for i, e := range m.Value.Spec.Endpoints {
			p := newMonitorPort("endpoints", i, e.Path, e.Scheme, e.Params)
			p.Name, p.Field = e.Port, "port"
			if e.Port == "" { // the operator looks at it only then
				p.Number, p.Field = e.TargetPort, "targetPort"
			}
			of.Ports = append(of.Ports, p)
		}
		out = append(out, of)
	}
	for _, m := range PodMonitors.In(s, namespace) {
		of := Monitor{Object: m.Object, Target: Pods.Kind, Selector: &m.Value.Spec.Selector, Scope: m.Value.Spec.NamespaceSelector, Bindings: m.Value.Status.Bindings}
		for i, e := range m.Value.Spec.PodMetricsEndpoints {
			p := newMonitorPort("podMetricsEndpoints", i, e.Path, e.Scheme, e.Params)
			p.Field = "port"
			//lint:ignore SA1019 it is obeyed all the same
			target := e.TargetPort
			switch {
			case e.Port != nil && *e.Port != "":
				p.Name = *e.Port
			case e.PortNumber != nil:
				number := intstr.FromInt32(*e.PortNumber)
				p.Number, p.Field = &number, "portNumber"
			case target != nil:
				p.Number, p.Field = target, "targetPort"
			}
			of.Ports = append(of.Ports, p)
		}
		out = append(out, of)
	}
	return out
}

func newMonitorPort(list string, i int, path string, scheme *monitoringv1.Scheme, params map[string][]string) MonitorPort {
	return MonitorPort{
		At: "/spec/" + list + "/" + strconv.Itoa(i), Path: cmp.Or(path, "/metrics"),
		Scheme: cmp.Or(scheme.String(), "http"), Params: params,
	}
}

// Namespaces are where a monitor looks; nil means everywhere.
func (m Monitor) Namespaces() []string {
	switch {
	case m.Scope.Any:
		return nil
	case len(m.Scope.MatchNames) > 0:
		return m.Scope.MatchNames
	}
	return []string{m.Ref.Namespace}
}

// LooksAt reports whether a namespace is one the monitor looks at.
func (m Monitor) LooksAt(namespace string) bool {
	in := m.Namespaces()
	return in == nil || slices.Contains(in, namespace)
}

// Selects reports whether the monitor selects what is in a namespace and has
// these labels.
func (m Monitor) Selects(s *Snapshot, namespace string, set map[string]string) bool {
	selector, err := s.Selector(m.Selector)
	return err == nil && m.LooksAt(namespace) && selector.Matches(labels.Set(set))
}

// Scrape is one port of a monitor at one workload.
type Scrape struct {
	Monitor
	MonitorPort
	// Service is what was selected; its Value is nil of a PodMonitor.
	Service  Item[corev1.Service]
	Workload *Workload
	// Port is that of the pods; 0 where they have none of the name.
	Port int32
	// Declared is false where no container of the workload lists the port. A pod
	// listens on it all the same, but a monitor that goes by the container's port
	// does not find it.
	Declared bool
}

// Scrapes returns what the monitors ask for, one of each port and workload. Ports
// that a selected Service does not have give none.
func (s *Snapshot) Scrapes() []Scrape {
	return Once(s, scrapesKey{}, func() []Scrape {
		var out []Scrape
		for _, m := range s.Monitors("") {
			out = append(out, s.ScrapesOf(m)...)
		}
		return out
	})
}

type scrapesKey struct{}

// ScrapesOf returns what one monitor asks for.
func (s *Snapshot) ScrapesOf(m Monitor) []Scrape {
	selector, err := s.Selector(m.Selector)
	if err != nil {
		return nil
	}
	places := m.Namespaces()
	if places == nil {
		places = []string{""}
	}
	var out []Scrape
	for _, ns := range places {
		if m.Target == Pods.Kind {
			out = append(out, s.podScrapes(m, ns, selector)...)
			continue
		}
		for _, svc := range Services.In(s, ns) {
			if selector.Matches(labels.Set(svc.Value.Labels)) {
				out = append(out, s.serviceScrapes(m, svc)...)
			}
		}
	}
	return out
}

func (s *Snapshot) podScrapes(m Monitor, namespace string, selector labels.Selector) []Scrape {
	selected := s.Select(namespace, selector).Workloads
	if namespace == "" {
		selected = s.SelectAnywhere(selector)
	}
	var out []Scrape
	for _, w := range selected {
		for _, p := range m.Ports {
			wanted := p.Number
			if p.Name != "" {
				name := intstr.FromString(p.Name)
				wanted = &name
			}
			one := Scrape{Monitor: m, MonitorPort: p, Workload: w}
			one.Port, one.Declared = w.Port(wanted)
			out = append(out, one)
		}
	}
	return out
}

func (s *Snapshot) serviceScrapes(m Monitor, svc Item[corev1.Service]) []Scrape {
	var out []Scrape
	for _, w := range s.Behind(svc).Workloads {
		for _, p := range m.Ports {
			one := Scrape{Monitor: m, MonitorPort: p, Service: svc, Workload: w}
			if p.Name == "" {
				one.Port, one.Declared = w.Port(p.Number)
				out = append(out, one)
				continue
			}
			at := slices.IndexFunc(svc.Value.Spec.Ports, func(sp corev1.ServicePort) bool { return sp.Name == p.Name })
			if at < 0 {
				continue
			}
			one.Port, one.Declared = w.TargetPort(&svc.Value.Spec.Ports[at])
			out = append(out, one)
		}
	}
	return out
}

// TargetPort is the port of a workload's pods that a port of a Service leads to;
// 0 where it has a name that no container's port has. Declared reports whether
// a container lists it.
func (w *Workload) TargetPort(p *corev1.ServicePort) (port int32, declared bool) {
	target := p.TargetPort
	if target.Type == intstr.Int && target.IntVal == 0 || target.Type == intstr.String && target.StrVal == "" {
		target = intstr.FromInt32(p.Port)
	}
	return w.Port(&target)
}

// Port finds a port of a workload's containers by number or name.
func (w *Workload) Port(wanted *intstr.IntOrString) (port int32, declared bool) {
	if wanted == nil {
		return 0, false
	}
	for _, c := range w.Containers() {
		for _, p := range c.Ports {
			if wanted.Type == intstr.Int && p.ContainerPort == wanted.IntVal || wanted.Type == intstr.String && p.Name == wanted.StrVal && p.Name != "" {
				return p.ContainerPort, true
			}
		}
	}
	if wanted.Type == intstr.Int {
		return wanted.IntVal, false
	}
	return 0, false
}
