// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Specs with every field that the types have.
const (
	adminSpec = `
priority: 7
subject: {pods: {namespaceSelector: {matchLabels: {a: b}}, podSelector: {matchExpressions: [{key: k, operator: In, values: [v]}]}}}
ingress: [{name: in, action: Allow, from: [{namespaces: {matchLabels: {a: b}}}], ports: [{portNumber: {protocol: TCP, port: 1}}, {namedPort: web}, {portRange: {protocol: UDP, start: 1, end: 2}}]}]
egress: [{name: out, action: Deny, to: [{pods: {podSelector: {matchLabels: {a: b}}}}, {nodes: {matchLabels: {a: b}}}, {networks: [10.0.0.0/8]}, {domainNames: [a.b]}]}]
`
	clusterSpec = `
tier: Admin
priority: 7
subject: {namespaces: {matchLabels: {a: b}}}
ingress: [{name: in, action: Accept, from: [{namespaces: {matchLabels: {a: b}}}], protocols: [{tcp: {destinationPort: {number: 1}}}, {udp: {destinationPort: {range: {start: 1, end: 2}}}}, {sctp: {destinationPort: {number: 3}}}, {destinationNamedPort: web}]}]
egress: [{name: out, action: Pass, to: [{networks: [10.0.0.0/8]}]}]
`
)

// TestClusterPolicyCopies checks that copies are equal and share nothing.
func TestClusterPolicyCopies(t *testing.T) {
	for _, c := range []struct {
		kind *model.Kind
		spec string
	}{
		{model.AdminNetworkPolicies.Kind, adminSpec}, {model.BaselineAdminNetworkPolicies.Kind, adminSpec}, {model.ClusterNetworkPolicies.Kind, clusterSpec},
	} {
		t.Run(c.kind.Kind, func(t *testing.T) {
			var spec any
			if err := yaml.Unmarshal([]byte(c.spec), &spec); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(map[string]any{"metadata": map[string]any{"name": "x", "labels": map[string]any{"l": "m"}}, "spec": spec})
			if err != nil {
				t.Fatal(err)
			}
			original, pristine := c.kind.New(), c.kind.New()
			for _, o := range []any{original, pristine} {
				if err := yaml.UnmarshalStrict(data, o); err != nil {
					t.Fatal(err)
				}
			}
			scramble(reflect.ValueOf(original.DeepCopyObject()))
			if d := cmp.Diff(pristine, original); d != "" {
				t.Errorf("the copy shares: %s", d)
			}
			if d := cmp.Diff(pristine, original.DeepCopyObject()); d != "" {
				t.Errorf("the copy differs: %s", d)
			}
			again, err := json.Marshal(pristine)
			if err != nil {
				t.Fatal(err)
			}
			back := c.kind.New()
			if err := json.Unmarshal(again, back); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(pristine, back); d != "" {
				t.Errorf("written and read: %s", d)
			}
		})
	}
}

// scramble changes every text and number that can be reached.
func scramble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			scramble(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				scramble(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			scramble(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.ValueOf("scrambled"))
		}
	case reflect.String:
		v.SetString("scrambled")
	case reflect.Int32:
		v.SetInt(99)
	}
}
