// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestPodRequests(t *testing.T) {
	for _, c := range []struct {
		name, spec       string
		requests, limits map[corev1.ResourceName]string
	}{
		{"nothing", `containers: [{name: a}]`, nil, nil},
		{"together", `containers: [{name: a, resources: {requests: {cpu: 1}}}, {name: b, resources: {requests: {cpu: 500m, memory: 1Gi}}}]`,
			map[corev1.ResourceName]string{"cpu": "1500m", "memory": "1Gi"}, nil},
		{"a limit is a request", `containers: [{name: a, resources: {limits: {cpu: 2, memory: 1Gi}, requests: {cpu: 1}}}]`,
			map[corev1.ResourceName]string{"cpu": "1", "memory": "1Gi"}, map[corev1.ResourceName]string{"cpu": "2", "memory": "1Gi"}},
		{"init containers beside earlier sidecars", `{initContainers: [{name: a, resources: {requests: {cpu: 3}}},
			{name: s, restartPolicy: Always, resources: {requests: {cpu: 1}}}, {name: b, resources: {requests: {cpu: 4}}}],
			containers: [{name: c, resources: {requests: {cpu: 2}}}]}`, map[corev1.ResourceName]string{"cpu": "5"}, nil},
		{"sidecars beside the others", `{initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 1}}}],
			containers: [{name: c, resources: {requests: {cpu: 2}}}]}`, map[corev1.ResourceName]string{"cpu": "3"}, nil},
		{"the pod as a whole", `{resources: {requests: {cpu: 9}}, overhead: {cpu: 1}, containers: [{name: c, resources: {requests: {cpu: 2, memory: 1Gi}}}]}`,
			map[corev1.ResourceName]string{"cpu": "9", "memory": "1Gi"}, nil},
		{"a limit of the pod where its containers ask", `{resources: {limits: {cpu: 8, memory: 4Gi}}, containers: [{name: c, resources: {requests: {cpu: 2}}}, {name: d, resources: {limits: {cpu: 1}}}]}`,
			map[corev1.ResourceName]string{"cpu": "3", "memory": "4Gi"}, map[corev1.ResourceName]string{"cpu": "8", "memory": "4Gi"}},
	} {
		var spec corev1.PodSpec
		if err := yaml.UnmarshalStrict([]byte(c.spec), &spec); err != nil {
			t.Fatal(err)
		}
		same(t, c.name+": requests", c.requests, model.PodRequests(&spec))
		same(t, c.name+": limits", c.limits, model.PodLimits(&spec))
	}
}

func same(t *testing.T, name string, want map[corev1.ResourceName]string, got corev1.ResourceList) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: found %v, expected %v", name, got, want)
	}
	for k, amount := range want {
		if q := got[k]; q.String() != amount {
			t.Errorf("%s: found %s of %s, expected %s", name, q.String(), k, amount)
		}
	}
}
