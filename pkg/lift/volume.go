// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"maps"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// volumes are what is mounted into the container, by where it is from.
func (s *service) volumes(spec *corev1.PodSpec) {
	claims := map[string]corev1.PersistentVolumeClaim{}
	if set, ok := model.StatefulSets.Of(s.first().Object); ok {
		for _, c := range set.Value.Spec.VolumeClaimTemplates {
			claims[c.Name] = c
		}
	}
	for _, m := range s.main.VolumeMounts {
		if strings.HasPrefix(m.MountPath, "/var/run/secrets/") {
			continue // the token, and the mesh's
		}
		if c, is := claims[m.Name]; is {
			s.claim(m, c)
			continue
		}
		i := slices.IndexFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
		if i < 0 {
			continue
		}
		s.mount(m, spec.Volumes[i])
	}
	slices.Sort(s.WritablePaths)
	if slices.Equal(s.WritablePaths, []string{"/tmp"}) {
		s.WritablePaths = nil // the default
	}
}

func (s *service) claim(m corev1.VolumeMount, c corev1.PersistentVolumeClaim) {
	size := c.Spec.Resources.Requests[corev1.ResourceStorage]
	one := api.Volume{Name: c.Name, Mount: m.MountPath, Size: size.String()}
	if c.Spec.StorageClassName != nil {
		one.Class = *c.Spec.StorageClassName
	}
	s.Volumes = append(s.Volumes, one)
	if modes := c.Spec.AccessModes; len(modes) > 0 && !slices.Equal(modes, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}) {
		s.left("volumeClaimTemplates "+c.Name+" accessModes", "volumes of an app file are ReadWriteOnce")
	}
}

func (s *service) mount(m corev1.VolumeMount, v corev1.Volume) {
	at := "volumes " + v.Name
	switch {
	case v.EmptyDir != nil:
		s.WritablePaths = append(s.WritablePaths, path.Clean(m.MountPath))
		if v.EmptyDir.Medium != "" {
			s.left(at, "directories are on disk, and this one is in memory")
		}
	case v.Secret != nil:
		if m.SubPath != "" {
			s.left(at, "a Secret is mounted as a directory, and not at %s", m.MountPath)
		}
		s.secretVolume(at, m.MountPath, v.Secret)
	case v.ConfigMap != nil:
		s.configVolume(at, m, v.ConfigMap)
	case v.PersistentVolumeClaim != nil:
		s.left(at, "a claim is for stateful services, and made for each pod: move the data, or say it under patches")
	case v.HostPath != nil:
		s.left(at, "hostPath %s: nothing that is generated has directories of the node", v.HostPath.Path)
	case v.Projected != nil && (strings.HasPrefix(v.Name, "kube-api-access-") || strings.HasPrefix(v.Name, "istio")):
	default:
		s.left(at, "an app file has no volumes of this type: say it under patches")
	}
}

func (s *service) secretVolume(at, mount string, from *corev1.SecretVolumeSource) {
	if len(from.Items) == 0 {
		s.secret(from.SecretName, "", mount, from.Optional)
	}
	for _, item := range from.Items {
		s.secret(from.SecretName, item.Key, mount, from.Optional)
		if item.Path != item.Key {
			s.left(at, "the file is called %s, as its key, and not %s", item.Key, item.Path)
		}
	}
}

// configVolume takes the files of a ConfigMap, which all go to one directory.
func (s *service) configVolume(at string, m corev1.VolumeMount, from *corev1.ConfigMapVolumeSource) {
	config, ok := model.ConfigMaps.Get(s.Snapshot, s.first().Ref.Namespace, from.Name)
	if !ok {
		s.left(at, "there is no ConfigMap %s here", from.Name)
		return
	}
	if len(config.Value.BinaryData) > 0 {
		s.left(at, "%d files are not text: put them into the image", len(config.Value.BinaryData))
	}
	files := maps.Clone(config.Value.Data)
	if len(from.Items) > 0 {
		files = map[string]string{}
		for _, item := range from.Items {
			files[path.Base(item.Path)] = config.Value.Data[item.Key]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if m.SubPath != "" && path.Base(m.SubPath) != name {
			continue
		}
		s.file(at, name, files[name])
	}
	dir := path.Clean(m.MountPath)
	if m.SubPath != "" {
		dir = path.Dir(dir)
	}
	if dir != "/etc/"+s.name {
		s.left(at, "its files will be in /etc/%s, and not in %s: have the program read them there", s.name, dir)
	}
}

// file adds a file of configuration, unless there is a secret in it.
func (s *service) file(at, name, content string) {
	if redact.Text(content) != content {
		s.left(at, "the file %s is not taken over, as there is something like a secret in it: mount it from a Secret", name)
		return
	}
	if s.ConfigFiles == nil {
		s.ConfigFiles = map[string]string{}
	}
	if old, taken := s.ConfigFiles[name]; taken && old != content {
		s.left(at, "there is another file %s: all are in one directory", name)
		return
	}
	s.ConfigFiles[name] = content
}

// external is where the External Secrets Operator has a Secret from.
func (s *service) external(secret string) string {
	gk := ref.GroupKind{Group: "external-secrets.io", Kind: "ExternalSecret"}
	for _, o := range s.InNamespace(gk, s.first().Ref.Namespace) {
		raw := o.Raw()
		if name, _, _ := unstructured.NestedString(raw, "spec", "target", "name"); name != secret && (name != "" || o.Ref.Name != secret) {
			continue
		}
		store, _, _ := unstructured.NestedString(raw, "spec", "secretStoreRef", "name")
		data, _, _ := unstructured.NestedSlice(raw, "spec", "data")
		from, _, _ := unstructured.NestedSlice(raw, "spec", "dataFrom")
		for _, one := range append(data, from...) {
			entry, _ := one.(map[string]any)
			for _, field := range []string{"remoteRef", "extract"} {
				if key, ok, _ := unstructured.NestedString(entry, field, "key"); ok && store != "" {
					return store + "/" + key
				}
			}
		}
	}
	return ""
}
