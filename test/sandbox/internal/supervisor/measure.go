// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"context"
	"encoding/json"
	"fmt"

	"sigs.k8s.io/kwok/kustomize/metrics/resource"
	"sigs.k8s.io/kwok/kustomize/metrics/usage"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
)

type object = map[string]any

// measure has kwok make up the usage that annotations of pods ask for, and metrics-server serve it.
func (s *supervisor) measure(ctx context.Context) error {
	const kwok = "/apis/kwok.x-k8s.io/v1alpha1/"
	for path, text := range map[string]string{
		kwok + "metrics": resource.DefaultMetricsResource, kwok + "clusterresourceusages": usage.DefaultUsageFromAnnotation,
	} {
		data, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			return err
		}
		if err := s.client.Ensure(ctx, path, json.RawMessage(data)); err != nil {
			return err
		}
	}
	// The API server would look for pods behind any other Service, and none has an address that answers.
	service := object{
		"apiVersion": "v1", "kind": "Service", "metadata": object{"name": plane.MetricsServer},
		"spec": object{"type": "ExternalName", "externalName": "localhost"},
	}
	if err := s.client.Ensure(ctx, "/api/v1/namespaces/kube-system/services", service); err != nil {
		return err
	}
	registration := object{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": object{"name": "v1beta1.metrics.k8s.io"},
		"spec": object{
			"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
			"service":  object{"namespace": "kube-system", "name": plane.MetricsServer, "port": s.ports.MetricsServer},
			"caBundle": s.authority.CertPEM,
		},
	}
	if err := s.client.Ensure(ctx, "/apis/apiregistration.k8s.io/v1/apiservices", registration); err != nil {
		return err
	}
	if err := s.launch(plane.MetricsServer, s.MetricsServer); err != nil {
		return err
	}
	if err := s.state.write(s.Dir); err != nil {
		return err
	}
	return s.await(ctx, fmt.Sprintf("%s, which knows usage half a minute from now", plane.MetricsServer),
		healthy(s.client, "/apis/metrics.k8s.io/v1beta1/nodes"))
}
