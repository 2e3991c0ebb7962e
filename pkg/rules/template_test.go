// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

const before = `
metadata:
  labels: {app: cart, version: v1, pod-template-hash: aaa}
  annotations: {example.com/note: old}
spec:
  serviceAccountName: cart
  containers:
  - name: app
    image: cart:1.0
    args: [--verbose]
    env:
    - {name: MODE, value: fast}
    - {name: DB_PASSWORD, value: one}
    - {name: DB, value: "postgres://cart:one@db/cart"}
    ports:
    - {containerPort: 8080}
    volumeMounts:
    - {name: data, mountPath: /data}
    - {name: data, mountPath: /cache}
    resources:
      requests: {cpu: 100m}
  volumes:
  - {name: data, emptyDir: {}}
`

const after = `
metadata:
  labels: {app: cart, version: v2, pod-template-hash: bbb}
spec:
  serviceAccountName: cart2
  containers:
  - name: proxy
    image: proxy:1
    env:
    - {name: API_TOKEN, value: two}
  - name: app
    image: cart:1.1
    args: [--verbose, --password=three]
    env:
    - {name: NEW, value: "1"}
    - {name: MODE, value: fast}
    - {name: DB_PASSWORD, value: four}
    - {name: DB, value: "postgres://cart:five@db/cart"}
    ports:
    - {containerPort: 8081}
    volumeMounts:
    - {name: data, mountPath: /data, readOnly: true}
    - {name: data, mountPath: /cache}
    resources:
      requests: {cpu: 200m}
    readinessProbe:
      httpGet: {path: /ready, port: 8081}
  volumes:
  - {name: data, emptyDir: {}}
`

func template(t *testing.T, text string) *corev1.PodTemplateSpec {
	t.Helper()
	var out corev1.PodTemplateSpec
	if err := yaml.UnmarshalStrict([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func TestTemplateDiff(t *testing.T) {
	want := []rules.FieldChange{
		{"containers[app].args", `["--verbose"]`, `["--verbose","--password=REDACTED"]`},
		{"containers[app].env[DB].value", "postgres://cart:REDACTED@db/cart", "postgres://cart:REDACTED@db/cart (another value)"},
		{"containers[app].env[DB_PASSWORD].value", "REDACTED", "REDACTED (another value)"},
		{"containers[app].env[NEW]", "", `{"name":"NEW","value":"1"}`},
		{"containers[app].image", "cart:1.0", "cart:1.1"},
		{"containers[app].ports[8080]", `{"containerPort":8080}`, ""},
		{"containers[app].ports[8081]", "", `{"containerPort":8081}`},
		{"containers[app].readinessProbe", "", `{"httpGet":{"path":"/ready","port":8081}}`},
		{"containers[app].resources.requests.cpu", "100m", "200m"},
		{"containers[app].volumeMounts[/data].readOnly", "", "true"},
		{"containers[proxy]", "", `{"env":[{"name":"API_TOKEN","value":"REDACTED"}],"image":"proxy:1","name":"proxy","resources":{}}`},
		{"metadata.annotations", `{"example.com/note":"old"}`, ""},
		{"metadata.labels[version]", "v1", "v2"},
		{"serviceAccountName", "cart", "cart2"},
	}
	if diff := cmp.Diff(want, rules.TemplateDiff(template(t, before), template(t, after))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTemplateDiffOfEqual(t *testing.T) {
	for _, text := range []string{before, after, "{}"} {
		if got := rules.TemplateDiff(template(t, text), template(t, text)); len(got) != 0 {
			t.Errorf("a template differs from itself: %v", got)
		}
	}
	if got := rules.TemplateDiff(nil, nil); len(got) != 0 {
		t.Errorf("nil differs from nil: %v", got)
	}
	if got := rules.TemplateDiff(nil, template(t, before)); len(got) == 0 {
		t.Error("nil does not differ from a template")
	}
}
