// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"iter"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// Containers are those of the template with their JSON Pointers in the object,
// in the order in which they start: init containers first.
func (w *Workload) Containers() iter.Seq2[string, *corev1.Container] {
	return func(yield func(string, *corev1.Container) bool) {
		spec := w.Spec()
		for i := range spec.InitContainers {
			if !yield(w.SpecAt()+patch.Pointer("initContainers", i), &spec.InitContainers[i]) {
				return
			}
		}
		for i := range spec.Containers {
			if !yield(w.SpecAt()+patch.Pointer("containers", i), &spec.Containers[i]) {
				return
			}
		}
	}
}

// Container returns a container of the template and its JSON Pointer. Of a name
// that the template lacks (injection adds some to the pods) it is nil, and the
// pointer that of the pod spec.
func (w *Workload) Container(name string) (*corev1.Container, string) {
	for at, c := range w.Containers() {
		if c.Name == name {
			return c, at
		}
	}
	return nil, w.SpecAt()
}

// Sidecar reports whether an init container keeps running beside the others
// (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
func Sidecar(init *corev1.Container) bool {
	return init.RestartPolicy != nil && *init.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// Account is the name of the ServiceAccount that the pods run as.
func (w *Workload) Account() string {
	if name := w.Spec().ServiceAccountName; name != "" {
		return name
	}
	return "default"
}

// Editable reports whether a change of the template reaches the pods: not for a
// pod itself, nor for a Job that exists, both of which the API server refuses.
func (w *Workload) Editable() bool {
	return !w.Bare() && (w.Ref.Kind != Jobs.Kind.Kind || !w.Live())
}
