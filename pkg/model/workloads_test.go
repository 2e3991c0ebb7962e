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

func TestInNamespaceIsTheSameAsLookingAtAll(t *testing.T) {
	text := ""
	for _, ns := range []string{"a", "aa", "b", "b-b", "c"} {
		for _, name := range []string{"p", "q"} {
			text += "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: " + ns + "}\n"
		}
	}
	s := modeltest.Live(t, text)
	for _, ns := range []string{"", "a", "aa", "b", "b-b", "c", "d", "0"} {
		var want []string
		for _, o := range s.Objects() {
			if ns == "" || o.Ref.Namespace == ns {
				want = append(want, o.Ref.String())
			}
		}
		var got []string
		for _, o := range s.InNamespace(model.ConfigMaps.GroupKind, ns) {
			got = append(got, o.Ref.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("namespace %q: -want +got\n%s", ns, diff)
		}
	}
}

func TestAbsence(t *testing.T) {
	one := "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\n"
	live, files := modeltest.Live(t, one), modeltest.Files(t, "f.yaml", one)
	gap := live.Without(model.Gap{Kind: model.Secrets.GroupKind, Known: []string{"shop"}})
	for _, c := range []struct {
		name      string
		s         *model.Snapshot
		namespace string
		want      model.Absence
	}{
		{"a cluster knows", live, "shop", model.Proven}, {"everywhere", live, "other", model.Proven},
		{"files hold others", files, "shop", model.NotInSet}, {"files hold none", files, "other", model.Outside},
		{"read", gap, "shop", model.Proven}, {"not read", gap, "other", model.Unknown},
	} {
		if got := c.s.Absence(model.Secrets.Kind, c.namespace); got != c.want {
			t.Errorf("%s: found %v, expected %v", c.name, got, c.want)
		}
	}
}

func TestObservedHearsOfWhatIsLookedAt(t *testing.T) {
	seen := map[string]bool{}
	s := modeltest.Live(t, running).Observed(func(gk ref.GroupKind) { seen[gk.String()] = true })
	model.Secrets.In(s, "shop")
	model.ConfigMaps.Get(s, "shop", "x")
	s.EventsOf(ref.Ref{})
	want := map[string]bool{"Secret": true, "ConfigMap": true, "Event": true}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.Workloads("shop")
	for _, k := range model.WorkloadKinds {
		if !seen[k.GroupKind.String()] {
			t.Errorf("Workloads does not say that it looks at %s", k.GroupKind)
		}
	}
}

func TestDuplicatesAreKept(t *testing.T) {
	text := "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\ntype: first\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\ntype: last\n"
	b := model.NewBuilder(model.Options{Duplicates: true})
	for _, o := range modeltest.Objects(t, "f.yaml", text) {
		b.Add(o)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	last, _ := model.Secrets.Get(s, "shop", "x")
	if last.Value.Type != "last" || len(s.Shadowed()) != 1 || s.Shadowed()[0].Raw()["type"] != "first" {
		t.Fatalf("found %v, shadowed %v", last.Value.Type, s.Shadowed())
	}
	raw := map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "x", "namespace": "shop"}, "type": "mended"}
	after := s.With(s.Shadowed()[0].With(raw))
	if now, _ := model.Secrets.Get(after, "shop", "x"); now.Value.Type != "last" || after.Shadowed()[0].Raw()["type"] != "mended" {
		t.Errorf("the wrong definition was replaced: %v, %v", now.Value.Type, after.Shadowed()[0].Raw()["type"])
	}
	if s.Shadowed()[0].Raw()["type"] != "first" {
		t.Error("the Snapshot itself changed")
	}
}
