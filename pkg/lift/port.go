// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

func isMetrics(name string) bool { return name == "metrics" || name == "http-metrics" }

// called reports whether there is a port that callers use.
func (s *service) called() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(s.Ports)), func(name string) bool { return !isMetrics(name) })
}

// mainPort is the name of the port that callers mean when they name none, as
// pkg/app has it: http, or the first by name that is not for metrics.
func mainPort(ports map[string]api.SystemPort) string {
	names := slices.Sorted(maps.Keys(ports))
	if slices.Contains(names, "http") {
		return "http"
	}
	for _, n := range names {
		if !isMetrics(n) {
			return n
		}
	}
	return ""
}

// ports are those of the Service in front; without one those of the container that
// something else needs.
func (s *service) ports() {
	s.Ports = map[string]api.SystemPort{}
	if s.front == nil {
		s.ownPorts()
		return
	}
	spec := s.front.Value.Spec
	for i, p := range spec.Ports {
		target, name := s.target(p)
		if p.Name != "" {
			name = p.Name
		}
		if _, taken := s.Ports[name]; taken || name == "" {
			name = fmt.Sprintf("tcp-%d", p.Port)
		}
		if target == 0 {
			s.note(s.name, "Service/"+s.front.Ref.Name, fmt.Sprintf("ports[%d].targetPort", i), "no container has a port %s: its own number is taken", p.TargetPort.String())
		}
		one := api.SystemPort{Port: p.Port}
		if target != 0 && target != p.Port {
			one.Target = target
		}
		if p.Protocol != "" && p.Protocol != corev1.ProtocolTCP {
			one.Protocol = string(p.Protocol)
		}
		if a := p.AppProtocol; a != nil && !told(name, *a) {
			one.AppProtocol = *a
		}
		s.Ports[name] = one
	}
	if t := spec.Type; t == corev1.ServiceTypeNodePort || t == corev1.ServiceTypeLoadBalancer {
		s.ServiceType = string(t)
	} else if s.Kind != "stateful" {
		s.Headless = spec.ClusterIP == corev1.ClusterIPNone
	} else if spec.ClusterIP != corev1.ClusterIPNone {
		s.ServiceType = "ClusterIP"
	}
}

// told reports whether the name of a port tells what is spoken on it.
func told(name, spoken string) bool {
	first, _, _ := strings.Cut(name, "-")
	return name == spoken || first == spoken
}

// target is the number of a port of the pods, and what to call the port where the
// Service does not: by its container's name, else by whether it is asked by HTTP.
func (s *service) target(p corev1.ServicePort) (number int32, name string) {
	number = p.TargetPort.IntVal
	if p.TargetPort == (intstr.IntOrString{}) {
		number = p.Port
	}
	for _, c := range s.main.Ports {
		if p.TargetPort.Type == intstr.String && c.Name == p.TargetPort.StrVal || p.TargetPort.Type == intstr.Int && c.ContainerPort == number {
			number, name = c.ContainerPort, c.Name
		}
	}
	if name != "" {
		return number, name
	}
	for _, probe := range s.probes() {
		if get := probe.HTTPGet; get != nil && s.number(get.Port) == number {
			return number, "http"
		}
	}
	if slices.Contains([]int32{80, 8080}, p.Port) {
		return number, "http"
	}
	return number, "tcp"
}

// ownPorts are what Prometheus reads, and what health is asked on.
func (s *service) ownPorts() {
	probed := slices.ContainsFunc(s.probes(), func(p *corev1.Probe) bool { return p.Exec == nil })
	for _, p := range s.main.Ports {
		name := cmp.Or(p.Name, fmt.Sprintf("tcp-%d", p.ContainerPort))
		if isMetrics(name) || probed && kinds[s.first().Ref.Kind][0] != "job" {
			s.Ports[name] = api.SystemPort{Port: p.ContainerPort}
			continue
		}
		s.left("ports "+name, "no Service leads to it")
	}
}

// number is a port of the container.
func (s *service) number(p intstr.IntOrString) int32 {
	for _, c := range s.main.Ports {
		if p.Type == intstr.String && c.Name == p.StrVal {
			return c.ContainerPort
		}
	}
	return p.IntVal
}

func (s *service) probes() []*corev1.Probe {
	return slices.DeleteFunc([]*corev1.Probe{s.main.ReadinessProbe, s.main.LivenessProbe, s.main.StartupProbe}, func(p *corev1.Probe) bool { return p == nil })
}

// health is how the probes ask. A service that nobody asked is asked for
// connections only: paths would be guessed.
func (s *service) health() {
	if s.Kind == "job" || s.Kind == "cronjob" {
		return
	}
	live, ready := s.way("livenessProbe", s.main.LivenessProbe), s.way("readinessProbe", s.main.ReadinessProbe)
	start := s.way("startupProbe", s.main.StartupProbe)
	if live == "tcp" && ready != "" && start == ready { // one way to ask, for both
		live = ready
	}
	if live == "" && ready == "" {
		live = start
	}
	if live == "" && ready == "" && mainPort(s.Ports) != "" {
		ready = "tcp"
	}
	if live == ready {
		ready = ""
	}
	s.Health = api.Health{Live: live, Ready: ready}
	if p := s.main.StartupProbe; p != nil {
		seconds := min(p.InitialDelaySeconds+cmp.Or(p.FailureThreshold, 3)*cmp.Or(p.PeriodSeconds, 10), 3600)
		if seconds != 60 {
			s.Health.StartupSeconds = seconds
		}
	} else if p := s.main.LivenessProbe; p != nil && p.InitialDelaySeconds > 60 {
		s.Health.StartupSeconds = min(p.InitialDelaySeconds, 3600)
	}
}

// way is how a probe asks, in the words of an app file.
func (s *service) way(field string, p *corev1.Probe) string {
	var number int32
	var out string
	switch {
	case p == nil:
		return ""
	case p.Exec != nil:
		for _, word := range p.Exec.Command {
			if word == "" || strings.ContainsAny(word, " \t\n") {
				s.left(field, "a command of an app file has no words with blanks: put it into a script of the image")
				return ""
			}
		}
		return "exec:" + strings.Join(p.Exec.Command, " ")
	case p.GRPC != nil:
		number, out = p.GRPC.Port, "grpc"
	case p.TCPSocket != nil:
		number, out = s.number(p.TCPSocket.Port), "tcp"
	case p.HTTPGet != nil:
		number, out = s.number(p.HTTPGet.Port), cmp.Or(p.HTTPGet.Path, "/")
		if len(p.HTTPGet.HTTPHeaders) > 0 {
			s.left(field, "it is asked without headers")
		}
	default:
		return ""
	}
	m := s.Ports[mainPort(s.Ports)]
	if asked := cmp.Or(m.Target, m.Port); number != asked {
		s.left(field, "health is asked on the main port, %d, and not on %d", asked, number)
		return ""
	}
	return out
}
