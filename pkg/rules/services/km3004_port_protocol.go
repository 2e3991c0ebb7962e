// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3004", Slug: "port-protocol", Severity: finding.Warning,
	Short: "Port of a Service in the mesh does not say its protocol",
	Why: `Istio takes the protocol of a port from appProtocol, else from the name of the port up to the
first dash: http, http2, https, grpc, grpc-web, tcp, tls, mongo, mysql, redis. Without either it
looks at the first bytes of each connection. That costs time, fails for protocols in which the server
speaks first, and makes gateways talk HTTP/1.1 to servers of HTTP/2.

An unnamed port also has no name that a ServiceMonitor or an Ingress could use.

Services outside the mesh are not looked at.`,
	Fix: `Name the port after its protocol (http, http-web, grpc), or leave the name and set
appProtocol.`,
	Reference: "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/",
	Aliases:   []string{"IST0118", "KIA0601", "KIA0602"},
	Needs:     meshKinds,
	Check:     checkProtocols,
	Repair:    repairProtocol,
})

// protocols are those that a port may declare.
var protocols = []string{
	"http", "http2", "https", "grpc", "grpc-web", "tcp", "tls", "mongo", "mysql", "redis", "udp", "http_proxy", "hbone",
	"kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss",
}

// plain are ports that Istio takes for TCP when nothing is declared, since the
// server speaks first: SMTP, DNS, MySQL, MongoDB.
var plain = []int32{25, 53, 3306, 27017}

// protocolAt finds a port that says no protocol: the field that should say it,
// as a JSON Pointer, and the unknown word that is there, if any.
func protocolAt(i int, p *corev1.ServicePort) (at, word string, missing bool) {
	at = patch.Pointer("spec", "ports", i)
	switch {
	case protocolOf(p.Protocol) != corev1.ProtocolTCP, slices.Contains(injected, p.Port):
		return "", "", false
	case p.AppProtocol != nil:
		at, word = patch.Join(at, "appProtocol"), *p.AppProtocol
	case p.Name != "":
		at, word = patch.Join(at, "name"), p.Name
	}
	if slices.Contains(plain, p.Port) || known(word) {
		return "", "", false
	}
	return at, word, true
}

// known reports whether a name or an appProtocol says a protocol.
func known(word string) bool {
	word = strings.ToLower(word)
	prefix, _, _ := strings.Cut(word, "-")
	return slices.Contains(protocols, word) || slices.Contains(protocols, prefix)
}

func checkProtocols(w *rules.World, emit rules.Emit) {
	m := newMesh(w)
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if !declares(w, svc) {
			continue
		}
		confidence, covered := m.covers(svc)
		if !covered {
			continue
		}
		for i := range svc.Value.Spec.Ports {
			p := &svc.Value.Spec.Ports[i]
			at, word, missing := protocolAt(i, p)
			if !missing {
				continue
			}
			f := emit(svc.Object, at, "port %d has no name and no appProtocol that would tell Istio its protocol", p.Port)
			if word != "" {
				_, field := patch.Split(at)
				f.Message = fmt.Sprintf("port %d has the %s %q, from which Istio cannot tell its protocol", p.Port, field, word)
				if _, written := spelling(word); written != "" {
					f.Hint = "did you mean " + written + "?"
				}
			}
			f.Confidence = confidence
			f.Related = model.Refs(selected(w, svc).Workloads)
		}
	}
}

// declares reports whether a Service's ports should say their protocols. Those
// of Kubernetes and of Istio itself are left to their authors.
func declares(w *rules.World, svc service) bool {
	ns := svc.Ref.Namespace
	return !system(ns) && ns != w.RootNamespace && svc.Value.DeletionTimestamp == nil && svc.Value.Spec.Type != corev1.ServiceTypeExternalName
}

// spelling tells what a word that is nearly a protocol means, and how to write
// it: "http8080" is http, written http-8080.
func spelling(word string) (protocol, written string) {
	lower := strings.ToLower(word)
	for _, p := range protocols {
		if strings.HasPrefix(lower, p) && len(p) > len(protocol) {
			protocol = p
		}
	}
	if rest := strings.TrimLeft(lower[len(protocol):], "_.-"); protocol != "" && rest != "" {
		return protocol, protocol + "-" + rest
	}
	if near := ref.Closest(lower, protocols); protocol == "" && len(near) > 0 && len(near[0]) <= len(lower) {
		return near[0], near[0]
	}
	return "", ""
}

// guess is the protocol that is meant by a port's name or usually stands behind
// its number, and whether it is usual enough to write it down without asking.
func guess(p *corev1.ServicePort, word string) (string, bool) {
	if meant, _ := spelling(word); meant != "" {
		return meant, false
	}
	for _, port := range []int32{p.Port, p.TargetPort.IntVal} {
		switch port {
		case 80, 8080, 8000, 3000, 5000:
			return "http", true
		case 443, 8443:
			return "https", true
		}
	}
	return "tcp", false
}

// repairProtocol names a port that has no name. A name that is there may be in
// use (Ingress, ServiceMonitor, targetPort of others), so that appProtocol says
// the protocol then.
func repairProtocol(_ *rules.World, r rules.Result) []rules.Fix {
	svc, ok := model.Services.Of(r.On)
	if !ok {
		return nil
	}
	ports := svc.Value.Spec.Ports
	i, ok := portIndex(r.Pointer)
	if !ok || i >= len(ports) {
		return nil
	}
	p := &ports[i]
	_, word, _ := protocolAt(i, p)
	protocol, usual := guess(p, word)
	risk := rules.Review
	if usual && len(ports) == 1 {
		risk = rules.Safe
	}
	field, value := "appProtocol", protocol
	if p.Name == "" && p.AppProtocol == nil {
		field = "name"
		if slices.ContainsFunc(ports, func(o corev1.ServicePort) bool { return o.Name == protocol }) {
			value = fmt.Sprintf("%s-%d", protocol, p.Port)
		}
	}
	op := patch.Op{Op: patch.Add, Path: patch.Pointer("spec", "ports", i, field), Value: value}
	if field == "appProtocol" && p.AppProtocol != nil {
		op.Op, risk = patch.Replace, rules.Review
	}
	return []rules.Fix{rules.Change(risk, fmt.Sprintf("say that port %d is %s (%s: %s)", p.Port, protocol, field, value), r.On, op)}
}
