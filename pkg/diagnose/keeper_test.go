// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

func TestKeeper(t *testing.T) {
	for _, c := range []struct{ name, meta, want string }{
		{"nobody", "", ""},
		{"a controller", "ownerReferences: [{apiVersion: x/v1, kind: Mesh, name: prod, uid: u, controller: true}]", "Mesh prod"},
		{"an owner that does not control", "ownerReferences: [{apiVersion: x/v1, kind: Mesh, name: prod, uid: u}]", ""},
		{"Argo CD", `annotations: {argocd.argoproj.io/tracking-id: "shop:/Service:prod/cart"}`, "Argo CD application shop"},
		{"Argo CD by label", "labels: {app.kubernetes.io/instance: shop}\n  managedFields: [{manager: argocd-controller, operation: Update}]", "Argo CD application shop"},
		{"the label alone, which others use", "labels: {app.kubernetes.io/instance: shop}", ""},
		{"Flux", "labels: {kustomize.toolkit.fluxcd.io/name: shop}", "Flux Kustomization shop"},
		{"Flux with Helm", "labels: {helm.toolkit.fluxcd.io/name: shop}\n  annotations: {meta.helm.sh/release-name: shop-cart}", "Flux HelmRelease shop"},
		{"Helm", "annotations: {meta.helm.sh/release-name: cart}", "Helm release cart"},
		{"a manager of the field", `managedFields: [{manager: ui, operation: Update, fieldsV1: {"f:spec": {"f:type": {}}}}]`, `field manager "ui"`},
		{"two managers", `managedFields: [{manager: ui, operation: Update, fieldsV1: {"f:spec": {"f:type": {}}}}, {manager: cd, operation: Apply, fieldsV1: {"f:spec": {"f:type": {}}}}]`, `field manager "ui" and field manager "cd"`},
		{"a manager of a list that is changed", `managedFields: [{manager: ui, operation: Update, fieldsV1: {"f:spec": {"f:ports": {"k:{\"port\":80}": {"f:port": {}}}}}}]`, `field manager "ui"`},
		{"a manager of another field", `managedFields: [{manager: ui, operation: Update, fieldsV1: {"f:spec": {"f:selector": {}}}}]`, ""},
		{"kubectl", `managedFields: [{manager: kubectl-edit, operation: Update, fieldsV1: {"f:spec": {"f:type": {}}}}]`, ""},
		{"a manager of the status", `managedFields: [{manager: ui, operation: Update, subresource: status, fieldsV1: {"f:spec": {"f:type": {}}}}]`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			on := modeltest.Objects(t, "live.yaml", `
apiVersion: v1
kind: Service
metadata:
  name: cart
  `+c.meta+`
spec: {type: NodePort, selector: {app: cart}, ports: [{port: 80}]}
`)[0]
			change, err := plan.New(on.Ref, on.Raw(), []patch.Op{
				{Op: patch.Replace, Path: "/spec/type", Value: "ClusterIP"}, {Op: patch.Replace, Path: "/spec/ports/0/port", Value: int64(81)},
			}, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := (diagnose.Repair{On: on, Change: change}).Keeper(); got != c.want {
				t.Errorf("expected %q, found %q", c.want, got)
			}
		})
	}
	if got := (diagnose.Repair{}).Keeper(); got != "" {
		t.Errorf("what is new is kept by %q", got)
	}
}
