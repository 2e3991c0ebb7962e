// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The labels that select.
const (
	labelName     = "app.kubernetes.io/name"
	labelInstance = "app.kubernetes.io/instance"
	labelPartOf   = "app.kubernetes.io/part-of"
)

// labels are those of every object of a service.
func (s *service) labels() map[string]string {
	return map[string]string{
		"app":                          s.name,
		"app.kubernetes.io/component":  s.Component,
		labelInstance:                  s.instance,
		"app.kubernetes.io/managed-by": "kubectl-micro",
		labelName:                      s.name,
		labelPartOf:                    s.of.Metadata.Name,
		"owner":                        s.of.Metadata.Owner,
	}
}

// versioned are the labels of a workload and its pods. The version is in both of
// the spellings that Istio reads, lest telemetry takes them for two services.
func (s *service) versioned() map[string]string {
	out := s.labels()
	out["version"], out["app.kubernetes.io/version"] = s.Version, s.Version
	return out
}

// podLabels are those of the pods. A mesh that cannot be told by the Namespace is
// told by the pods.
func (s *service) podLabels() map[string]string {
	out := s.versioned()
	if s.of.options.SkipClusterScoped {
		maps.Copy(out, map[string]map[string]string{
			meshSidecar: {"sidecar.istio.io/inject": "true"}, meshAmbient: {"istio.io/dataplane-mode": "ambient"},
		}[s.of.Platform.Mesh])
	}
	return out
}

// meta is the metadata of an object that has the name of its service, or of an
// edition of it.
func (s *service) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: s.instance, Namespace: s.of.Metadata.Namespace, Labels: s.labels()}
}

// selects are the labels by which other objects find the pods. They never hold
// the version, so that a canary's pods are found too, and there is one of them:
// linters that compare selectors with pods look for just that.
func (s *service) selects() map[string]string { return map[string]string{labelName: s.name} }

// owns are the labels by which the workload finds its pods; they can never be
// changed.
func (s *service) owns() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{labelName: s.name, labelInstance: s.instance}}
}
