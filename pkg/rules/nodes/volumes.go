// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package nodes

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// claim is a PersistentVolumeClaim of a World.
type claim = model.Item[corev1.PersistentVolumeClaim]

// className is the StorageClass that a claim names; given is false where it
// names none, which is not the same as the empty name.
func className(meta *metav1.ObjectMeta, spec *corev1.PersistentVolumeClaimSpec) (name string, given bool) {
	if spec.StorageClassName != nil {
		return *spec.StorageClassName, true
	}
	name, given = meta.Annotations[corev1.BetaStorageClassAnnotation]
	return name, given
}

// fitting finds a free PersistentVolume that a claim could have. Where there is
// none, why says of the nearest one what is wrong with it.
func fitting(w *rules.World, c claim, class string) (why string, found bool) {
	spec := &c.Value.Spec
	why = "no PersistentVolume of its class is free"
	for _, pv := range model.PersistentVolumes.In(w.Snapshot, "") {
		v := pv.Value
		if v.Spec.StorageClassName != class || !free(v, c) {
			continue
		}
		asked, has := spec.Resources.Requests[corev1.ResourceStorage], v.Spec.Capacity[corev1.ResourceStorage]
		selector, err := metav1.LabelSelectorAsSelector(spec.Selector)
		switch {
		case spec.VolumeName != "" && spec.VolumeName != pv.Ref.Name:
		case has.Cmp(asked) < 0:
			why = fmt.Sprintf("%s has %s, the claim asks for %s", pv.Ref, has.String(), asked.String())
		case slices.ContainsFunc(spec.AccessModes, func(m corev1.PersistentVolumeAccessMode) bool { return !slices.Contains(v.Spec.AccessModes, m) }):
			why = fmt.Sprintf("%s allows %v, the claim asks for %v", pv.Ref, v.Spec.AccessModes, spec.AccessModes)
		case mode(v.Spec.VolumeMode) != mode(spec.VolumeMode):
			why = fmt.Sprintf("%s is of mode %s, the claim asks for %s", pv.Ref, mode(v.Spec.VolumeMode), mode(spec.VolumeMode))
		case spec.Selector != nil && (err != nil || !selector.Matches(labels.Set(v.Labels))):
			why = fmt.Sprintf("the selector of the claim does not match %s", pv.Ref)
		default:
			return "", true
		}
	}
	return why, false
}

// free reports whether a volume may be bound to a claim.
func free(v *corev1.PersistentVolume, c claim) bool {
	if of := v.Spec.ClaimRef; of != nil {
		return of.Namespace == c.Ref.Namespace && of.Name == c.Ref.Name && v.Status.Phase != corev1.VolumeReleased
	}
	return v.DeletionTimestamp == nil && (v.Status.Phase == "" || v.Status.Phase == corev1.VolumeAvailable)
}

func mode(m *corev1.PersistentVolumeMode) corev1.PersistentVolumeMode {
	if m == nil {
		return corev1.PersistentVolumeFilesystem
	}
	return *m
}

// claimName is a claim by its namespace and name.
type claimName struct{ namespace, name string }

// users are the workloads that mount each claim, by their templates and their
// pods.
func users(w *rules.World) map[claimName][]*model.Workload {
	out := map[claimName][]*model.Workload{}
	add := func(of *model.Workload, name string) {
		key := claimName{of.Ref.Namespace, name}
		if before := out[key]; len(before) == 0 || before[len(before)-1] != of {
			out[key] = append(out[key], of)
		}
	}
	collect := func(of *model.Workload, pod string, volumes []corev1.Volume) {
		for _, v := range volumes {
			switch {
			case v.PersistentVolumeClaim != nil:
				add(of, v.PersistentVolumeClaim.ClaimName)
			case v.Ephemeral != nil && pod != "":
				add(of, pod+"-"+v.Name)
			}
		}
	}
	for _, of := range w.Workloads("") {
		collect(of, "", of.Spec().Volumes)
		for _, p := range of.Pods {
			collect(of, p.Ref.Name, p.Value.Spec.Volumes)
		}
	}
	return out
}
