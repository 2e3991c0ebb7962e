// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Peer is one end of a connection, as policies see it: a pod, the template that
// stands in for pods where none run, a range of addresses, or the node of the
// other end (which is where the kubelet's probes come from).
type Peer struct {
	// Workload is what the pod belongs to; nil for addresses and nodes.
	Workload *Workload
	// Pod is the live pod; its Value is nil where the template stands in.
	Pod Item[corev1.Pod]
	// Namespace, Labels, Annotations and Spec are those of the pod or template.
	Namespace   string
	Labels      labels.Set
	Annotations map[string]string
	Spec        *corev1.PodSpec
	// Block is the range of an address peer, of one address or more; invalid for pods.
	Block netip.Prefix
	// Node is true for the node that the other end runs on.
	Node bool
}

// IsPod reports whether the peer is a pod or a template.
func (p Peer) IsPod() bool { return p.Spec != nil }

// Account is the name of the ServiceAccount of a pod.
func (p Peer) Account() string {
	if p.Spec != nil && p.Spec.ServiceAccountName != "" {
		return p.Spec.ServiceAccountName
	}
	return "default"
}

// HostNetwork reports whether a pod uses its node's network.
func (p Peer) HostNetwork() bool { return p.Spec != nil && p.Spec.HostNetwork }

// Addresses are the IPs of a live pod; none of a template.
func (p Peer) Addresses() []netip.Addr {
	if p.Pod.Value == nil {
		return nil
	}
	var out []netip.Addr
	for _, ip := range p.Pod.Value.Status.PodIPs {
		if a, err := netip.ParseAddr(ip.IP); err == nil {
			out = append(out, a)
		}
	}
	if a, err := netip.ParseAddr(p.Pod.Value.Status.PodIP); err == nil && !slices.Contains(out, a) {
		out = append(out, a)
	}
	return out
}

// Peers returns the ends that a workload stands for: its live pods that have not
// ended, or its template where it has none.
func (w *Workload) Peers() []Peer {
	out := make([]Peer, 0, len(w.Pods))
	for _, p := range w.Pods {
		if !PodEnded(p.Value) {
			out = append(out, Peer{
				Workload: w, Pod: p, Namespace: p.Ref.Namespace,
				Labels: p.Value.Labels, Annotations: p.Value.Annotations, Spec: &p.Value.Spec,
			})
		}
	}
	if len(out) > 0 {
		return out
	}
	return []Peer{{
		Workload: w, Namespace: w.Ref.Namespace,
		Labels: w.Template.Labels, Annotations: w.Template.Annotations, Spec: &w.Template.Spec,
	}}
}

// Peers returns the ends of all workloads of a namespace (all if empty), in
// their order.
func (s *Snapshot) Peers(namespace string) []Peer {
	var out []Peer
	for _, w := range s.Workloads(namespace) {
		out = append(out, w.Peers()...)
	}
	return out
}
