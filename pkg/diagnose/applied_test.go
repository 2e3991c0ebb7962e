// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// What kubectl is given has to hold all that it was given before: server-side
// apply takes away what is missing.
func TestApplied(t *testing.T) {
	rename := patch.Op{Op: patch.Add, Path: "/spec/ports/0/name", Value: "http"}
	for _, c := range []struct{ name, object, want string }{
		{"applied by the client", `
metadata:
  name: cart
  namespace: shop
  resourceVersion: "7"
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"apiVersion":"v1","kind":"Service","metadata":{"name":"cart","namespace":"shop"},"spec":{"ports":[{"port":80}],"selector":{"app":"cart"}}}
spec: {clusterIP: 10.0.0.1, selector: {app: cart}, ports: [{port: 80, protocol: TCP, targetPort: 80}]}
`, `
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
`}, {"applied by the server", `
metadata:
  name: cart
  namespace: shop
  managedFields:
  - manager: kube-controller-manager
    operation: Update
    fieldsV1: {"f:status": {}}
  - manager: kubectl
    operation: Apply
    fieldsV1:
      f:spec:
        f:selector: {}
        f:ports:
          k:{"port":80,"protocol":"TCP"}: {".": {}, "f:port": {}}
spec: {clusterIP: 10.0.0.1, selector: {app: cart}, ports: [{port: 80, protocol: TCP, targetPort: 80}]}
`, `
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, protocol: TCP}]}
`}, {"made by somebody else", `
metadata:
  name: cart
  namespace: shop
  managedFields:
  - {manager: helm, operation: Update, fieldsV1: {"f:spec": {"f:ports": {}}}}
spec: {clusterIP: 10.0.0.1, selector: {app: cart}, ports: [{port: 80, protocol: TCP, targetPort: 80}]}
`, `
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: http, port: 80, protocol: TCP, targetPort: 80}]}
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, want := decode(t, c.object), decode(t, c.want)
			change, err := plan.New(model.FromRaw(before, "").Ref, before, []patch.Op{rename}, "name the port")
			if err != nil {
				t.Fatal(err)
			}
			got, left := diagnose.Applied(change)
			if len(left) > 0 {
				t.Errorf("a change that removes nothing leaves %q", left)
			}
			if !patch.Equal(got, want) {
				t.Errorf("-want +got\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// What nobody applied before can be added to, but nothing of it can be removed.
func TestAppliedLeavesWhatItCannotRemove(t *testing.T) {
	before := decode(t, `
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {old: "true"}}
spec: {selector: {app: cart}, ports: [{port: 80, nodePort: 30080}]}
`)
	for _, c := range []struct {
		name string
		ops  []patch.Op
		want string
		left []string
	}{
		{"only removed", []patch.Op{{Op: patch.Remove, Path: "/metadata/annotations/old"}}, `
metadata: {name: cart, namespace: shop}
`, []string{"/metadata/annotations/old"}},
		{"renamed", []patch.Op{
			{Op: patch.Add, Path: "/spec/selector/name", Value: "cart"}, {Op: patch.Remove, Path: "/spec/selector/app"},
		}, `
metadata: {name: cart, namespace: shop}
spec: {selector: {name: cart}}
`, []string{"/spec/selector/app"}},
		{"in a list, which is taken whole", []patch.Op{{Op: patch.Remove, Path: "/spec/ports/0/nodePort"}}, `
metadata: {name: cart, namespace: shop}
spec: {ports: [{port: 80}]}
`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := decode(t, "apiVersion: v1\nkind: Service"+c.want)
			change, err := plan.New(model.FromRaw(before, "").Ref, before, c.ops, "")
			if err != nil {
				t.Fatal(err)
			}
			got, left := diagnose.Applied(change)
			if !patch.Equal(got, want) {
				t.Errorf("-want +got\n%s", cmp.Diff(want, got))
			}
			if diff := cmp.Diff(c.left, left); diff != "" {
				t.Errorf("left: -want +got\n%s", diff)
			}
		})
	}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.Unmarshal([]byte("apiVersion: v1\nkind: Service\n"+text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
