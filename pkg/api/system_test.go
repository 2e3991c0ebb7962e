// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// TestSystem reads the short and the long spelling of ports and dependencies,
// and writes nothing for what was not said.
func TestSystem(t *testing.T) {
	var got api.System
	err := yaml.UnmarshalStrict([]byte(`
apiVersion: kubectl-micro.dev/v1alpha1
kind: System
metadata: {name: shop}
services:
  web:
    image: web:1
    ports: {http: 8080, grpc: {port: 9000, target: 9001}}
    dependsOn: [users, {service: orders, port: grpc}]
`), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := api.SystemService{
		Image:     "web:1",
		Ports:     map[string]api.SystemPort{"http": {Port: 8080}, "grpc": {Port: 9000, Target: 9001}},
		DependsOn: []api.Dependency{{Service: "users"}, {Service: "orders", Port: "grpc"}},
	}
	if diff := cmp.Diff(want, got.Services["web"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text, err := yaml.Marshal(api.System{TypeMeta: api.Type(api.KindSystem), Metadata: api.SystemMeta{Name: "shop"}, Services: map[string]api.SystemService{"web": {Image: "web:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	const short = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: System\nmetadata:\n  name: shop\nservices:\n  web:\n    image: web:1\n"
	if diff := cmp.Diff(short, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
