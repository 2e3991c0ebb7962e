// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	// nodeLogs is where the kubelets keep logs.
	nodeLogs = "/var/log"
	// positions is where a collector notes how far it has read, on the node: its pods
	// come and go, and are to read nothing twice.
	positions = "/positions"
	// credentials is where clients of the API server look for theirs.
	credentials = "/var/run/secrets/kubernetes.io/serviceaccount"
)

func (l *logs) daemonSet() runtime.Object {
	one := intstr.FromInt32(1)
	meta := l.meta()
	meta.Annotations = l.notes()
	template := metav1.ObjectMeta{Labels: l.labels(), Annotations: map[string]string{"kubectl-micro.dev/config": l.fingerprint()}}
	return &appsv1.DaemonSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "DaemonSet"},
		ObjectMeta: meta,
		Spec: appsv1.DaemonSetSpec{
			MinReadySeconds:      minReadySeconds,
			RevisionHistoryLimit: new(int32(revisions)),
			Selector:             &metav1.LabelSelector{MatchLabels: map[string]string{labelName: l.name, labelInstance: l.name}},
			Template:             corev1.PodTemplateSpec{ObjectMeta: template, Spec: l.pod()},
			UpdateStrategy: appsv1.DaemonSetUpdateStrategy{
				Type: appsv1.RollingUpdateDaemonSetStrategyType, RollingUpdate: &appsv1.RollingUpdateDaemonSet{MaxUnavailable: &one},
			},
		},
	}
}

// ignored is the annotation that tells the suite's own rules to let something be.
const ignored = "kubectl-micro.dev/ignore"

// fingerprint changes with the configuration, for a new one to reach the pods.
func (l *logs) fingerprint() string {
	sum, files := sha256.New(), l.files(l.of.Metadata.Namespace)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s\n%s\n", name, files[name])
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8])
}

// notes tell linters why it is as they do not like it.
func (l *logs) notes() map[string]string {
	const (
		asRoot    = "the kubelet writes logs for root alone; all capabilities are dropped"
		positions = "how far it has read must outlive the pod"
	)
	out := map[string]string{
		ignored: "KM5501: it reads its configuration from files, and there is no secret in them",
		"ignore-check.kube-linter.io/run-as-non-root":           asRoot,
		"ignore-check.kube-linter.io/writable-host-mount":       positions,
		"kube-score/ignore":                                     "container-security-context-user-group-id",
		"polaris.fairwinds.com/hostPathSet-exempt":              "true",
		"polaris.fairwinds.com/runAsRootAllowed-exempt":         "true",
		"polaris.fairwinds.com/topologySpreadConstraint-exempt": "true",
	}
	if l.of.Metadata.Email != "" {
		out["email"] = l.of.Metadata.Email
	}
	return out
}

// pod reads the logs that root alone may read, and can do nothing else that root
// can. It runs on the nodes of the control plane too, in case pods do.
func (l *logs) pod() corev1.PodSpec {
	volumes, mounts := l.volumes()
	return corev1.PodSpec{
		Affinity:                     &corev1.Affinity{NodeAffinity: onLinux()},
		AutomountServiceAccountToken: new(false),
		Containers:                   []corev1.Container{l.container(mounts)},
		DNSConfig:                    &corev1.PodDNSConfig{Options: []corev1.PodDNSConfigOption{{Name: "ndots", Value: new("2")}}},
		EnableServiceLinks:           new(false),
		PriorityClassName:            l.of.priorityName(),
		RestartPolicy:                corev1.RestartPolicyAlways,
		SecurityContext: &corev1.PodSecurityContext{
			RunAsGroup: new(int64(0)), RunAsUser: new(int64(0)), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		ServiceAccountName:            l.name,
		TerminationGracePeriodSeconds: new(int64(work)),
		Tolerations: []corev1.Toleration{{
			Key: "node-role.kubernetes.io/control-plane", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule,
		}},
		Volumes: volumes,
	}
}

func (l *logs) container(mounts []corev1.VolumeMount) corev1.Container {
	all := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(l.cpu), corev1.ResourceMemory: resource.MustParse(l.memory), corev1.ResourceEphemeralStorage: resource.MustParse("256Mi"),
	}
	return corev1.Container{
		Name: l.name, Image: l.image, ImagePullPolicy: corev1.PullAlways, Args: l.args,
		Env:            []corev1.EnvVar{{Name: "K8S_NODE_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "spec.nodeName"}}}},
		LivenessProbe:  &corev1.Probe{ProbeHandler: l.live, FailureThreshold: 3, PeriodSeconds: 30, TimeoutSeconds: 5},
		Ports:          l.ports(),
		ReadinessProbe: &corev1.Probe{ProbeHandler: l.ready, FailureThreshold: 3, PeriodSeconds: 10, TimeoutSeconds: 5},
		Resources:      corev1.ResourceRequirements{Requests: all, Limits: all},
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			Privileged: new(false), ReadOnlyRootFilesystem: new(true), RunAsGroup: new(int64(0)), RunAsUser: new(int64(0)),
		},
		StartupProbe: &corev1.Probe{ProbeHandler: l.live, FailureThreshold: 30, PeriodSeconds: 2, TimeoutSeconds: 5},
		VolumeMounts: mounts,
	}
}

// ports are all that is asked, as a probe of a port that is not declared looks like
// a mistake.
func (l *logs) ports() []corev1.ContainerPort {
	out := []corev1.ContainerPort{{ContainerPort: l.port, Name: "http-metrics", Protocol: corev1.ProtocolTCP}}
	if health := l.ready.HTTPGet.Port.IntVal; health != l.port {
		out = append(out, corev1.ContainerPort{ContainerPort: health, Name: "http-health", Protocol: corev1.ProtocolTCP})
	}
	return out
}

// volumes are the directories of the pod, by name. The token is one that ends and
// is renewed, with what a client needs beside it.
func (l *logs) volumes() ([]corev1.Volume, []corev1.VolumeMount) {
	var volumes []corev1.Volume
	var mounts []corev1.VolumeMount
	add := func(name, at string, readOnly bool, from corev1.VolumeSource) {
		volumes = append(volumes, corev1.Volume{Name: name, VolumeSource: from})
		mounts = append(mounts, corev1.VolumeMount{Name: name, MountPath: at, ReadOnly: readOnly})
	}
	onNode := func(path string, kind corev1.HostPathType) corev1.VolumeSource {
		return corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path, Type: &kind}}
	}
	add("api-access", credentials, true, corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: new(int64(3600)), Path: "token"}},
		{ConfigMap: &corev1.ConfigMapProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
		}},
		{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}}}},
	}}})
	add("config", l.directory, true, corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: l.name}}})
	add("logs", nodeLogs, true, onNode(nodeLogs, corev1.HostPathDirectory))
	add("positions", positions, false, onNode("/var/lib/"+logsOf(l.of.Metadata.Namespace)+"/"+l.name, corev1.HostPathDirectoryOrCreate))
	add("tmp", "/tmp", false, corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: new(resource.MustParse("64Mi"))}})
	return volumes, mounts
}
