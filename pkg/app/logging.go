// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
)

const loggingName = "logging"

var loggingAddon = addon{
	name: loggingName, short: "a DaemonSet that reads the logs of the system's pods on each node and hands them on",
	variants: []string{"fluentbit", "fluentd", "otel"},
	system:   func(y *system, variant string) []runtime.Object { return y.logging(collectors[variant]) },
}

// collectors are what can read logs, by variant.
var collectors = map[string]collector{"fluentbit": fluentBit, "fluentd": fluentd, "otel": otel}

// collector is a program that reads logs, and how it is run.
type collector struct {
	// name is that of its objects.
	name, image string
	// args are given to the image's entry point.
	args []string
	// directory is where it looks for its configuration, output the file of that
	// which says where logs go.
	directory, output string
	// files are the configuration, with the names of the namespace and of the node
	// in it.
	files func(namespace string) map[string]string
	// configNotes are annotations of the ConfigMap, for linters.
	configNotes map[string]string
	// port is where it tells its health and its metrics.
	port int32
	// live and ready ask for health. Live does not depend on where the logs go: a
	// collector that cannot send is to keep what it has.
	live, ready corev1.ProbeHandler
	cpu, memory string
}

// logsOf is the namespace of the collectors of a system. It is not the system's:
// they read directories of the nodes, which the Pod Security Standards forbid
// there, and the exception is to hold for nobody else.
func logsOf(namespace string) string { return namespace + "-logging" }

// collectorNamespace checks that the name of that namespace is not too long.
func (c *checker) collectorNamespace(at, namespace string) {
	if name := logsOf(namespace); len(name) > validation.DNS1123LabelMaxLength {
		c.fail(at, "a shorter namespace", "expected a namespace of at most %d characters for the collectors of logs to live beside it, found %q", validation.DNS1123LabelMaxLength-len(logsOf("")), namespace)
	}
}

// logging is everything that a collector needs. It reads the logs of this system
// only, and asks for its pods only.
func (y *system) logging(c collector) []runtime.Object {
	l := &logs{collector: c, of: y}
	y.warn("/with", "change "+c.output+" in ConfigMap "+c.name+", and let the pods out to there in NetworkPolicy "+c.name,
		"logs go to the standard output of DaemonSet %s/%s until somebody says where else", logsOf(y.Metadata.Namespace), c.name)
	var out []runtime.Object
	if !y.options.SkipClusterScoped {
		out = append(out, l.namespace())
	}
	return append(out, l.account(), l.role(), l.binding(), l.config(), l.networkPolicy(), l.daemonSet())
}

// logs is a collector in a system.
type logs struct {
	collector
	of *system
}

func (l *logs) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: l.name, Namespace: logsOf(l.of.Metadata.Namespace), Labels: l.labels()}
}

func (l *logs) labels() map[string]string {
	return map[string]string{
		"app": l.name, "app.kubernetes.io/component": "logging", labelInstance: l.name, "app.kubernetes.io/managed-by": "kubectl-micro",
		labelName: l.name, labelPartOf: l.of.Metadata.Name, "owner": l.of.Metadata.Owner,
	}
}

func (l *logs) selects() map[string]string { return map[string]string{labelName: l.name} }

// namespace is in no mesh, and says so where there is one.
func (l *logs) namespace() runtime.Object {
	labels := l.of.labels()
	if l.of.Platform.Mesh != meshNone {
		labels["istio-injection"] = "disabled"
	}
	for _, mode := range []string{"audit", "enforce", "warn"} {
		labels["pod-security.kubernetes.io/"+mode] = "privileged"
	}
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: logsOf(l.of.Metadata.Namespace), Labels: labels},
	}
}

func (l *logs) account() runtime.Object {
	return &corev1.ServiceAccount{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"}, ObjectMeta: l.meta(),
		AutomountServiceAccountToken: new(false),
	}
}

// inSystem is the metadata of what stands in the namespace that is read.
func (l *logs) inSystem() metav1.ObjectMeta {
	out := l.meta()
	out.Name, out.Namespace = "logging-"+l.name, l.of.Metadata.Namespace
	return out
}

// role is to know the labels of pods: the version, for one.
func (l *logs) role() runtime.Object {
	return &rbacv1.Role{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "Role"},
		ObjectMeta: l.inSystem(),
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list", "watch"}}},
	}
}

func (l *logs) binding() runtime.Object {
	meta := l.inSystem()
	return &rbacv1.RoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: l.name, Namespace: logsOf(l.of.Metadata.Namespace)}},
	}
}

func (l *logs) config() runtime.Object {
	meta := l.meta()
	meta.Annotations = l.configNotes
	return &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: meta, Data: l.files(l.of.Metadata.Namespace),
	}
}

// networkPolicy lets the collectors ask the API server, which has no label to be
// known by, and Prometheus ask them.
func (l *logs) networkPolicy() runtime.Object {
	api := []networkingv1.NetworkPolicyPort{numbered(443, corev1.ProtocolTCP), numbered(6443, corev1.ProtocolTCP)}
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: l.meta(),
		Spec: networkingv1.NetworkPolicySpec{
			Egress: []networkingv1.NetworkPolicyEgressRule{toDNS(), {Ports: api}},
			Ingress: []networkingv1.NetworkPolicyIngressRule{{
				From:  []networkingv1.NetworkPolicyPeer{{NamespaceSelector: namespaceNamed(l.of.Platform.Monitoring.Namespace)}},
				Ports: []networkingv1.NetworkPolicyPort{numbered(l.port, corev1.ProtocolTCP)},
			}},
			PodSelector: metav1.LabelSelector{MatchLabels: l.selects()}, PolicyTypes: bothWays,
		},
	}
}

// ask is a probe of a path.
func ask(path string, port int32) corev1.ProbeHandler {
	return corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromInt32(port)}}
}

// dial is a probe of a port.
func dial(port int32) corev1.ProbeHandler {
	return corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(port)}}
}

// said puts the namespace into a file of configuration.
func said(text, namespace string) string { return strings.ReplaceAll(text, "NAMESPACE", namespace) }
