// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

func TestServed(t *testing.T) {
	tests := []struct {
		apiVersion, kind string
		want             schema.Version
	}{
		{"apps/v1", "Deployment", schema.Version{Known: true, Owned: true, Served: true}},
		{"extensions/v1beta1", "Deployment", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 8, Removed: 16, APIVersion: "apps/v1", Kind: "Deployment"}},
		{"extensions/v1beta1", "Ingress", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 14, Removed: 22, APIVersion: "networking.k8s.io/v1", Kind: "Ingress"}},
		{"networking.k8s.io/v1beta1", "IngressClass", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 19, Removed: 22, APIVersion: "networking.k8s.io/v1", Kind: "IngressClass"}},
		{"autoscaling/v2beta2", "HorizontalPodAutoscaler", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 23, Removed: 26, APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"}},
		{"autoscaling/v1", "HorizontalPodAutoscaler", schema.Version{Known: true, Owned: true, Served: true, APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"}},
		{"policy/v1beta1", "PodSecurityPolicy", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 21, Removed: 25}},
		{"extensions/v1beta1", "PodSecurityPolicy", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 11, Removed: 16}},
		{"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 23, Removed: 26, APIVersion: "flowcontrol.apiserver.k8s.io/v1", Kind: "FlowSchema"}},
		{"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", schema.Version{Known: true, Owned: true, Served: true, Deprecated: 16, Removed: 22, APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition"}},
		{"v1", "Deployment", schema.Version{Owned: true, Served: true, APIVersion: "apps/v1", Kind: "Deployment"}},
		{"apps/v2", "Deployment", schema.Version{Owned: true, Served: true, APIVersion: "apps/v1", Kind: "Deployment"}},
		{"apps/v1", "Widget", schema.Version{Owned: true, Served: true}},
		{"networking.istio.io/v1", "VirtualService", schema.Version{Known: true, Owned: true, Custom: true, Served: true}},
		{"networking.istio.io/v1beta1", "VirtualService", schema.Version{Known: true, Owned: true, Custom: true, Served: true, APIVersion: "networking.istio.io/v1", Kind: "VirtualService"}},
		{"networking.istio.io/v1beta1", "ProxyConfig", schema.Version{Known: true, Owned: true, Custom: true, Served: true}},
		{"telemetry.istio.io/v1alpha1", "Telemetry", schema.Version{Known: true, Owned: true, Custom: true, Served: true, APIVersion: "telemetry.istio.io/v1", Kind: "Telemetry"}},
		{"networking.istio.io/v1", "Deployment", schema.Version{Owned: true, Custom: true, Served: true}},
		{"example.com/v1", "Deployment", schema.Version{Served: true}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, schema.Served(test.apiVersion, test.kind)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.apiVersion, test.kind, diff)
		}
	}
}

func TestMinor(t *testing.T) {
	for version, want := range map[string]int{"1.33": 33, "v1.33.2": 33, "1.33+": 33, "v1.33.2-gke.1": 33, "": -1, "2.1": -1, "1": -1, "1.x": -1} {
		minor, ok := schema.Minor(version)
		if !ok {
			minor = -1
		}
		if minor != want {
			t.Errorf("%q: got %d, expected %d", version, minor, want)
		}
	}
	if schema.Newest() < 30 {
		t.Errorf("Newest is %d: the module k8s.io/api was not found in the table", schema.Newest())
	}
}
