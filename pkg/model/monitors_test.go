// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestScrapes(t *testing.T) {
	s := modeltest.Files(t, "shop.yaml", `
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec:
  selector: {app: cart}
  ports: [{name: http, port: 80, targetPort: web}, {name: admin, port: 81, targetPort: 9000}, {name: plain, port: 8080}, {name: lost, port: 82, targetPort: none}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: other, labels: {app: cart}}
spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: c, image: i, ports: [{name: web, containerPort: 8080}]}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: m, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  endpoints: [{port: http}, {port: admin, path: /a}, {port: plain, scheme: https}, {port: lost}, {port: missing}, {targetPort: web}, {targetPort: 7000}]
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: p, namespace: elsewhere}
spec:
  namespaceSelector: {any: true}
  selector: {matchLabels: {app: cart}}
  podMetricsEndpoints: [{port: web}, {portNumber: 8080}, {targetPort: 9}]
`)
	var got []string
	for _, x := range s.Scrapes() {
		got = append(got, fmt.Sprintf("%s %s %s -> %d %t %s %s", x.Monitor.Ref.Name, x.At, x.Field, x.Port, x.Declared, x.Scheme, x.Path))
	}
	want := []string{
		"m /spec/endpoints/0 port -> 8080 true http /metrics",
		"m /spec/endpoints/1 port -> 9000 false http /a",
		"m /spec/endpoints/2 port -> 8080 true https /metrics",
		"m /spec/endpoints/3 port -> 0 false http /metrics",
		"m /spec/endpoints/5 targetPort -> 8080 true http /metrics",
		"m /spec/endpoints/6 targetPort -> 7000 false http /metrics",
		"p /spec/podMetricsEndpoints/0 port -> 8080 true http /metrics",
		"p /spec/podMetricsEndpoints/1 portNumber -> 8080 true http /metrics",
		"p /spec/podMetricsEndpoints/2 targetPort -> 9 false http /metrics",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scrapes (-want +got):\n%s", diff)
	}
	for _, m := range s.Monitors("shop") {
		if m.Selects(s, "other", map[string]string{"app": "cart"}) || !m.Selects(s, "shop", map[string]string{"app": "cart"}) || m.Selects(s, "shop", nil) {
			t.Errorf("%s: expected it to select app=cart in its own namespace alone", m.Ref)
		}
	}
}

// A copy of a Scraper shares nothing with it.
func TestScraperCopies(t *testing.T) {
	selector := func() *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}
	}
	original := &model.Scraper{Spec: model.ScraperSpec{AdditionalScrapeConfigs: &model.SecretKey{Name: "n"}}}
	spec := reflect.ValueOf(&original.Spec).Elem()
	for i := range spec.NumField() {
		if spec.Field(i).Type() == reflect.TypeFor[*metav1.LabelSelector]() {
			spec.Field(i).Set(reflect.ValueOf(selector()))
		}
	}
	copied := original.DeepCopyObject().(*model.Scraper)
	if diff := cmp.Diff(original, copied); diff != "" {
		t.Fatalf("the copy differs (-original +copy):\n%s", diff)
	}
	other := reflect.ValueOf(&copied.Spec).Elem()
	for i := range other.NumField() {
		if other.Field(i).Kind() == reflect.Pointer && other.Field(i).Pointer() == spec.Field(i).Pointer() {
			t.Errorf("%s is shared", other.Type().Field(i).Name)
		}
	}
}
