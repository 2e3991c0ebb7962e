// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func connect(t testing.TB, s *apitest.Server) *cluster.Client {
	t.Helper()
	c, err := cluster.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var reviews = ref.Ref{Group: "networking.istio.io", Version: "v1", Kind: "VirtualService", Namespace: "shop", Name: "reviews"}

// virtualService is reviews with the weights of its two destinations.
func virtualService(v1, v2 int64) map[string]any {
	destination := func(subset string, weight int64) any {
		return map[string]any{"destination": map[string]any{"host": "reviews", "subset": subset}, "weight": weight}
	}
	return map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
		"metadata": map[string]any{"name": "reviews", "namespace": "shop"},
		"spec": map[string]any{
			"hosts": []any{"reviews"},
			"http":  []any{map[string]any{"route": []any{destination("v1", v1), destination("v2", v2)}}},
		},
	}
}

// managed adds an entry of managedFields that owns the routes.
func managed(object map[string]any, manager, operation, time string) map[string]any {
	m := object["metadata"].(map[string]any)
	entries, _ := m["managedFields"].([]any)
	m["managedFields"] = append(entries, map[string]any{
		"manager": manager, "operation": operation, "time": time, "apiVersion": "networking.istio.io/v1", "fieldsType": "FieldsV1",
		"fieldsV1": map[string]any{"f:spec": map[string]any{"f:http": map[string]any{}}},
	})
	return object
}
