// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The words of health.
const (
	healthGRPC, healthTCP = "grpc", "tcp"
	healthExec            = "exec:"
	// startPeriod is how often a starting container is asked, in seconds.
	startPeriod = 2
)

// health completes what was said about health: paths that are in common use for
// HTTP, the health protocol for gRPC, connections for all else.
func (s *service) health() (live, ready string) {
	live, ready = s.Health.Live, s.Health.Ready
	if live == "" && ready == "" {
		m := s.main()
		switch {
		case m == nil:
			return "", ""
		case m.spoken == "http" || m.spoken == "http2":
			return "/livez", "/readyz"
		case m.spoken == "grpc":
			return healthGRPC, healthGRPC
		default:
			return healthTCP, healthTCP
		}
	}
	return cmp.Or(live, ready), cmp.Or(ready, live)
}

// startup is how long a container may take to start, in seconds.
func (s *service) startup() int32 { return cmp.Or(s.Health.StartupSeconds, 60) }

// probe sets the probes of a container. Being alive is asked in another way than
// being ready: where there is one way to ask only, it tells that the container is
// ready, and that it accepts connections tells that it lives.
func (s *service) probe(c *corev1.Container) {
	live, ready := s.health()
	if live == "" || !s.runs() {
		return
	}
	if (live == healthGRPC || ready == healthGRPC) && !s.of.has(grpcProbes) {
		live, ready = withoutGRPC(live), withoutGRPC(ready)
	}
	main := s.main()
	start := live
	if main != nil && live == ready {
		live = healthTCP
	}
	c.StartupProbe = &corev1.Probe{FailureThreshold: (s.startup() + startPeriod - 1) / startPeriod, PeriodSeconds: startPeriod, ProbeHandler: handler(start, main)}
	c.LivenessProbe = &corev1.Probe{FailureThreshold: 3, PeriodSeconds: 10, TimeoutSeconds: 2, ProbeHandler: handler(live, main)}
	if main != nil {
		if ready == healthTCP { // a program that listens lives, and the kubelet restarts one that ended
			c.LivenessProbe = nil
		}
		c.ReadinessProbe = &corev1.Probe{FailureThreshold: 3, PeriodSeconds: 5, TimeoutSeconds: 2, ProbeHandler: handler(ready, main)}
	}
}

// withoutGRPC is a way to ask that every kubelet knows.
func withoutGRPC(how string) string {
	if how == healthGRPC {
		return healthTCP
	}
	return how
}

func handler(how string, p *port) corev1.ProbeHandler {
	command, isExec := strings.CutPrefix(how, healthExec)
	switch {
	case isExec:
		return corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: strings.Fields(command)}}
	case how == healthGRPC:
		return corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: p.target}}
	case how == healthTCP:
		return corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromString(p.name)}}
	}
	get := &corev1.HTTPGetAction{Path: how, Port: intstr.FromString(p.name)}
	if p.spoken == "https" {
		get.Scheme = corev1.URISchemeHTTPS
	}
	return corev1.ProbeHandler{HTTPGet: get}
}
