// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package crd_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/crd"
)

const stream = `# a comment
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  versions:
  - {name: v1, served: true}
  - {name: v1alpha1, served: false}
  - {name: v1beta1, served: true}
---
kind: ValidatingAdmissionPolicy
metadata: {name: other}
--- # the end
`

func TestParseTakesDefinitionsOnly(t *testing.T) {
	got, err := crd.Parse([]byte(stream))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("expected one definition, found %d", len(got))
	}
	if got[0].Name != "things.example.com" {
		t.Errorf("expected things.example.com, found %s", got[0].Name)
	}
	want := []string{"/apis/example.com/v1", "/apis/example.com/v1beta1"}
	if diff := cmp.Diff(want, got[0].Served); diff != "" {
		t.Error(diff)
	}
	var object struct{ Kind string }
	if err := json.Unmarshal(got[0].Object, &object); err != nil || object.Kind != "CustomResourceDefinition" {
		t.Errorf("expected the definition as JSON, found %s (%v)", got[0].Object, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(stream)
	f.Add("---\nkind: [")
	f.Add("kind: CustomResourceDefinition\nspec: 1\n")
	f.Fuzz(func(t *testing.T, stream string) {
		definitions, err := crd.Parse([]byte(stream))
		for _, definition := range definitions {
			if err == nil && !json.Valid(definition.Object) {
				t.Errorf("%q yields %q, which is no JSON", stream, definition.Object)
			}
		}
	})
}

func TestOwnDefinitions(t *testing.T) {
	kwok, err := crd.Kwok()
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := crd.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	if len(kwok) != 12 || len(metrics) != 2 {
		t.Errorf("expected 12 definitions of kwok and 2 of metrics, found %d and %d", len(kwok), len(metrics))
	}
}

func TestSaveRefusesAModuleThatIsNotThePinnedOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "crds.json")
	source := crd.Sources[0]
	source.Sum = "h1:somethingelse="
	err := crd.Save(t.Context(), file, []crd.Source{source})
	if err == nil || !strings.Contains(err.Error(), "checksum h1:somethingelse=") {
		t.Errorf("expected a complaint about the checksum, found %v", err)
	}
	if _, err := crd.Load(file); err == nil {
		t.Error("expected no file")
	}
}

func TestSaveAndLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "crds.json")
	if err := crd.Save(t.Context(), file, crd.Sources); err != nil {
		t.Fatal(err)
	}
	definitions, err := crd.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]bool{}
	for _, definition := range definitions {
		_, group, _ := strings.Cut(definition.Name, ".")
		groups[group] = true
	}
	for _, group := range []string{"networking.istio.io", "gateway.networking.k8s.io", "monitoring.coreos.com"} {
		if !groups[group] {
			t.Errorf("expected definitions of %s, found %v", group, groups)
		}
	}
}
