// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// sharer keeps one copy of what the pods of one controller have in common,
// which is nearly all of their specs: half of what a large cluster takes in
// memory. Objects of a Snapshot are never written to, so that they may share.
type sharer map[types.UID]*corev1.PodSpec

// tokenVolume begins the name of the volume that admission adds to every pod,
// with another ending each time.
const tokenVolume = "kube-api-access-"

// share lets a pod use the parts of an earlier one that are equal. The volume of
// the service account's token goes: nobody wrote it, and its name keeps pods apart.
func (s sharer) share(item runtime.Object) {
	pod, ok := item.(*corev1.Pod)
	if !ok {
		return
	}
	owner := metav1.GetControllerOf(pod)
	if owner == nil {
		return
	}
	spec := &pod.Spec
	spec.Volumes = slices.DeleteFunc(spec.Volumes, func(v corev1.Volume) bool { return strings.HasPrefix(v.Name, tokenVolume) })
	for _, containers := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range containers {
			containers[i].VolumeMounts = slices.DeleteFunc(containers[i].VolumeMounts, func(m corev1.VolumeMount) bool {
				return strings.HasPrefix(m.Name, tokenVolume)
			})
		}
	}
	first := s[owner.UID]
	if first == nil {
		s[owner.UID] = spec
		return
	}
	alike(&spec.Containers, first.Containers)
	alike(&spec.InitContainers, first.InitContainers)
	alike(&spec.Volumes, first.Volumes)
	alike(&spec.Tolerations, first.Tolerations)
	alike(&spec.TopologySpreadConstraints, first.TopologySpreadConstraints)
	if reflect.DeepEqual(spec.Affinity, first.Affinity) {
		spec.Affinity = first.Affinity
	}
	if reflect.DeepEqual(spec.NodeSelector, first.NodeSelector) {
		spec.NodeSelector = first.NodeSelector
	}
}

func alike[T any](mine *[]T, first []T) {
	if reflect.DeepEqual(*mine, first) {
		*mine = first
	}
}
