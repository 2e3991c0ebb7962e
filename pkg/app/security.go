// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

var securityAddon = addon{
	name: "security", short: "a NetworkPolicy that denies all that no other one allows, a ResourceQuota and a LimitRange",
	system: func(y *system, _ string) []runtime.Object { return y.bounds() },
}

// bounds keep the pods of a system to what it was planned with. What several
// systems share is not this one's to bound.
func (y *system) bounds() []runtime.Object {
	if !y.ownsNamespace() {
		y.warn("/metadata/namespace", "give the system a namespace of its own", "namespace %s gets no quota, no limits and no default deny: others live there too", y.Metadata.Namespace)
		return nil
	}
	out := []runtime.Object{y.quota(), y.limits()}
	if y.Profile != profileHardened { // which has it without being asked
		out = append(out, y.defaultDeny())
	}
	return out
}

// defaultDeny isolates every pod of the namespace: what it may do is what the
// other policies say.
func (y *system) defaultDeny() runtime.Object {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: "default-deny", Namespace: y.Metadata.Namespace, Labels: y.labels()},
		Spec:       networkingv1.NetworkPolicySpec{PolicyTypes: bothWays},
	}
}

// proxy is what Istio gives a sidecar or a waypoint, unless told otherwise
// (values.global.proxy.resources of its charts).
var proxy = corev1.ResourceRequirements{
	Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
	Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("1Gi")},
}

// waypointReplicas are the pods of the waypoint, as waypointDeployment has them,
// and the one more of a rollout.
const waypointReplicas = 2 + 1

// most is the number of pods of a service when there are most of them. A rollout
// of a Deployment adds one; it waits for room while old pods end.
func (s *service) most() int64 {
	if !s.runs() {
		return 1
	}
	out := int64(0)
	for _, e := range s.editions() {
		n := int64(*e.Replicas)
		if s.Scale != nil {
			n = int64(s.Scale.Max)
		}
		if s.Kind != kindStateful {
			n++
		}
		out += n
	}
	return out
}

// needs are what all pods may use when there are most of them, by the name in a
// quota. A resource that some container does not bound is left out: a quota would
// refuse its pod.
func (y *system) needs() map[corev1.ResourceName]int64 {
	out := map[corev1.ResourceName]int64{}
	add := func(pods int64, r corev1.ResourceRequirements) {
		for name, q := range r.Requests {
			out["requests."+name] += pods * q.MilliValue()
		}
		for name, q := range r.Limits {
			out["limits."+name] += pods * q.MilliValue()
		}
	}
	for _, s := range y.services {
		add(s.most(), s.resources())
		out[corev1.ResourcePods] += s.most() * 1000
		if y.Platform.Mesh == meshSidecar {
			add(s.most(), proxy)
		}
	}
	if slices.ContainsFunc(y.services, (*service).behindWaypoint) {
		add(waypointReplicas, proxy)
		out[corev1.ResourcePods] += waypointReplicas * 1000
	}
	for name := range out {
		if plain, isLimit := strings.CutPrefix(string(name), "limits."); isLimit && !y.allBound(corev1.ResourceName(plain)) {
			delete(out, name)
		}
	}
	return out
}

// allBound reports whether the containers of all services have a limit of a
// resource.
func (y *system) allBound(name corev1.ResourceName) bool {
	for _, s := range y.services {
		if _, bound := s.resources().Limits[name]; !bound {
			return false
		}
	}
	return true
}

// steps are what numbers in a quota are rounded up to, in thousandths.
var steps = map[corev1.ResourceName]int64{corev1.ResourceCPU: 100, corev1.ResourceMemory: 64 << 20 * 1000, corev1.ResourceEphemeralStorage: 64 << 20 * 1000, corev1.ResourcePods: 1000}

// quota is what all pods need together, and a fifth more.
func (y *system) quota() runtime.Object {
	hard := corev1.ResourceList{}
	for name, milli := range y.needs() {
		plain := name[strings.IndexByte(string(name), '.')+1:]
		step := steps[plain]
		milli += (milli + 4) / 5
		rounded := (milli + step - 1) / step * step
		if plain == corev1.ResourceCPU {
			hard[name] = *resource.NewMilliQuantity(rounded, resource.DecimalSI)
		} else {
			hard[name] = *resource.NewQuantity(rounded/1000, resource.BinarySI)
		}
	}
	return &corev1.ResourceQuota{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuota"},
		ObjectMeta: metav1.ObjectMeta{Name: y.Metadata.Name, Namespace: y.Metadata.Namespace, Labels: y.labels()},
		Spec:       corev1.ResourceQuotaSpec{Hard: hard},
	}
}

// limits are for containers that say nothing, such as those that somebody runs to
// look into the namespace: a quota refuses pods without them.
func (y *system) limits() runtime.Object {
	one := y.fillService("", api.SystemService{}).resources()
	return &corev1.LimitRange{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "LimitRange"},
		ObjectMeta: metav1.ObjectMeta{Name: y.Metadata.Name, Namespace: y.Metadata.Namespace, Labels: y.labels()},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypeContainer, Default: y.boundOf(one.Limits), DefaultRequest: one.Requests,
		}}},
	}
}

// boundOf leaves out what some service does not bound, on purpose.
func (y *system) boundOf(limits corev1.ResourceList) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, q := range limits {
		if y.allBound(name) {
			out[name] = q
		}
	}
	return out
}
