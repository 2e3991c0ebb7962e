// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name, object string
		want         []schema.Problem
	}{
		{"a pod without containers", `{apiVersion: v1, kind: Pod, spec: {}}`, []schema.Problem{
			{Fault: schema.Missing, Pointer: "/spec", Field: "containers", Expected: "a list"},
		}},
		{"a deployment of nothing", `{apiVersion: apps/v1, kind: Deployment, spec: {}}`, []schema.Problem{
			{Fault: schema.Missing, Pointer: "/spec", Field: "selector", Expected: "a mapping"},
			{Fault: schema.Missing, Pointer: "/spec", Field: "template", Expected: "a mapping"},
		}},
		{"a template without a pod", `{apiVersion: apps/v1, kind: Deployment, spec: {selector: {}, template: {metadata: {}}}}`, []schema.Problem{
			{Fault: schema.Missing, Pointer: "/spec/template", Field: "spec", Expected: "a mapping"},
		}},
		{"no spec at all", `{apiVersion: apps/v1, kind: Deployment}`, []schema.Problem{
			{Fault: schema.Missing, Pointer: "", Field: "spec", Expected: "a mapping"},
		}},
		{"null is absent", `{apiVersion: v1, kind: Pod, metadata: {creationTimestamp: null}, spec: {containers: null, volumes: null}}`, []schema.Problem{
			{Fault: schema.Missing, Pointer: "/spec", Field: "containers", Expected: "a list"},
		}},
		{"a misspelt field", `{apiVersion: v1, kind: Service, spec: {Selector: {app: a}, port: []}}`, []schema.Problem{
			{Fault: schema.Unknown, Pointer: "/spec/Selector", Field: "Selector", Found: "a mapping", Suggest: "selector"},
			{Fault: schema.Unknown, Pointer: "/spec/port", Field: "port", Found: "a list", Suggest: "ports"},
		}},
		{"no suggestion of what is there", `{apiVersion: v1, kind: Service, spec: {ports: [], port: 80}}`, []schema.Problem{
			{Fault: schema.Unknown, Pointer: "/spec/port", Field: "port", Found: "the number 80", At: []string{"spec.ports[].port"}},
		}},
		{"a field one level too high", `{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, runAsUser: 1, runAsNonRoot: true}]}}`, []schema.Problem{
			{Fault: schema.Unknown, Pointer: "/spec/containers/0/runAsNonRoot", Field: "runAsNonRoot", Found: "true",
				At: []string{"spec.securityContext.runAsNonRoot", "spec.containers[].securityContext.runAsNonRoot"}},
			{Fault: schema.Unknown, Pointer: "/spec/containers/0/runAsUser", Field: "runAsUser", Found: "the number 1",
				At: []string{"spec.securityContext.runAsUser", "spec.containers[].securityContext.runAsUser"}},
		}},
		{"an unknown field of the metadata", `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, label: {a: b}}}`, []schema.Problem{
			{Fault: schema.Unknown, Pointer: "/metadata/label", Field: "label", Found: "a mapping", Suggest: "labels"},
		}},
		{"text for a number and a number for text", `{apiVersion: v1, kind: Pod, spec: {containers: [{name: 7, ports: [{containerPort: "80"}], env: [{name: A, value: true}]}]}}`, []schema.Problem{
			{Fault: schema.Type, Pointer: "/spec/containers/0/env/0/value", Field: "value", Expected: "text", Found: "true", Becomes: "true"},
			{Fault: schema.Type, Pointer: "/spec/containers/0/name", Field: "name", Expected: "text", Found: "the number 7", Becomes: "7"},
			{Fault: schema.Type, Pointer: "/spec/containers/0/ports/0/containerPort", Field: "containerPort", Expected: "a whole number", Found: `the text "80"`, Becomes: int64(80)},
		}},
		{"a number as an annotation", `{apiVersion: v1, kind: Secret, metadata: {annotations: {a/b: 1}}, data: {x: 2}}`, []schema.Problem{
			{Fault: schema.Type, Pointer: "/data/x", Field: "x", Expected: "text", Found: "the number 2", Becomes: "2"},
			{Fault: schema.Type, Pointer: "/metadata/annotations/a~1b", Field: "a/b", Expected: "text", Found: "the number 1", Becomes: "1"},
		}},
		{"a mapping for a list", `{apiVersion: v1, kind: Pod, spec: {containers: {name: a}, nodeSelector: [a]}}`, []schema.Problem{
			{Fault: schema.Type, Pointer: "/spec/containers", Field: "containers", Expected: "a list", Found: "a mapping"},
			{Fault: schema.Type, Pointer: "/spec/nodeSelector", Field: "nodeSelector", Expected: "a mapping", Found: "a list"},
		}},
		{"an item of a list", `{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, args: [1]}]}}`, []schema.Problem{
			{Fault: schema.Type, Pointer: "/spec/containers/0/args/0", Field: "args", Expected: "text", Found: "the number 1", Becomes: "1"},
		}},
		{"a value of an enumeration", `{apiVersion: v1, kind: Pod, spec: {restartPolicy: always, containers: [{name: a, imagePullPolicy: Sometimes}]}}`, []schema.Problem{
			{Fault: schema.Enum, Pointer: "/spec/containers/0/imagePullPolicy", Field: "imagePullPolicy", Expected: "one of Always, IfNotPresent, Never", Found: `the text "Sometimes"`},
			{Fault: schema.Enum, Pointer: "/spec/restartPolicy", Field: "restartPolicy", Expected: "one of Always, Never, OnFailure", Found: `the text "always"`, Suggest: "Always"},
		}},
		{"text or number", `{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 8.5}, {port: 82.0, targetPort: 8}]}}`, []schema.Problem{
			{Fault: schema.Type, Pointer: "/spec/ports/1/targetPort", Field: "targetPort", Expected: "a whole number or text", Found: "the number 8.5"},
		}},
		{"quantities", `{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, resources: {limits: {cpu: 0.5, memory: 1, x: 1Gi, z: true}}}]}}`, []schema.Problem{
			{Fault: schema.Type, Pointer: "/spec/containers/0/resources/limits/z", Field: "z", Expected: "a quantity", Found: "true"},
		}},
		{"bounds", `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, spec: {rules: [{backendRefs: [{name: a, port: 80800, weight: -1}]}]}}`, []schema.Problem{
			{Fault: schema.Range, Pointer: "/spec/rules/0/backendRefs/0/port", Field: "port", Expected: "a whole number from 1 to 65535", Found: "80800"},
			{Fault: schema.Range, Pointer: "/spec/rules/0/backendRefs/0/weight", Field: "weight", Expected: "a whole number from 0 to 1000000", Found: "-1"},
		}},
		{"a number that is kept in 32 bits", `{apiVersion: v1, kind: Service, spec: {ports: [{port: 4294967376, nodePort: many}]}}`, []schema.Problem{
			{Fault: schema.Type, Pointer: "/spec/ports/0/nodePort", Field: "nodePort", Expected: "a whole number", Found: `the text "many"`},
			{Fault: schema.Range, Pointer: "/spec/ports/0/port", Field: "port", Expected: "a whole number from -2147483648 to 2147483647", Found: "4294967376"},
		}},
		{"the timeouts of the article", `{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, spec: {host: a, trafficPolicy: {connectionPool: {http: {timeout: {requestTimeout: 15s, idleTimeout: 60s}}}}}}`, []schema.Problem{
			{Fault: schema.Unknown, Pointer: "/spec/trafficPolicy/connectionPool/http/timeout", Field: "timeout", Found: "a mapping",
				At: []string{"spec.trafficPolicy.connectionPool.http.idleTimeout", "spec.trafficPolicy.connectionPool.tcp.idleTimeout"}},
		}},
		{"a required field of a CRD", `{apiVersion: networking.istio.io/v1, kind: DestinationRule, spec: {subsets: [{labels: {version: 1}}]}}`, []schema.Problem{
			{Fault: schema.Missing, Pointer: "/spec", Field: "host", Expected: "text"},
			{Fault: schema.Missing, Pointer: "/spec/subsets/0", Field: "name", Expected: "text"},
			{Fault: schema.Type, Pointer: "/spec/subsets/0/labels/version", Field: "version", Expected: "text", Found: "the number 1", Becomes: "1"},
		}},
		{"a Prometheus rule", `{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, spec: {groups: [{name: a, rules: [{alert: A, exp: "1", for: 5m}]}]}}`, []schema.Problem{
			{Fault: schema.Missing, Pointer: "/spec/groups/0/rules/0", Field: "expr", Expected: "a whole number or text"},
			{Fault: schema.Unknown, Pointer: "/spec/groups/0/rules/0/exp", Field: "exp", Found: `the text "1"`, Suggest: "expr"},
		}},
		{"no word on where a common name belongs", `{apiVersion: v1, kind: Pod, spec: {containers: [{name: a}], extra: {name: b, nameservers: [c]}}}`, []schema.Problem{
			{Fault: schema.Unknown, Pointer: "/spec/extra", Field: "extra", Found: "a mapping", At: []string{"spec.dnsConfig.nameservers"}},
		}},
		{"an empty value is the default", `{apiVersion: v1, kind: Pod, spec: {restartPolicy: "", containers: [{name: a}]}}`, nil},
		{"status and what a server writes", `{apiVersion: v1, kind: Pod, metadata: {managedFields: [{x: 1}]}, spec: {containers: [{name: a}]}, status: {anything: [1]}}`, nil},
		{"free form", `{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, spec: {configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE, value: {any: [thing]}}}]}}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, known := schema.Check(parse(t, test.object))
			if !known {
				t.Fatal("no schema")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckWithoutSchema(t *testing.T) {
	for _, object := range []string{
		`{apiVersion: example.com/v1, kind: Widget, spec: 1}`, `{apiVersion: apps/v1beta1, kind: Deployment}`,
		`{kind: Pod}`, `{apiVersion: 1, kind: [Pod]}`, `{}`,
		`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: 1}`,
	} {
		if problems, known := schema.Check(parse(t, object)); known || problems != nil {
			t.Errorf("%s: got %v, %t, expected no schema", object, problems, known)
		}
	}
	if !schema.Known("v1", "Pod") || schema.Known("v1", "Widget") {
		t.Error("Known: expected a schema for v1 Pod and none for v1 Widget")
	}
}
