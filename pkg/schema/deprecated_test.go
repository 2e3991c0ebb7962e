// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

func TestDeprecated(t *testing.T) {
	tests := []struct {
		name, object string
		want         []schema.Deprecation
	}{
		{"a destination rule", `
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
spec:
  host: a
  trafficPolicy:
    loadBalancer: {simple: LEAST_CONN}
    outlierDetection: {consecutiveErrors: 5}
  subsets:
  - trafficPolicy: {portLevelSettings: [{loadBalancer: {consistentHash: {minimumRingSize: 7}}}]}
`, []schema.Deprecation{
			{Pointer: "/spec/subsets/0/trafficPolicy/portLevelSettings/0/loadBalancer/consistentHash/minimumRingSize", Field: "minimumRingSize",
				Replacement: "ringHash", Becomes: map[string]any{"minimumRingSize": int64(7)}},
			{Pointer: "/spec/trafficPolicy/loadBalancer/simple", Field: "simple", Value: "LEAST_CONN", Replacement: "LEAST_REQUEST", Becomes: "LEAST_REQUEST"},
			{Pointer: "/spec/trafficPolicy/outlierDetection/consecutiveErrors", Field: "consecutiveErrors", Replacement: "consecutive5xxErrors", Becomes: int64(5), Ignored: true},
		}},
		{"a virtual service", `
apiVersion: networking.istio.io/v1
kind: VirtualService
spec:
  http:
  - mirrorPercent: 10
    corsPolicy: {allowOrigin: ["*", example.com]}
    fault: {delay: {percent: 5}}
  - mirror_percent: 20
`, []schema.Deprecation{
			{Pointer: "/spec/http/0/corsPolicy/allowOrigin", Field: "allowOrigin", Replacement: "allowOrigins",
				Becomes: []any{map[string]any{"exact": "*"}, map[string]any{"exact": "example.com"}}},
			{Pointer: "/spec/http/0/fault/delay/percent", Field: "percent", Replacement: "percentage", Becomes: map[string]any{"value": int64(5)}},
			{Pointer: "/spec/http/0/mirrorPercent", Field: "mirrorPercent", Replacement: "mirrorPercentage", Becomes: map[string]any{"value": int64(10)}},
			{Pointer: "/spec/http/1/mirror_percent", Field: "mirror_percent", Replacement: "mirrorPercentage", Becomes: map[string]any{"value": int64(20)}},
		}},
		{"what takes its place is there", `
apiVersion: networking.istio.io/v1
kind: DestinationRule
spec: {trafficPolicy: {outlierDetection: {consecutiveErrors: 5, consecutive5xxErrors: 7}}}
`, []schema.Deprecation{
			{Pointer: "/spec/trafficPolicy/outlierDetection/consecutiveErrors", Field: "consecutiveErrors", Replacement: "consecutive5xxErrors", Ignored: true},
		}},
		{"without a replacement", `
apiVersion: networking.istio.io/v1
kind: Gateway
spec: {servers: [{port: {number: 80, targetPort: 8080}}]}
`, []schema.Deprecation{{Pointer: "/spec/servers/0/port/targetPort", Field: "targetPort", Ignored: true}}},
		{"a service entry keeps its targetPort", `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
spec: {ports: [{number: 80, targetPort: 8080}]}
`, nil},
		{"another kind", `{apiVersion: v1, kind: Service, spec: {consecutiveErrors: 1}}`, nil},
		{"no spec", `{apiVersion: networking.istio.io/v1, kind: Gateway, spec: 1}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, schema.Deprecated(parse(t, test.object))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeprecatedKinds(t *testing.T) {
	if diff := cmp.Diff([]string{"DestinationRule", "Gateway", "Sidecar", "VirtualService"}, schema.DeprecatedKinds()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
