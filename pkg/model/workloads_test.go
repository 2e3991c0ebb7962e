// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// running is a Deployment in the middle of a rollout, a CronJob's Job, a pod of
// a controller the suite does not know, and a bare pod.
const running = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart, version: v2}}, spec: {containers: [{name: app, image: x}]}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: cart-1
  namespace: shop
  annotations: {deployment.kubernetes.io/revision: "1"}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, uid: u, controller: true}]
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: cart-2
  namespace: shop
  annotations: {deployment.kubernetes.io/revision: "2"}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, uid: u, controller: true}]
---
apiVersion: v1
kind: Pod
metadata:
  name: cart-1-a
  namespace: shop
  labels: {app: cart, version: v1}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: cart-1, uid: u, controller: true}]
status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: cart-2-a
  namespace: shop
  labels: {app: cart, version: v2}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: cart-2, uid: u, controller: true}]
status: {phase: Running}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec: {schedule: "@daily", jobTemplate: {spec: {template: {metadata: {labels: {app: report}}, spec: {containers: [{name: app, image: x}]}}}}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: report-1
  namespace: shop
  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: report, uid: u, controller: true}]
---
apiVersion: v1
kind: Pod
metadata:
  name: report-1-a
  namespace: shop
  labels: {app: report}
  ownerReferences: [{apiVersion: batch/v1, kind: Job, name: report-1, uid: u, controller: true}]
status: {phase: Succeeded}
---
apiVersion: v1
kind: Pod
metadata:
  name: canary-a
  namespace: shop
  labels: {app: canary}
  ownerReferences: [{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: canary, uid: u, controller: true}]
---
apiVersion: v1
kind: Pod
metadata:
  name: canary-b
  namespace: shop
  labels: {app: canary}
  ownerReferences: [{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: canary, uid: u, controller: true}]
---
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: shop, labels: {app: alone}}
`

func podNames(pods []string, w *model.Workload) []string {
	for _, p := range w.Pods {
		pods = append(pods, p.Ref.Name)
	}
	return pods
}

func TestWorkloads(t *testing.T) {
	s := modeltest.Live(t, running)
	got := map[string][]string{}
	for _, w := range s.Workloads("shop") {
		got[w.Ref.Short()] = podNames(nil, w)
	}
	want := map[string][]string{
		"deployment/cart": {"cart-1-a", "cart-2-a"}, "cronjob/report": {"report-1-a"},
		"pod/canary-a": {"canary-a", "canary-b"}, "pod/alone": {"alone"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n := len(s.Workloads("")); n != len(want) {
		t.Errorf("expected %d workloads in all namespaces, found %d", len(want), n)
	}
	if n := len(s.Workloads("other")); n != 0 {
		t.Errorf("found %d workloads in another namespace", n)
	}
	for object, want := range map[ref.Ref]string{
		{Kind: "Pod", Namespace: "shop", Name: "cart-1-a"}:                     "deployment/cart",
		{Group: "apps", Kind: "ReplicaSet", Namespace: "shop", Name: "cart-2"}: "deployment/cart",
		{Group: "batch", Kind: "Job", Namespace: "shop", Name: "report-1"}:     "cronjob/report",
		{Kind: "Pod", Namespace: "shop", Name: "alone"}:                        "pod/alone",
	} {
		if w, ok := s.Workload(object); !ok || w.Ref.Short() != want {
			t.Errorf("%s belongs to %v, expected %s", object, w, want)
		}
	}
	cart, _ := s.Workload(ref.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "cart"})
	if len(cart.ReplicaSets) != 2 || cart.ReplicaSets[0].Ref.Name != "cart-2" {
		t.Errorf("the newest revision does not come first: %v", cart.ReplicaSets)
	}
}

func TestPodsFindTheirDeploymentOverAReplicaSetThatIsUnread(t *testing.T) {
	s := modeltest.Live(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: app, image: x}]}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: cart-6d4cf56db6-x
  namespace: shop
  labels: {app: cart, pod-template-hash: 6d4cf56db6}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: cart-6d4cf56db6, uid: u, controller: true}]
---
apiVersion: v1
kind: Pod
metadata:
  name: other-x
  namespace: shop
  labels: {app: other, pod-template-hash: 6d4cf56db6}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: other-6d4cf56db6, uid: u, controller: true}]
`)
	for pod, want := range map[string]string{"cart-6d4cf56db6-x": "deployment/cart", "other-x": "pod/other-x"} {
		if w, ok := s.Workload(ref.Ref{Kind: "Pod", Namespace: "shop", Name: pod}); !ok || w.Ref.Short() != want {
			t.Errorf("%s belongs to %v, expected %s", pod, w, want)
		}
	}
}

func TestSelect(t *testing.T) {
	s := modeltest.Live(t, running)
	for text, want := range map[string]struct {
		workloads   []string
		pods, ready int
	}{
		"app=cart":               {[]string{"cart"}, 2, 1},
		"app=cart,version=v1":    {[]string{"cart"}, 1, 1}, // a live pod of the template before
		"app=cart,version=v3":    {nil, 0, 0},
		"app in (cart, alone)":   {[]string{"cart", "alone"}, 3, 1},
		"app=report":             {[]string{"report"}, 0, 0}, // has ended
		"app!=cart,version!=v9":  {[]string{"report", "alone", "canary-a"}, 3, 0},
		"missing":                {nil, 0, 0},
		"app=canary,app!=nobody": {[]string{"canary-a"}, 2, 0},
	} {
		selector, err := labels.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := s.Select("shop", selector)
		var names []string
		for _, w := range got.Workloads {
			names = append(names, w.Ref.Name)
		}
		slices.Sort(names)
		slices.Sort(want.workloads)
		if !slices.Equal(names, want.workloads) || len(got.Pods) != want.pods || got.Ready != want.ready || got.Planned {
			t.Errorf("%s: found workloads %v, %d pods, %d ready, planned %t; expected %+v", text, names, len(got.Pods), got.Ready, got.Planned, want)
		}
		if got.Empty() != (len(names)+want.pods == 0) {
			t.Errorf("%s: empty is %t", text, got.Empty())
		}
	}
	if !s.Select("other", labels.Everything()).Empty() {
		t.Error("another namespace is not empty")
	}
}

func TestTemplatesStandInForPods(t *testing.T) {
	s := modeltest.Files(t, "f.yaml", running)
	selector, _ := labels.Parse("version=v2")
	got := s.Select("shop", selector)
	if len(got.Workloads) != 1 || !got.Planned {
		t.Errorf("found %d workloads, planned %t", len(got.Workloads), got.Planned)
	}
	for _, w := range s.Workloads("shop") {
		if len(w.Pods) > 0 {
			t.Errorf("%s has live pods in files", w.Ref)
		}
	}
}
