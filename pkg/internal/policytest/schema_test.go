// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policytest_test

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// TestSchema compares all that is generated, of the worlds of pkg/policy's own
// tests and of random ones, with the schemas of its kinds.
func TestSchema(t *testing.T) {
	folders, err := filepath.Glob("../../policy/testdata/generate/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no folders: %v", err)
	}
	everything := policy.Network | policy.Authorization | policy.MTLS
	kinds := map[string]int{}
	for _, folder := range folders {
		world, intents := file(t, folder, "world.yaml"), file(t, folder, "intents.yaml")
		s := modeltest.Live(t, world)
		read, err := policy.Read("intents.yaml", []byte(intents), "shop")
		if err != nil {
			t.Fatal(err)
		}
		set, _ := policy.Generate(s, read, policy.Options{Layers: everything})
		checkAll(t, set, kinds)
		set, _ = policy.DenyByDefault(s, "shop", policy.Options{Layers: everything, Egress: true})
		checkAll(t, set, kinds)
		set, _ = policy.Strict(s, "shop", "", policy.Options{})
		checkAll(t, set, kinds)
	}
	for seed := range uint64(20) {
		r := newRandom(seed, "")
		set, err := policy.Generate(modeltest.Live(t, r.text.String()), r.intents(), policy.Options{Layers: everything})
		if err != nil {
			t.Fatal(err)
		}
		checkAll(t, set, kinds)
	}
	for _, kind := range []string{"NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication", "ServiceEntry"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s was generated", kind)
		}
	}
}

func checkAll(t *testing.T, set policy.Set, kinds map[string]int) {
	t.Helper()
	objects := []map[string]any{}
	for _, o := range set.Objects {
		objects = append(objects, o.Value)
		kinds[o.Ref.Kind]++
	}
	for _, c := range append(set.Changes, set.Offers...) {
		objects = append(objects, c.After)
	}
	for _, o := range objects {
		problems, known := schema.Check(o)
		if old := schema.Deprecated(o); !known || len(problems)+len(old) > 0 {
			text, _ := yaml.Marshal(o)
			t.Errorf("known %t: %+v %+v\n%s", known, problems, old, text)
		}
	}
}

func file(t *testing.T, folder, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
