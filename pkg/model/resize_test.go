// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

type amounts = map[corev1.ResourceName]string

func TestTakenAndAllowed(t *testing.T) {
	for _, c := range []struct {
		name, pod     string
		taken, allows amounts
	}{
		{"overhead counts, and as a limit where there is one", `spec: {overhead: {cpu: 250m, memory: 64Mi},
			containers: [{name: a, resources: {requests: {cpu: 1}, limits: {memory: 1Gi}}}]}`,
			amounts{"cpu": "1250m", "memory": "1088Mi"}, amounts{"memory": "1088Mi"}},
		{"a resize up that waits takes what it asks for", `{spec: {containers: [{name: a, resources: {requests: {cpu: 2}, limits: {cpu: 4}}}]},
			status: {containerStatuses: [{name: a, allocatedResources: {cpu: 1}, resources: {requests: {cpu: 1}, limits: {cpu: 2}}}]}}`,
			amounts{"cpu": "2"}, amounts{"cpu": "4"}},
		{"a resize down takes what it had until it is done", `{spec: {containers: [{name: a, resources: {requests: {cpu: 500m}, limits: {cpu: 1}}}]},
			status: {containerStatuses: [{name: a, allocatedResources: {cpu: 500m}, resources: {requests: {cpu: 2}, limits: {cpu: 3}}}]}}`,
			amounts{"cpu": "2"}, amounts{"cpu": "3"}},
		{"a resize that can never be takes what was allocated", `{spec: {containers: [{name: a, resources: {requests: {cpu: 64}, limits: {cpu: 64}}}]},
			status: {conditions: [{type: PodResizePending, status: "True", reason: Infeasible}],
			containerStatuses: [{name: a, allocatedResources: {cpu: 1}, resources: {requests: {cpu: 1}, limits: {cpu: 2}}}]}}`,
			amounts{"cpu": "1"}, amounts{"cpu": "2"}},
		{"one that is put off takes what it asks for", `{spec: {containers: [{name: a, resources: {requests: {cpu: 64}}}]},
			status: {conditions: [{type: PodResizePending, status: "True", reason: Deferred}],
			containerStatuses: [{name: a, allocatedResources: {cpu: 1}, resources: {requests: {cpu: 1}}}]}}`,
			amounts{"cpu": "64"}, nil},
		{"sidecars are resized too", `{spec: {initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 1}}}], containers: [{name: a}]},
			status: {initContainerStatuses: [{name: s, resources: {requests: {cpu: 3}}}]}}`,
			amounts{"cpu": "3"}, nil},
		{"the pod as a whole is resized", `{spec: {resources: {requests: {cpu: 1}, limits: {cpu: 2}}, containers: [{name: a, resources: {requests: {cpu: 5}}}]},
			status: {allocatedResources: {cpu: 3}, resources: {requests: {cpu: 3}, limits: {cpu: 4}}}}`,
			amounts{"cpu": "3"}, amounts{"cpu": "4"}},
		{"a limit of the pod where its containers ask", `{spec: {resources: {limits: {cpu: 8}}, containers: [{name: a, resources: {requests: {cpu: 2}}}]}}`,
			amounts{"cpu": "2"}, amounts{"cpu": "8"}},
		{"an init container that has ended", `{spec: {initContainers: [{name: i, resources: {limits: {memory: 4Gi}}}, {name: s, restartPolicy: Always, resources: {limits: {memory: 1Gi}}}],
			containers: [{name: a, resources: {limits: {memory: 1Gi}}}]}, status: {conditions: [{type: Initialized, status: "True"}]}}`,
			amounts{"memory": "4Gi"}, amounts{"memory": "2Gi"}},
		{"an init container that has not", `{spec: {initContainers: [{name: i, resources: {limits: {memory: 4Gi}}}], containers: [{name: a, resources: {limits: {memory: 1Gi}}}]}}`,
			amounts{"memory": "4Gi"}, amounts{"memory": "4Gi"}},
	} {
		var p corev1.Pod
		if err := yaml.UnmarshalStrict([]byte(c.pod), &p); err != nil {
			t.Fatal(c.name, err)
		}
		before := p.DeepCopy()
		same(t, c.name+": taken", c.taken, model.Taken(&p))
		same(t, c.name+": allowed", c.allows, model.Allowed(&p))
		if got, want := p.String(), before.String(); got != want {
			t.Errorf("%s: the pod was changed", c.name)
		}
	}
}
