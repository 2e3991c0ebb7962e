// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// WholeConfigMaps are the names of the ConfigMaps that a pod takes as a whole, as files
// or as variables, sorted.
func WholeConfigMaps(spec *corev1.PodSpec) []string {
	var out []string
	take := func(m *corev1.LocalObjectReference) { out = append(out, m.Name) }
	for _, v := range spec.Volumes {
		if v.ConfigMap != nil {
			take(&v.ConfigMap.LocalObjectReference)
		}
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.ConfigMap != nil {
				take(&s.ConfigMap.LocalObjectReference)
			}
		}
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, e := range c.EnvFrom {
			if e.ConfigMapRef != nil {
				take(&e.ConfigMapRef.LocalObjectReference)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TakenConfigMaps are those, and the ones that a pod takes single values from.
func TakenConfigMaps(spec *corev1.PodSpec) []string {
	out := WholeConfigMaps(spec)
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil {
				out = append(out, e.ValueFrom.ConfigMapKeyRef.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
