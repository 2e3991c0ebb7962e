// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// eachVolume is the check of a rule about volumes: source names the object that a
// volume is made of, and a volume counts where that object is in view and some
// container mounts it.
func eachVolume(k *model.Kind, source func(v *corev1.Volume) (name, field string)) check {
	return func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			volumes := of.Spec().Volumes
			for i := range volumes {
				name, field := source(&volumes[i])
				object := k.Ref(of.Ref.Namespace, name)
				if _, found := w.Object(object); !found || name == "" || !mounted(of, volumes[i].Name) {
					continue
				}
				f := emit(of.Object, of.SpecAt()+patch.Pointer("volumes", i)+field, "its pods mount %s, which is deployed with it", object)
				f.Related = append(f.Related, object)
			}
		}
	}
}

// mounted reports whether a container of a workload mounts a volume.
func mounted(of *model.Workload, volume string) bool {
	for _, c := range of.Containers() {
		if slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == volume }) {
			return true
		}
	}
	return false
}
