// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Dataplane is what of Istio stands between a pod and the network.
type Dataplane int

// The answers. DataplaneUnknown is one: of files that do not hold the
// Namespace, nobody can say what its labels are.
const (
	DataplaneUnknown Dataplane = iota
	NoProxy
	SidecarProxy
	AmbientProxy
)

// String returns "unknown", "none", "sidecar" or "ambient".
func (d Dataplane) String() string {
	switch d {
	case NoProxy:
		return "none"
	case SidecarProxy:
		return "sidecar"
	case AmbientProxy:
		return "ambient"
	}
	return "unknown"
}

// The labels and annotations that decide who joins the mesh
// (https://istio.io/latest/docs/reference/config/labels/ and annotations/).
const (
	injectKey        = "sidecar.istio.io/inject"
	injectionKey     = "istio-injection"
	revisionKey      = "istio.io/rev"
	dataplaneModeKey = "istio.io/dataplane-mode"
)

// Dataplane tells what stands between a peer and the network, and why it says
// so in a few words. A live pod shows it. Of a template the labels tell that
// injection goes by: those of the pod before those of the namespace. Addresses
// and nodes have no proxy.
func (s *Snapshot) Dataplane(p Peer) (Dataplane, string) {
	switch {
	case !p.IsPod():
		return NoProxy, "not a pod"
	case p.HostNetwork():
		return NoProxy, "it uses the network of its node"
	case p.Pod.Value != nil:
		return liveDataplane(p.Pod.Value)
	case hasProxy(p.Spec):
		return SidecarProxy, "container istio-proxy in the template"
	}
	return s.plannedDataplane(p)
}

func liveDataplane(p *corev1.Pod) (Dataplane, string) {
	switch {
	case hasProxy(&p.Spec):
		return SidecarProxy, "container istio-proxy"
	case Ambient(p):
		return AmbientProxy, "ztunnel redirects it"
	}
	return NoProxy, "no container istio-proxy and no redirection to ztunnel"
}

func hasProxy(spec *corev1.PodSpec) bool {
	init := proxyIn(spec.InitContainers)
	return proxyIn(spec.Containers) != nil || init != nil && Sidecar(init)
}

// proxyIn finds Istio's proxy among containers; nil if it is not there.
func proxyIn(containers []corev1.Container) *corev1.Container {
	for i := range containers {
		if containers[i].Name == "istio-proxy" {
			return &containers[i]
		}
	}
	return nil
}

// plannedDataplane follows the webhook's order: a pod's own word, then its
// namespace's (pkg/kube/inject/inject.go injectRequired). A pod in ambient mode
// is one that no sidecar is injected into (cni/pkg/util/podutil.go
// PodRedirectionEnabled).
func (s *Snapshot) plannedDataplane(p Peer) (Dataplane, string) {
	wish := p.Labels[injectKey]
	if wish == "" {
		wish = p.Annotations[injectKey]
	}
	mode := p.Labels[dataplaneModeKey]
	ns, found := Namespaces.Get(s, "", p.Namespace)
	switch {
	case wish == "true":
		return SidecarProxy, injectKey + "=true"
	case mode == "ambient" && (wish == "false" || found && !injects(ns.Value.Labels)):
		return AmbientProxy, dataplaneModeKey + "=ambient"
	case !found && mode == "none" && wish == "false":
		return NoProxy, injectKey + "=false"
	case !found:
		return DataplaneUnknown, fmt.Sprintf("Namespace %s %s", p.Namespace, s.Absence(Namespaces.Kind, ""))
	case wish != "false" && (injects(ns.Value.Labels) || p.Labels[revisionKey] != "" && ns.Value.Labels[injectionKey] == ""):
		return SidecarProxy, "injection by the labels of namespace " + p.Namespace
	case mode != "none" && ns.Value.Labels[dataplaneModeKey] == "ambient":
		return AmbientProxy, "namespace " + p.Namespace + " is in ambient mode"
	case wish == "false":
		return NoProxy, injectKey + "=false"
	}
	return NoProxy, "namespace " + p.Namespace + " is not in the mesh"
}

// injects reports whether sidecars are injected into the pods of a namespace.
func injects(namespace map[string]string) bool {
	switch namespace[injectionKey] {
	case "enabled":
		return true
	case "":
		return namespace[revisionKey] != "" && namespace[dataplaneModeKey] != "ambient"
	}
	return false
}
