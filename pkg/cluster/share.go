// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Sharer keeps one copy of what a controller and its pods have in common, which
// is nearly all of their pod specs: half of what a large cluster takes in memory.
// Objects of a Snapshot are never written to, so that they may share. It is safe
// for concurrent use.
type Sharer struct {
	// templates are by the controller's UID, pods by that of what controls them:
	// they have tolerations, for one, that their template lacks.
	templates, pods sync.Map // types.UID -> *corev1.PodSpec
}

// tokenVolume begins the name of the volume that admission adds to every pod,
// with another ending each time.
const tokenVolume = "kube-api-access-"

// share lets an object use the parts of earlier pod specs that are equal.
func (s *Sharer) share(item runtime.Object) {
	switch o := item.(type) {
	case *corev1.Pod:
		if owner := metav1.GetControllerOfNoCopy(o); owner != nil {
			dropToken(&o.Spec)
			unite(&o.Spec, &s.templates, owner.UID)
			join(&o.Spec, &s.pods, owner.UID)
		}
	case *appsv1.ReplicaSet:
		if owner := metav1.GetControllerOfNoCopy(o); owner != nil {
			unite(&o.Spec.Template.Spec, &s.templates, owner.UID)
		}
		join(&o.Spec.Template.Spec, &s.templates, o.UID)
	case *appsv1.Deployment:
		join(&o.Spec.Template.Spec, &s.templates, o.UID)
	case *appsv1.StatefulSet:
		join(&o.Spec.Template.Spec, &s.templates, o.UID)
	case *appsv1.DaemonSet:
		join(&o.Spec.Template.Spec, &s.templates, o.UID)
	}
}

// dropToken takes the volume of the service account's token out of a pod: nobody
// wrote it, and its name keeps pods apart.
func dropToken(spec *corev1.PodSpec) {
	spec.Volumes = pruned(spec.Volumes, func(v corev1.Volume) bool { return strings.HasPrefix(v.Name, tokenVolume) })
	for _, containers := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range containers {
			containers[i].VolumeMounts = pruned(containers[i].VolumeMounts, func(m corev1.VolumeMount) bool {
				return strings.HasPrefix(m.Name, tokenVolume)
			})
		}
	}
}

// pruned leaves nothing at all of a list that becomes empty, as in a template.
func pruned[T any](list []T, drop func(T) bool) []T {
	if list = slices.DeleteFunc(list, drop); len(list) == 0 {
		return nil
	}
	return list
}

// join is unite, and then has later specs share this one. From there on others
// read it.
func join(spec *corev1.PodSpec, seen *sync.Map, uid types.UID) {
	unite(spec, seen, uid)
	seen.LoadOrStore(uid, spec)
}

// unite gives a spec the parts of the one seen for a UID that are equal.
func unite(spec *corev1.PodSpec, seen *sync.Map, uid types.UID) {
	found, ok := seen.Load(uid)
	if !ok {
		return
	}
	first := found.(*corev1.PodSpec)
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
