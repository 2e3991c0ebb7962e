// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// user is nobody in distroless images; linters want numbers from 10000 on.
	user = 65532
	// drain is how long the proxies in front take to hear that a pod is going.
	drain = 10
	// work is how long a program may take to end, after that.
	work = 35
	// scratch is the room of a writable directory, in MiB.
	scratch = 64
	// defaultCPU is what is requested where nobody says.
	defaultCPU = "100m"
	// unlimited is the word for no limit.
	unlimited = "none"
)

func (s *service) pod() corev1.PodSpec {
	volumes, mounts := s.volumes()
	out := corev1.PodSpec{
		Affinity:                      s.affinity(),
		AutomountServiceAccountToken:  new(false),
		Containers:                    []corev1.Container{s.container(mounts)},
		DNSConfig:                     &corev1.PodDNSConfig{Options: []corev1.PodDNSConfigOption{{Name: "ndots", Value: new("2")}}},
		EnableServiceLinks:            new(false),
		PriorityClassName:             s.of.priorityName(),
		RestartPolicy:                 corev1.RestartPolicyAlways,
		ServiceAccountName:            s.name,
		TerminationGracePeriodSeconds: new(int64(work)),
		Volumes:                       volumes,
		SecurityContext: &corev1.PodSecurityContext{
			FSGroup: new(int64(user)), FSGroupChangePolicy: new(corev1.FSGroupChangeOnRootMismatch),
			RunAsGroup: new(int64(user)), RunAsNonRoot: new(true), RunAsUser: new(int64(user)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
	}
	if s.hardened() && s.of.has(userNamespaces) {
		out.HostUsers = new(false)
	}
	if !s.runs() {
		out.RestartPolicy = corev1.RestartPolicyOnFailure
		return out
	}
	if len(s.ports) > 0 {
		out.TerminationGracePeriodSeconds = new(int64(drain + work))
	}
	out.TopologySpreadConstraints = s.spread()
	return out
}

// affinity keeps pods on Linux and, if they run for ever, away from each other.
func (s *service) affinity() *corev1.Affinity {
	out := &corev1.Affinity{NodeAffinity: onLinux()}
	if s.runs() {
		out.PodAntiAffinity = &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{{
			PodAffinityTerm: corev1.PodAffinityTerm{LabelSelector: s.owns(), TopologyKey: corev1.LabelHostname}, Weight: 100,
		}}}
	}
	return out
}

func onLinux() *corev1.NodeAffinity {
	return &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
			MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelOSStable, Operator: corev1.NodeSelectorOpIn, Values: []string{"linux"}}},
		}}},
	}
}

// spread counts the pods of one revision only: those that are about to go would
// push the new ones together.
func (s *service) spread() []corev1.TopologySpreadConstraint {
	revision := "pod-template-hash"
	if s.Kind == kindStateful {
		revision = "controller-revision-hash"
	}
	var out []corev1.TopologySpreadConstraint
	for _, key := range []string{corev1.LabelTopologyZone, corev1.LabelHostname} {
		c := corev1.TopologySpreadConstraint{
			LabelSelector: s.owns(), MaxSkew: 1, TopologyKey: key, WhenUnsatisfiable: corev1.ScheduleAnyway,
		}
		if s.of.has(revisionSpread) {
			c.MatchLabelKeys = []string{revision}
		}
		if s.hardened() && key == corev1.LabelTopologyZone {
			c.WhenUnsatisfiable = corev1.DoNotSchedule
		}
		out = append(out, c)
	}
	return out
}

func (s *service) container(mounts []corev1.VolumeMount) corev1.Container {
	out := corev1.Container{
		Name: s.name, Image: s.Image, ImagePullPolicy: corev1.PullAlways,
		Env: s.env(), Resources: s.resources(), VolumeMounts: mounts,
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(false),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			Privileged:               new(false), ReadOnlyRootFilesystem: new(true),
			RunAsGroup: new(int64(user)), RunAsNonRoot: new(true), RunAsUser: new(int64(user)),
		},
	}
	if s.hardened() {
		out.SecurityContext.SELinuxOptions = &corev1.SELinuxOptions{}
	}
	for _, p := range s.ports {
		out.Ports = append(out.Ports, corev1.ContainerPort{ContainerPort: p.target, Name: p.name, Protocol: p.protocol})
	}
	if len(s.ports) > 0 && s.of.has(sleepHook) {
		out.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: drain}}}
	}
	s.probe(&out)
	return out
}

// resources are requests and the same as limits: what is measured in one place
// holds in the other. On a developer's machine only memory is bounded, and CPU is
// as the file says: a limit of it slows down what would have room.
func (s *service) resources() corev1.ResourceRequirements {
	all := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse(s.Resources.CPU), // was checked
		corev1.ResourceMemory:           resource.MustParse(s.Resources.Memory),
		corev1.ResourceEphemeralStorage: resource.MustParse(strconv.Itoa(max(256, scratch*(len(s.WritablePaths)+1))) + "Mi"),
	}
	limits := maps.Clone(all)
	switch limit := s.Resources.CPULimit; {
	case s.dev():
		limits = corev1.ResourceList{corev1.ResourceMemory: all[corev1.ResourceMemory]}
	case limit == unlimited:
		delete(limits, corev1.ResourceCPU)
	case limit != "":
		limits[corev1.ResourceCPU] = resource.MustParse(limit)
	}
	return corev1.ResourceRequirements{Requests: all, Limits: limits}
}

// volumes are the directories of a pod, each with its mount, both by name.
func (s *service) volumes() ([]corev1.Volume, []corev1.VolumeMount) {
	var volumes []corev1.Volume
	var mounts []corev1.VolumeMount
	add := func(name, at string, readOnly bool, from corev1.VolumeSource) {
		volumes = append(volumes, corev1.Volume{Name: name, VolumeSource: from})
		mounts = append(mounts, corev1.VolumeMount{Name: name, MountPath: at, ReadOnly: readOnly})
	}
	for _, secret := range s.Secrets {
		from := corev1.SecretVolumeSource{SecretName: secret.Name}
		for _, key := range slices.Sorted(slices.Values(secret.Files)) {
			from.Items = append(from.Items, corev1.KeyToPath{Key: key, Path: key})
		}
		if secret.Optional {
			from.Optional = new(true)
		}
		at := secret.Mount
		if at == "" {
			at = "/var/run/" + secret.Name
		}
		add(strings.TrimPrefix(secret.Name, s.name+"-"), at, true, corev1.VolumeSource{Secret: &from})
	}
	if len(s.ConfigFiles) > 0 {
		from := corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: s.filesName()}}
		add("config-files", "/etc/"+s.name, true, corev1.VolumeSource{ConfigMap: &from})
	}
	for _, dir := range s.WritablePaths {
		add(volumeOf(dir), path.Clean(dir), false, corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: new(resource.MustParse(strconv.Itoa(scratch) + "Mi"))}})
	}
	mounts = append(mounts, s.kept()...)
	slices.SortFunc(volumes, func(a, b corev1.Volume) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(mounts, func(a, b corev1.VolumeMount) int { return strings.Compare(a.Name, b.Name) })
	return volumes, mounts
}

// volumeOf names the volume of a directory.
func volumeOf(dir string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(path.Clean(dir)))
	return strings.Trim(name, "-")
}

func (s *service) account() *corev1.ServiceAccount {
	return &corev1.ServiceAccount{
		TypeMeta:                     metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta:                   s.meta(),
		AutomountServiceAccountToken: new(false),
	}
}
