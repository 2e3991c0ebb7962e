// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// claims are what each pod of a stateful service keeps, by name. They can never be
// changed, so that nothing is in them that need not be.
func (s *service) claims() []corev1.PersistentVolumeClaim {
	var out []corev1.PersistentVolumeClaim
	for _, v := range s.Volumes {
		one := corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Name: v.Name},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
				Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(v.Size)}}, // was checked
			},
		}
		if v.Class != "" {
			one.Spec.StorageClassName = &v.Class
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b corev1.PersistentVolumeClaim) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// kept are where the claims are mounted.
func (s *service) kept() []corev1.VolumeMount {
	var out []corev1.VolumeMount
	for _, v := range s.Volumes {
		out = append(out, corev1.VolumeMount{Name: v.Name, MountPath: path.Clean(v.Mount)})
	}
	return out
}

// volumes checks what is claimed; where it is mounted is for directories.
func (c *checker) volumes(at string, s api.SystemService) {
	if len(s.Volumes) > 0 && s.Kind != kindStateful {
		c.fail(at+"/volumes", "kind: stateful", "expected volumes of a stateful service only, as others share none")
	}
	for i, v := range s.Volumes {
		here := fmt.Sprintf("%s/volumes/%d", at, i)
		if len(validation.IsDNS1123Label(v.Name)) > 0 {
			hint := suggest(v.Name)
			if hint == "" {
				hint = "data"
			}
			c.fail(here+"/name", hint, "expected a name of a volume (at most 63 lower-case letters, digits and -), found %q", v.Name)
		}
		if q, err := resource.ParseQuantity(v.Size); err != nil || q.Sign() <= 0 {
			c.fail(here+"/size", "10Gi", "expected a size, found %q", v.Size)
		}
		if v.Class != "" && len(validation.IsDNS1123Subdomain(v.Class)) > 0 {
			c.fail(here+"/class", suggest(v.Class), "expected a name of a storage class, found %q", v.Class)
		}
	}
}
