// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policytest_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/policy/engine"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/policytest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// shop is the example, without the files of some names.
func shop(t *testing.T, without ...string) string {
	t.Helper()
	const folder = "../../../examples/shop-by-hand"
	names, err := filepath.Glob(folder + "/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	var out []string
	for _, name := range names {
		if !slices.Contains(without, filepath.Base(name)) {
			out = append(out, file(t, folder, filepath.Base(name)))
		}
	}
	return strings.Join(out, "\n---\n")
}

// TestClosedAlready writes nothing for workloads that policies of others have
// closed, least of all rules that are wider than theirs.
func TestClosedAlready(t *testing.T) {
	set, err := policy.DenyByDefault(modeltest.Files(t, "k8s.yaml", shop(t)), "shop", policy.Options{Egress: true})
	if err != nil || !set.Empty() {
		t.Errorf("expected nothing to write, found %d objects: %v", len(set.Objects), err)
	}
	if len(set.Warnings) != 1 || len(set.Warnings[0].And) != 5 {
		t.Errorf("expected one warning about six workloads, found %+v", set.Warnings)
	}
}

// TestClosedInPart leaves the layer alone that others have closed.
func TestClosedInPart(t *testing.T) {
	set, err := policy.DenyByDefault(modeltest.Files(t, "k8s.yaml", shop(t, "policies.yaml")), "shop", policy.Options{})
	if err != nil || set.Empty() {
		t.Fatalf("nothing to write: %v", err)
	}
	for _, o := range set.Objects {
		if o.Ref.Kind != "AuthorizationPolicy" {
			t.Errorf("expected AuthorizationPolicies alone, found %s", o.Ref)
		}
	}
}

// TestAllowedAlready writes nothing for requests that get through, and no more
// than is missing for others.
func TestAllowedAlready(t *testing.T) {
	s := modeltest.Files(t, "k8s.yaml", shop(t))
	r := policy.Request{From: "deploy/order-service", To: "svc/user-service:80", Namespace: "shop", Methods: []string{"GET"}, Paths: []string{"/users/*"}}
	set, err := policy.Allow(s, r, policy.Options{})
	if err != nil || !set.Empty() {
		t.Errorf("expected nothing to write, found %+v: %v", set.Objects, err)
	}
	r.Methods = []string{"POST"}
	set, err = policy.Allow(s, r, policy.Options{})
	if err != nil || len(set.Objects) != 1 || set.Objects[0].Ref != model.AuthorizationPolicies.Ref("shop", "micro-user-service") {
		t.Errorf("expected one AuthorizationPolicy for both versions, found %+v: %v", set.Objects, err)
	}
}

// TestUnseenPrometheus refuses to lock out a scraper that is not in view, and lets
// in the one that a policy of others names.
func TestUnseenPrometheus(t *testing.T) {
	open := shop(t, "policies.yaml", "network-policies.yaml")
	named := open + `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: catalog, namespace: shop}
spec:
  podSelector: {matchLabels: {app: catalog-service}}
  ingress:
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: watch}}}]
    ports: [{port: 9090}, {port: 15020}, {port: 15090}]
`
	for name, c := range map[string]struct {
		world string
		want  bool
	}{"nobody is named": {open, true}, "a namespace is named": {named, false}} {
		s := modeltest.Files(t, "k8s.yaml", c.world)
		set, err := policy.DenyByDefault(s, "shop", policy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		refused := false
		for _, v := range policy.Invariants(s, policytest.Apply(t, s, set), engine.Ask(reach.Options{})) {
			if v.ID == "INV-METRICS" {
				refused = !v.Warning
			} else if !v.Warning {
				t.Errorf("%s: %s %s", name, v.ID, v.Reason)
			}
		}
		if refused != c.want {
			t.Errorf("%s: INV-METRICS %t, want %t", name, refused, c.want)
		}
		versions := 0
		for _, o := range set.Objects {
			if o.Ref.Kind == "NetworkPolicy" && strings.Contains(o.Ref.Name, "user-service") {
				versions++
			}
		}
		if versions != 1 {
			t.Errorf("%s: expected one NetworkPolicy for both versions of user-service, found %d", name, versions)
		}
	}
}
