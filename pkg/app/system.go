// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// objects are those of the system as a whole.
func (y *system) objects() []runtime.Object {
	var out []runtime.Object
	if !y.options.SkipClusterScoped {
		if y.ownsNamespace() {
			out = append(out, y.namespace())
		}
		out = append(out, y.priorityClass())
	}
	if y.Profile == profileHardened {
		out = append(out, y.defaultDeny())
	}
	return append(out, y.meshObjects()...)
}

func (y *system) labels() map[string]string {
	return map[string]string{labelPartOf: y.Metadata.Name}
}

// ownsNamespace reports whether the namespace may be the system's own: those that
// every cluster has are not.
func (y *system) ownsNamespace() bool {
	ns := y.Metadata.Namespace
	return ns != metav1.NamespaceDefault && !strings.HasPrefix(ns, "kube-")
}

func (y *system) namespace() runtime.Object {
	// In a mesh of sidecars too: where Istio's CNI plugin is missing, their init container
	// changes the network of its pod, and the level baseline would refuse that as well.
	level := "restricted"
	if y.Profile == profileDev {
		level = "baseline"
	}
	labels := y.labels()
	labels["pod-security.kubernetes.io/audit"] = level
	labels["pod-security.kubernetes.io/enforce"] = level
	labels["pod-security.kubernetes.io/warn"] = level
	switch y.Platform.Mesh {
	case meshSidecar:
		labels["istio-injection"] = "enabled"
	case meshAmbient:
		labels["istio.io/dataplane-mode"] = "ambient"
	}
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: y.Metadata.Namespace, Labels: labels},
	}
}

// priorityName is the name of the PriorityClass; empty where there is none.
func (y *system) priorityName() string {
	if y.options.SkipClusterScoped {
		return ""
	}
	return y.Metadata.Name + "-standard"
}

func (y *system) priorityClass() runtime.Object {
	preempt := corev1.PreemptLowerPriority
	return &describedClass{
		PriorityClass: schedulingv1.PriorityClass{
			TypeMeta:         metav1.TypeMeta{APIVersion: "scheduling.k8s.io/v1", Kind: "PriorityClass"},
			ObjectMeta:       metav1.ObjectMeta{Name: y.priorityName(), Labels: y.labels()},
			Description:      "Default class of the " + y.Metadata.Name + " system",
			PreemptionPolicy: &preempt,
			Value:            1000,
		},
	}
}

// describedClass is a PriorityClass that says that it is not everybody's default.
type describedClass struct {
	schedulingv1.PriorityClass
	GlobalDefault bool `json:"globalDefault"`
}
