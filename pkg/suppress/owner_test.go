// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

// controlled is a Deployment with its pod and the ReplicaSet in between.
const controlled = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, annotations: {%s}}
spec: {replicas: 1, template: {metadata: {annotations: {%s}, labels: {app: cart}}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: cart-5d8f
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, uid: a, controller: true}]
---
apiVersion: v1
kind: Pod
metadata:
  name: cart-5d8f-x
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: cart-5d8f, uid: b, controller: true}]
---
apiVersion: v1
kind: Pod
metadata:
  name: other
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, uid: a}]
`

func TestControllers(t *testing.T) {
	const note = "kubectl-micro.dev/ignore: 'KM3004: x'"
	for name, c := range map[string]struct {
		world string
		want  []string
	}{
		"on the controller": {fmt.Sprintf(controlled, note, ""), []string{
			"Deployment/spec/replicas: annotation of Deployment prod/cart; x",
			"Deployment/spec/template/metadata/labels/app: annotation of Deployment prod/cart; x",
			"Deployment: annotation of Deployment prod/cart; x",
			"Pod cart-5d8f-x: annotation of Deployment prod/cart; x",
			"ReplicaSet cart-5d8f: annotation of Deployment prod/cart; x",
		}},
		"on the template": {fmt.Sprintf(controlled, "", note), []string{
			"Deployment/spec/template/metadata/labels/app: annotation of the pod template of Deployment prod/cart; x",
			"Pod cart-5d8f-x: annotation of the pod template of Deployment prod/cart; x",
			"ReplicaSet cart-5d8f: annotation of the pod template of Deployment prod/cart; x",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &rules.World{Snapshot: modeltest.Live(t, c.world), Now: now}
			set := suppress.New(w, nil, all, catalog.Means)
			var got []string
			for _, r := range rules.Run(w, all) {
				by, kept := set.Keep(r)
				switch {
				case kept || r.ID != "KM3004":
				case r.Object.Kind != "Deployment" && r.Pointer == "":
					got = append(got, fmt.Sprintf("%s %s: %s; %s", r.Object.Kind, r.Object.Name, by.By, by.Reason))
				case r.Object.Kind == "Deployment" && (r.Pointer == "" || strings.HasPrefix(r.Pointer, "/spec") && !strings.Contains(r.Pointer, "annotations")):
					got = append(got, fmt.Sprintf("Deployment%s: %s; %s", r.Pointer, by.By, by.Reason))
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A finding about a workload that is seen in its pods is about the pods.
func TestTemplateCountsForPods(t *testing.T) {
	w := &rules.World{Snapshot: modeltest.Live(t, fmt.Sprintf(controlled, "", "kubectl-micro.dev/ignore: 'KM3004: x'")), Now: now}
	set := suppress.New(w, nil, all, catalog.Means)
	for _, r := range rules.Run(w, all) {
		if r.ID != "KM3004" || r.Object.Kind != "Deployment" || r.Pointer != "" {
			continue
		}
		if _, kept := set.Keep(r); !kept {
			t.Error("the annotation of the template suppresses a finding about the Deployment")
		}
		r.Pods, r.Of = []string{"cart-5d8f-x"}, 1
		if _, kept := set.Keep(r); kept {
			t.Error("the annotation of the template does not suppress a finding about the pods")
		}
	}
}
