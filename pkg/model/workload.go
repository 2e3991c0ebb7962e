// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Ready counts the endpoints behind a Service or a part of it.
type Ready struct {
	// Ready endpoints take traffic; Total counts those that exist.
	Ready, Total int
	// Reason says why nothing is known; empty when the counts are.
	Reason string
}

// Unknown reports that the counts mean nothing.
func (r Ready) Unknown() bool { return r.Reason != "" }

// Backing counts the endpoints of a Service whose pods carry the given labels
// (nil for all). EndpointSlices say which endpoints serve; the labels come from
// the pods they point to. An endpoint without a pod counts only when no labels
// are asked for.
func (s *Snapshot) Backing(svc Item[corev1.Service], subset map[string]string) Ready {
	ns := svc.Ref.Namespace
	for _, k := range []*Kind{EndpointSlices.Kind, Pods.Kind} {
		if g, gap := s.Gap(k.GroupKind, ns); gap {
			return Ready{Reason: g.Reason}
		}
	}
	pods := map[string]map[string]string{}
	for _, p := range Pods.In(s, ns) {
		pods[p.Ref.Name] = p.Value.Labels
	}
	want := labels.SelectorFromSet(subset)
	seen := map[string]bool{}
	var out Ready
	for _, slice := range EndpointSlices.In(s, ns) {
		if slice.Value.Labels[discoveryv1.LabelServiceName] != svc.Ref.Name {
			continue
		}
		for _, ep := range slice.Value.Endpoints {
			id, carries := identify(ep, pods)
			if seen[id] || !want.Matches(labels.Set(carries)) {
				continue
			}
			seen[id] = true
			out.Total++
			if ep.Conditions.Ready == nil || *ep.Conditions.Ready {
				out.Ready++
			}
		}
	}
	return out
}

// identify gives an endpoint a key that is the same in the slices of both IP
// families, and the labels of its pod.
func identify(ep discoveryv1.Endpoint, pods map[string]map[string]string) (string, map[string]string) {
	if t := ep.TargetRef; t != nil && t.Kind == "Pod" {
		return t.Name, pods[t.Name]
	}
	if len(ep.Addresses) == 0 {
		return "", nil
	}
	return ep.Addresses[0], nil
}

// Selected returns the pods a Service selects; none for a Service without a selector.
func (s *Snapshot) Selected(svc Item[corev1.Service]) []Item[corev1.Pod] {
	if len(svc.Value.Spec.Selector) == 0 {
		return nil
	}
	want := labels.SelectorFromSet(svc.Value.Spec.Selector)
	return slices.DeleteFunc(Pods.In(s, svc.Ref.Namespace), func(p Item[corev1.Pod]) bool {
		return !want.Matches(labels.Set(p.Value.Labels))
	})
}

// InMesh reports whether a pod's traffic passes a proxy: it has a sidecar (as a
// container or a native sidecar) or ztunnel redirects it.
func InMesh(p *corev1.Pod) bool {
	return proxyIn(p.Spec.Containers) != nil || proxyIn(p.Spec.InitContainers) != nil || Ambient(p)
}

// Ambient reports whether ztunnel has taken a pod in (the annotation is set by istio-cni).
func Ambient(p *corev1.Pod) bool {
	return p.Annotations["ambient.istio.io/redirection"] == "enabled"
}
