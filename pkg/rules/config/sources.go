// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// source is one place of a pod spec that names a ConfigMap or Secret.
type source struct {
	kind      *model.Kind
	name, key string
	// at is the JSON Pointer of the name relative to the pod spec, keyAt that of the key.
	at, keyAt string
	// by says who names it: "env LEVEL of container app", "volume config".
	by string
	// pull is true for imagePullSecrets, which only private images need.
	pull bool
}

// sources lists what a pod spec cannot do without, in the order it is written;
// what is optional is left out.
func sources(spec *corev1.PodSpec) []source {
	var out []source
	for i, c := range spec.InitContainers {
		out = append(out, containerSources(&c, "init container "+c.Name, patch.Pointer("initContainers", i))...)
	}
	for i, c := range spec.Containers {
		out = append(out, containerSources(&c, "container "+c.Name, patch.Pointer("containers", i))...)
	}
	for i, v := range spec.Volumes {
		out = append(out, volumeSources(&v, patch.Pointer("volumes", i))...)
	}
	for i, s := range spec.ImagePullSecrets {
		at := patch.Pointer("imagePullSecrets", i, "name")
		out = append(out, source{kind: model.Secrets.Kind, name: s.Name, at: at, by: "imagePullSecrets", pull: true})
	}
	return out
}

func containerSources(c *corev1.Container, called, at string) []source {
	var out []source
	for i, e := range c.EnvFrom {
		by, at := "envFrom of "+called, at+patch.Pointer("envFrom", i)
		if r := e.ConfigMapRef; r != nil && !isTrue(r.Optional) {
			out = append(out, source{kind: model.ConfigMaps.Kind, name: r.Name, at: at + "/configMapRef/name", by: by})
		}
		if r := e.SecretRef; r != nil && !isTrue(r.Optional) {
			out = append(out, source{kind: model.Secrets.Kind, name: r.Name, at: at + "/secretRef/name", by: by})
		}
	}
	for i, e := range c.Env {
		if e.ValueFrom == nil {
			continue
		}
		by, at := fmt.Sprintf("env %s of %s", e.Name, called), at+patch.Pointer("env", i, "valueFrom")
		if r := e.ValueFrom.ConfigMapKeyRef; r != nil && !isTrue(r.Optional) {
			at += "/configMapKeyRef"
			out = append(out, source{kind: model.ConfigMaps.Kind, name: r.Name, key: r.Key, at: at + "/name", keyAt: at + "/key", by: by})
		}
		if r := e.ValueFrom.SecretKeyRef; r != nil && !isTrue(r.Optional) {
			at += "/secretKeyRef"
			out = append(out, source{kind: model.Secrets.Kind, name: r.Name, key: r.Key, at: at + "/name", keyAt: at + "/key", by: by})
		}
	}
	return out
}

func volumeSources(v *corev1.Volume, at string) []source {
	var out []source
	by := "volume " + v.Name
	if s := v.ConfigMap; s != nil && !isTrue(s.Optional) {
		at := at + "/configMap"
		out = append(out, itemSources(source{kind: model.ConfigMaps.Kind, name: s.Name, at: at + "/name", by: by}, s.Items, at)...)
	}
	if s := v.Secret; s != nil && !isTrue(s.Optional) {
		at := at + "/secret"
		out = append(out, itemSources(source{kind: model.Secrets.Kind, name: s.SecretName, at: at + "/secretName", by: by}, s.Items, at)...)
	}
	if s := v.CSI; s != nil && s.NodePublishSecretRef != nil {
		out = append(out, source{kind: model.Secrets.Kind, name: s.NodePublishSecretRef.Name, at: at + "/csi/nodePublishSecretRef/name", by: by})
	}
	if v.Projected == nil {
		return out
	}
	for i, p := range v.Projected.Sources {
		at := at + patch.Pointer("projected", "sources", i)
		if s := p.ConfigMap; s != nil && !isTrue(s.Optional) {
			at := at + "/configMap"
			out = append(out, itemSources(source{kind: model.ConfigMaps.Kind, name: s.Name, at: at + "/name", by: by}, s.Items, at)...)
		}
		if s := p.Secret; s != nil && !isTrue(s.Optional) {
			at := at + "/secret"
			out = append(out, itemSources(source{kind: model.Secrets.Kind, name: s.Name, at: at + "/name", by: by}, s.Items, at)...)
		}
	}
	return out
}

// itemSources is one source for each key that a volume takes, or one without a
// key for a volume that takes them all.
func itemSources(s source, items []corev1.KeyToPath, at string) []source {
	if len(items) == 0 {
		return []source{s}
	}
	var out []source
	for i, item := range items {
		s.key, s.keyAt = item.Key, at+patch.Pointer("items", i, "key")
		out = append(out, s)
	}
	return out
}

func isTrue(b *bool) bool { return b != nil && *b }
