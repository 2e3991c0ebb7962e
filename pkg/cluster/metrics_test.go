// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// The metrics API is another server's: it may serve the newer version or only the
// older one, as protobuf or as JSON.
func TestListMetrics(t *testing.T) {
	for _, c := range []struct {
		name     string
		versions []string
		json     bool
	}{
		{"both versions", []string{"v1", "v1beta1"}, false}, {"the older one", []string{"v1beta1"}, false}, {"JSON", []string{"v1beta1"}, true},
	} {
		server := apitest.New(t, map[string]any{
			"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics", "metadata": map[string]any{"name": "a", "namespace": "shop"},
			"containers": []any{map[string]any{"name": "app", "usage": map[string]any{"cpu": "12345678n", "memory": "64Mi"}}},
		})
		server.Versions, server.JSONOnly = map[string][]string{model.MetricsAPI: c.versions}, c.json
		client, err := cluster.New(server.Config())
		if err != nil {
			t.Fatal(err)
		}
		found, err := client.List(t.Context(), model.PodMetrics.Kind, cluster.ListOptions{Namespace: "shop"})
		if err != nil || len(found) != 1 || found[0].Convert() != nil {
			t.Fatalf("%s: %v, %d objects", c.name, err, len(found))
		}
		m, ok := model.PodMetrics.Of(found[0])
		if !ok || m.Value.Containers[0].Usage.Cpu().String() != "12345678n" {
			t.Errorf("%s: found %v", c.name, found[0].Raw())
		}
	}
}
