// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"slices"
	"strings"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// FQDN resolves a host written in an Istio object of a namespace, exactly as
// Istio does (pilot/pkg/model/config.go ResolveShortnameToFQDN): a name without
// a dot is a Service of that namespace, any other name, "*" and an IP address
// are taken as they are. So "reviews.prod" is no Service: it stays
// "reviews.prod".
func (s *Snapshot) FQDN(host, namespace string) string {
	if strings.ContainsAny(host, ".*:") || host == "" {
		return strings.ToLower(host)
	}
	return s.views.hosts.get(false, spelling{host, namespace}, func() string {
		return strings.ToLower(host) + "." + namespace + ".svc." + s.ClusterDomain
	})
}

// spelling is a host as an object of a namespace has it.
type spelling struct{ host, namespace string }

// ServiceFQDN is the host name of a Service.
func (s *Snapshot) ServiceFQDN(namespace, name string) string {
	return name + "." + namespace + ".svc." + s.ClusterDomain
}

// ServiceName splits the FQDN of a Service; ok is false for other hosts.
func (s *Snapshot) ServiceName(fqdn string) (namespace, name string, ok bool) {
	rest, isService := strings.CutSuffix(fqdn, ".svc."+s.ClusterDomain)
	name, namespace, dotted := strings.Cut(rest, ".")
	if !isService || !dotted || strings.Contains(namespace, ".") {
		return "", "", false
	}
	return namespace, name, true
}

// Host is what a host name stands for.
type Host struct {
	// FQDN is the resolved name.
	FQDN string
	// Service is set when the name is a Service of the Snapshot.
	Service *Item[corev1.Service]
	// Entry is set when a ServiceEntry visible to the namespace declares the name.
	Entry *Item[istionetv1.ServiceEntry]
	// Problem says why the name stands for nothing, with the right spelling if
	// that can be known; empty when it stands for something or may do so.
	Problem string
}

// Known reports whether the host was found.
func (h Host) Known() bool { return h.Service != nil || h.Entry != nil }

// Resolve finds what a host in an object of a namespace stands for.
func (s *Snapshot) Resolve(host, namespace string) Host {
	h := Host{FQDN: s.FQDN(host, namespace)}
	if ns, name, ok := s.ServiceName(h.FQDN); ok {
		if svc, found := Services.Get(s, ns, name); found {
			if !Exported(serviceScope(svc.Value), ns, namespace) {
				h.Problem = fmt.Sprintf("%s is not exported to namespace %s (annotation %s)", svc.Ref, namespace, exportToAnnotation)
				return h
			}
			h.Service = &svc
			return h
		}
	}
	for _, e := range ServiceEntries.In(s, "") {
		visible := Exported(e.Value.Spec.ExportTo, e.Ref.Namespace, namespace)
		if visible && slices.ContainsFunc(e.Value.Spec.Hosts, func(p string) bool { return Covers(p, h.FQDN) }) {
			h.Entry = &e
			return h
		}
	}
	h.Problem = s.misspelt(host, namespace)
	return h
}

// exportToAnnotation limits which namespaces see a Service; Istio's API has no
// field for it.
const exportToAnnotation = "networking.istio.io/exportTo"

// serviceScope is the exportTo list of a Service.
func serviceScope(svc *corev1.Service) []string {
	var scope []string
	for e := range strings.SplitSeq(svc.Annotations[exportToAnnotation], ",") {
		if e = strings.TrimSpace(e); e != "" {
			scope = append(scope, e)
		}
	}
	return scope
}

// misspelt explains a host that resolves to nothing. It is silent where objects
// that could not be read may hold the answer.
func (s *Snapshot) misspelt(host, namespace string) string {
	if ns, name, ok := s.DottedService(host); ok {
		return fmt.Sprintf("Istio takes a name with a dot as it is: write %s", s.ServiceFQDN(ns, name))
	}
	if _, gap := s.Gap(Services.GroupKind, namespace); gap || s.Partial || strings.Contains(host, "*") {
		return ""
	}
	if strings.Contains(host, ".") && !strings.HasSuffix(host, ".svc."+s.ClusterDomain) {
		return "no ServiceEntry declares it"
	}
	return "no Service has this name"
}

// DottedService recognises "name.namespace" and "name.namespace.svc" of an
// existing Service: fine for DNS, not for Istio.
func (s *Snapshot) DottedService(host string) (namespace, name string, ok bool) {
	parts := strings.Split(strings.TrimSuffix(host, ".svc"), ".")
	if len(parts) != 2 {
		return "", "", false
	}
	_, found := Services.Get(s, parts[1], parts[0])
	return parts[1], parts[0], found
}

// GatewayRef resolves the name of a Gateway in an Istio object of a namespace:
// "name", "namespace/name", "./name", or the DNS-like form of old,
// "name.namespace.svc.cluster.local" (pilot/pkg/model/virtualservice.go
// resolveGatewayName). The word "mesh" is no name: leave it out before.
func GatewayRef(name, namespace string) ref.Ref {
	if ns, short, scoped := strings.Cut(name, "/"); scoped {
		name = short
		if ns != "." {
			namespace = ns
		}
	} else if parts := strings.Split(name, "."); len(parts) > 1 {
		name, namespace = parts[0], parts[1]
	}
	return IstioGateways.Ref(namespace, name)
}

// Covers reports whether an Istio host pattern ("*", "*.example.com" or a
// name) covers a host.
func Covers(pattern, host string) bool {
	if suffix, wild := strings.CutPrefix(pattern, "*"); wild {
		return strings.HasSuffix(host, suffix)
	}
	return strings.EqualFold(pattern, host)
}

// Exported reports whether an Istio object of a namespace, with this exportTo
// list, is visible to clients of another namespace. An empty list is "*", the
// default of the mesh.
func Exported(exportTo []string, from, to string) bool {
	if len(exportTo) == 0 {
		return true
	}
	return slices.ContainsFunc(exportTo, func(e string) bool {
		return e == "*" || e == to || (e == "." && from == to)
	})
}
