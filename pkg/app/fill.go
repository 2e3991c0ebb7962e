// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// The words of the app file.
const (
	kindService, kindWorker, kindJob, kindCronJob, kindStateful = "service", "worker", "job", "cronjob", "stateful"
	profileDev, profileStandard, profileHardened                = "dev", "standard", "hardened"
	meshNone, meshSidecar, meshAmbient                          = "none", "sidecar", "ambient"
	edgeGateway, edgeIngress, edgeIstio                         = "gateway", "ingress", "istio"
)

// system is a System with all that it leaves out filled in.
type system struct {
	api.System
	options        Options
	gatewayNS      string
	gateway        string
	gatewayAccount string
	// services are by name, in order.
	services []*service
	// outside are external and backing, by name.
	outside  []outside
	warnings []Warning
	adopted  []string
}

// service is one of its services.
type service struct {
	api.SystemService
	of   *system
	name string
	// instance is the name of its workload: name, but for an edition.
	instance string
	at       string // JSON Pointer
	ports    []port // by name
	calls    []call
	// callers are the services that call this one, by port.
	callers []call
	// told are the variables that say where the callees are.
	told map[string]string
}

// port is a port of a service, its pods and what is spoken on it.
type port struct {
	name           string
	number, target int32
	protocol       corev1.Protocol
	spoken         string
}

// call is one edge of the graph.
type call struct {
	from, to *service
	port     port
}

// fill completes a system that was checked.
func fill(s api.System, o Options) *system {
	y := &system{System: s, options: o}
	m, p := &y.Metadata, &y.Platform
	m.Namespace, m.Owner = cmp.Or(m.Namespace, m.Name), cmp.Or(m.Owner, m.Name)
	y.Profile = cmp.Or(y.Profile, profileStandard)
	p.Mesh, p.TrustDomain = cmp.Or(p.Mesh, meshNone), cmp.Or(p.TrustDomain, "cluster.local")
	p.Ingress.API, p.Ingress.Class = cmp.Or(p.Ingress.API, edgeGateway), cmp.Or(p.Ingress.Class, "istio")
	p.Monitoring.Namespace = cmp.Or(p.Monitoring.Namespace, "monitoring")
	y.gatewayNS, y.gateway, _ = strings.Cut(cmp.Or(p.Ingress.Gateway, gateways[p.Ingress.API]), "/")
	y.gatewayAccount = cmp.Or(p.Ingress.ServiceAccount, y.gateway+"-istio")
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		y.services = append(y.services, y.fillService(name, s.Services[name]))
	}
	y.connect()
	y.advise()
	return y
}

var components = map[string]string{kindService: "api", kindWorker: "worker", kindJob: "job", kindCronJob: "job", kindStateful: "store"}

func (y *system) fillService(name string, s api.SystemService) *service {
	out := &service{SystemService: s, of: y, name: name, instance: name, at: patch.Join("/services", name), told: map[string]string{}}
	out.Kind = cmp.Or(s.Kind, kindService)
	out.Version, out.Component = cmp.Or(s.Version, "v1"), cmp.Or(s.Component, components[out.Kind])
	out.Image = y.image(s.Image)
	out.Resources.CPU = cmp.Or(s.Resources.CPU, y.Defaults.Resources.CPU, defaultCPU)
	out.Resources.CPULimit = cmp.Or(s.Resources.CPULimit, y.Defaults.Resources.CPULimit)
	out.Resources.Memory = cmp.Or(s.Resources.Memory, y.Defaults.Resources.Memory, "128Mi")
	if out.Replicas == nil {
		out.Replicas = y.Defaults.Replicas
	}
	if out.Replicas == nil {
		n := int32(3)
		if y.Profile == profileDev {
			n = 1
		}
		out.Replicas = &n
	}
	if len(s.WritablePaths) == 0 {
		out.WritablePaths = []string{"/tmp"}
	}
	for _, portName := range slices.Sorted(maps.Keys(s.Ports)) {
		out.ports = append(out.ports, portOf(portName, s.Ports[portName]))
	}
	return out
}

// portOf completes a port.
func portOf(name string, p api.SystemPort) port {
	out := port{name: name, number: p.Port, target: cmp.Or(p.Target, p.Port), protocol: corev1.Protocol(cmp.Or(p.Protocol, "TCP")), spoken: p.AppProtocol}
	if out.spoken == "" && out.protocol == corev1.ProtocolTCP {
		out.spoken = spoken(name)
	}
	return out
}

// appProtocols are what Istio and the Gateway API know by these names.
var appProtocols = []string{"http", "http2", "grpc", "grpc-web", "https", "tls", "tcp", "mongo", "redis", "mysql", "kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"}

// opaque are first words of names of ports on which neither HTTP nor TLS is spoken.
var opaque = []string{"amqp", "kafka", "memcached", "nats", "postgres", "postgresql", "zookeeper"}

// spoken tells by the name of a port what is spoken on it, as Istio does; the
// names that say nothing are taken for HTTP.
func spoken(name string) string {
	first, _, _ := strings.Cut(name, "-")
	switch {
	case slices.Contains(appProtocols, name):
		return name
	case slices.Contains(appProtocols, first):
		return first
	case slices.Contains(opaque, first):
		return "tcp"
	}
	return "http"
}

// isMetrics reports whether a port is the one that Prometheus reads.
func (p port) isMetrics() bool {
	return p.name == "metrics" || p.name == "http-metrics"
}

// main is the port that callers mean when they name none; nil without one.
func (s *service) main() *port {
	return mainPort(s.ports)
}

func mainPort(ports []port) *port {
	var out *port
	for i := range ports {
		p := &ports[i]
		if p.name == "http" {
			return p
		}
		if out == nil && !p.isMetrics() {
			out = p
		}
	}
	return out
}

// metrics is the port that Prometheus reads; nil without one.
func (s *service) metrics() *port {
	for i := range s.ports {
		if p := &s.ports[i]; p.name == s.Metrics.Port || s.Metrics.Port == "" && p.isMetrics() {
			return p
		}
	}
	return nil
}

// metricsPath is what it reads there.
func (s *service) metricsPath() string { return cmp.Or(s.Metrics.Path, "/metrics") }

// floor is the least number of pods there will be, of all editions.
func (s *service) floor() int32 {
	least := int32(0)
	for _, e := range s.editions() {
		if s.Scale != nil {
			least += s.Scale.Min
		} else {
			least += *e.Replicas
		}
	}
	return least
}

func (s *service) dev() bool      { return s.of.Profile == profileDev }
func (s *service) hardened() bool { return s.of.Profile == profileHardened }

// runs reports whether the pods are to run for ever.
func (s *service) runs() bool { return s.Kind != kindJob && s.Kind != kindCronJob }
