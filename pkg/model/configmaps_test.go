// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestConfigMaps(t *testing.T) {
	var spec corev1.PodSpec
	err := yaml.UnmarshalStrict([]byte(`
initContainers:
- {name: migrate, envFrom: [{configMapRef: {name: variables}}, {secretRef: {name: secret}}]}
containers:
- name: app
  envFrom: [{configMapRef: {name: variables}}]
  env: [{name: A, valueFrom: {configMapKeyRef: {name: value, key: a}}}, {name: B, value: b}]
volumes:
- {name: a, configMap: {name: files}}
- {name: b, projected: {sources: [{configMap: {name: projected}}, {secret: {name: secret}}]}}
- {name: c, emptyDir: {}}
`), &spec)
	if err != nil {
		t.Fatal(err)
	}
	if got := model.WholeConfigMaps(&spec); !slices.Equal(got, []string{"files", "projected", "variables"}) {
		t.Errorf("whole: %v", got)
	}
	if got := model.TakenConfigMaps(&spec); !slices.Equal(got, []string{"files", "projected", "value", "variables"}) {
		t.Errorf("taken: %v", got)
	}
}
