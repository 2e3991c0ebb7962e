// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/manifests"
)

// files is the world of some manifests as diagnose reads them: keys may be there
// twice, and objects may not fit their type.
func files(t *testing.T, documents map[string]string) *rules.World {
	t.Helper()
	b := model.NewBuilder(model.Options{Namespace: "shop", Offline: true, Partial: true, Duplicates: true})
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		stream, err := manifest.Split(name, []byte(documents[name]))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range stream.Docs {
			objects, _ := d.Tolerant() // what is no object is not ours to judge
			for _, o := range objects {
				b.Add(model.FromManifest(o, "shop"))
			}
		}
	}
	s, _ := b.Build() // that something does not fit its type is what the rules are to say
	return &rules.World{Snapshot: s}
}

// lines are the findings of all rules, one a line.
func lines(w *rules.World) []string {
	var out []string
	for _, r := range rules.Run(w, manifests.Rules()) {
		out = append(out, strings.Join([]string{r.ID, r.Severity.String(), r.Where, r.Message}, " "))
	}
	return out
}

func TestRepeatedKeys(t *testing.T) {
	w := files(t, map[string]string{"a.yaml": `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: myapp
spec:
  host: myapp
  host: myapp
  trafficPolicy:
    connectionPool:
      http:
        maxRequestsPerConnection: 10
      http:
        idleTimeout: 60s
`})
	want := []string{
		"KM6007 error a.yaml:12:7 key http is there 2 times: only what is on line 12 counts, what is on line 10 is lost",
		"KM6007 warning a.yaml:7:3 key host is there 2 times, with the same value, first on line 6",
	}
	got := lines(w)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMisfit: an object that does not fit its Go type has no typed view, and is
// checked all the same.
func TestMisfit(t *testing.T) {
	w := files(t, map[string]string{"a.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: cart
spec:
  containers:
  - name: cart
    image: example.com/cart:1
    env:
    - name: PORT
      value: 8080
`})
	want := []string{`KM6006 error a.yaml:11:7 spec.containers[0].env[0].value: expected text, found the number 8080`}
	if diff := cmp.Diff(want, lines(w)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestKubeVersion: which versions are gone depends on the cluster.
func TestKubeVersion(t *testing.T) {
	w := files(t, map[string]string{"a.yaml": `apiVersion: networking.k8s.io/v1beta1
kind: IngressClass
metadata:
  name: a
---
apiVersion: apps/v2
kind: Deployment
metadata:
  name: b
`})
	unknown := "KM6005 error a.yaml:6:1 there is no Deployment in apps/v2"
	for version, want := range map[string][]string{
		"":     {unknown, "KM6005 error a.yaml:1:1 networking.k8s.io/v1beta1 IngressClass is gone since Kubernetes 1.22"},
		"1.22": {unknown, "KM6005 error a.yaml:1:1 networking.k8s.io/v1beta1 IngressClass is gone since Kubernetes 1.22"},
		"1.21": {unknown, "KM6005 info a.yaml:1:1 networking.k8s.io/v1beta1 IngressClass is deprecated since Kubernetes 1.19 and goes with 1.22"},
		"1.18": {unknown},
		"1.99": {"KM6005 error a.yaml:1:1 networking.k8s.io/v1beta1 IngressClass is gone since Kubernetes 1.22"},
	} {
		w.KubeVersion = version
		got := slices.DeleteFunc(lines(w), func(l string) bool { return !strings.HasPrefix(l, "KM6005") })
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", version, diff)
		}
	}
}

// TestExamples: the examples are right, and every wrong alarm in them would be one
// for somebody.
func TestExamples(t *testing.T) {
	for _, folder := range []string{"shop-by-hand", "shop-gateway-api"} {
		w := files(t, read(t, "../../../examples/"+folder))
		if len(w.Objects()) < 10 {
			t.Fatalf("%s: found %d objects", folder, len(w.Objects()))
		}
		for _, line := range lines(w) {
			t.Errorf("%s: %s", folder, line)
		}
	}
}

// TestArticle: the mistakes of the article's manifests that show in one object.
func TestArticle(t *testing.T) {
	w := files(t, read(t, "../../../examples/article"))
	var got []string
	for _, r := range rules.Run(w, manifests.Rules()) {
		if r.Severity > finding.Info {
			file, _, _ := strings.Cut(r.Where, ":")
			got = append(got, strings.Join([]string{r.ID, file, r.Object.Kind, r.Pointer}, " "))
		}
	}
	want := []string{
		"KM2004 05-3-taints.yaml Pod /spec",
		"KM2004 09-1-node-affinity.yaml Deployment /spec",
		"KM2004 09-1-node-affinity.yaml Deployment /spec/template",
		"KM2004 09-1-node-affinity.yaml Deployment /spec/template/spec",
		"KM6006 06-4-circuit-breaker.yaml DestinationRule /spec/trafficPolicy/connectionPool/http/timeout",
		"KM6007 06-3-traffic.yaml DestinationRule ",
		"KM6007 06-4-circuit-breaker.yaml DestinationRule /spec/trafficPolicy/connectionPool/http",
		"KM6011 06-3-traffic.yaml DestinationRule /spec/trafficPolicy/loadBalancer/simple",
		"KM6011 06-4-circuit-breaker.yaml DestinationRule /spec/trafficPolicy/outlierDetection/consecutiveErrors",
		"KM6011 10-2-shop-mesh.yaml DestinationRule /spec/trafficPolicy/outlierDetection/consecutiveErrors",
		"KM6013 05-3-taints.yaml Node /spec/taints/0/key",
		"KM6013 05-3-taints.yaml Pod /spec/tolerations/0/key",
		"KM6013 09-1-node-affinity.yaml Deployment /spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/key",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func read(t *testing.T, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(folder + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = string(data)
	}
	return out
}
