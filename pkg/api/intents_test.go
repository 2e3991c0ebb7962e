// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// TestServiceIntents writes the shape as people do, and keeps "nobody" apart from
// "nothing is said".
func TestServiceIntents(t *testing.T) {
	in := api.ServiceIntents{
		TypeMeta: api.Type(api.KindServiceIntents), File: "i.yaml", Places: map[string]string{"": "i.yaml:1:1"},
		Metadata: api.IntentsMeta{Name: "backend", Namespace: "shop"},
		Spec:     api.ServiceIntentsSpec{Workload: "deploy/backend", Callers: []api.Caller{}},
	}
	got, err := yaml.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: kubectl-micro.dev/v1alpha1
kind: ServiceIntents
metadata:
  name: backend
  namespace: shop
spec:
  callers: []
  workload: deploy/backend
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var again api.ServiceIntents
	if err := yaml.UnmarshalStrict(got, &again); err != nil {
		t.Fatal(err)
	}
	if again.Spec.Callers == nil || again.Spec.Calls != nil {
		t.Errorf("callers %#v and calls %#v are not what was written", again.Spec.Callers, again.Spec.Calls)
	}
}
