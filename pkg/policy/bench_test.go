// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// large is a world of 2,000 workloads in 50 namespaces, in which each calls the
// next two of its namespace, with the intents that say so.
func large(b *testing.B) (*model.Snapshot, []api.ServiceIntents) {
	b.Helper()
	var text strings.Builder
	var intents []api.ServiceIntents
	for n := range 50 {
		ns := fmt.Sprintf("ns%d", n)
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {istio-injection: enabled}}\n", ns)
		for i := range 40 {
			name := fmt.Sprintf("w%d", i)
			next, previous := fmt.Sprintf("w%d", (i+1)%40), fmt.Sprintf("w%d", (i+39)%40)
			fmt.Fprintf(&text, `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: %s}
spec:
  selector: {matchLabels: {app: %s}}
  template: {metadata: {labels: {app: %s}}, spec: {serviceAccountName: %s, containers: [{name: c, image: i, env: [{name: NEXT, value: "http://%s"}]}]}}
---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: %s}
spec: {selector: {app: %s}, ports: [{name: http, port: 80, targetPort: 8080}]}
`, name, ns, name, name, name, next, name, ns, name)
			in := api.ServiceIntents{TypeMeta: api.Type(api.KindServiceIntents), Metadata: api.IntentsMeta{Name: name, Namespace: ns}}
			in.Spec.Workload = "deploy/" + name
			in.Spec.Callers = []api.Caller{{From: "deploy/" + previous, HTTP: []api.HTTPRequests{{Methods: []string{"GET"}}}}}
			in.Spec.Calls = []api.Call{{To: "svc/" + next}}
			intents = append(intents, in)
		}
	}
	return modeltest.Live(b, text.String()), intents
}

func BenchmarkGenerate(b *testing.B) {
	s, intents := large(b)
	for b.Loop() {
		if set, err := policy.Generate(s, intents, policy.Options{}); err != nil || len(set.Objects) != 4000 {
			b.Fatalf("%d objects: %v", len(set.Objects), err)
		}
	}
}

func BenchmarkDenyByDefault(b *testing.B) {
	s, _ := large(b)
	for b.Loop() {
		if set, err := policy.DenyByDefault(s, "ns7", policy.Options{Egress: true}); err != nil || len(set.Objects) != 82 {
			b.Fatalf("%d objects: %v", len(set.Objects), err)
		}
	}
}

func BenchmarkInfer(b *testing.B) {
	s, intents := large(b)
	set, err := policy.Generate(s, intents, policy.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var objects []*model.Object
	for _, o := range set.Objects {
		one, err := model.Decode(o.Value, o.Ref.Namespace)
		if err != nil {
			b.Fatal(err)
		}
		objects = append(objects, one)
	}
	s = s.With(objects...)
	for b.Loop() {
		if got := policy.Infer(s, "", policy.Options{}); len(got.Intents) != 2000 || len(got.Unsaid) > 0 {
			b.Fatalf("%d intents, %d unsaid", len(got.Intents), len(got.Unsaid))
		}
	}
}
