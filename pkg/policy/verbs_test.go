// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// TestVerbs compares what the verbs write in the worlds of testdata/generate with
// golden files.
func TestVerbs(t *testing.T) {
	strict := func(workload string) func(*model.Snapshot) (policy.Set, error) {
		return func(s *model.Snapshot) (policy.Set, error) {
			return policy.Strict(s, "shop", workload, policy.Options{})
		}
	}
	allow := func(r policy.Request) func(*model.Snapshot) (policy.Set, error) {
		r.Namespace = "shop"
		return func(s *model.Snapshot) (policy.Set, error) { return policy.Allow(s, r, policy.Options{}) }
	}
	for _, c := range []struct {
		name, world, extra string
		do                 func(*model.Snapshot) (policy.Set, error)
	}{
		{"allow-closed", "grants", "", allow(policy.Request{From: "deploy/web", To: "svc/api:80", Methods: []string{"GET"}, Paths: []string{"/x*"}})},
		{"allow-open", "plain", "", allow(policy.Request{From: "cronjob/nightly", To: "deploy/hook", Ports: []int32{9443}})},
		{"allow-bad-path", "grants", "", allow(policy.Request{From: "deploy/web", To: "svc/api:80", Methods: []string{"get"}, Paths: []string{"x"}})},
		{"allow-waypoint", "ambient", "", allow(policy.Request{From: "deploy/web", To: "deploy/api", Paths: []string{"/a/{**}"}})},
		{"deny-by-default", "shop", "", func(s *model.Snapshot) (policy.Set, error) {
			return policy.DenyByDefault(s, "shop", policy.Options{})
		}},
		{"deny-by-default-egress", "shop", "", func(s *model.Snapshot) (policy.Set, error) {
			return policy.DenyByDefault(s, "shop", policy.Options{Egress: true, Layers: policy.Network})
		}},
		{"strict-namespace", "shop", "", strict("")},
		{"strict-workload", "shop", "", strict("deploy/orders")},
		{"strict-nothing", "plain", "", strict("")},
		{"strict-others", "shop", `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: PERMISSIVE}}
`, strict("")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := modeltest.Live(t, load(t, filepath.Join("testdata/generate", c.world), "world.yaml")+c.extra)
			set, err := c.do(s)
			golden(t, filepath.Join("testdata/verbs", c.name+".yaml"), show(t, set, err))
			for _, change := range append(set.Changes, set.Offers...) {
				if change.Patch[0].Op != patch.Test {
					t.Errorf("the patch of %s tests nothing", change.Object)
				}
			}
			if got := policy.Ordered(s, changes(set)); len(got) > 0 {
				t.Errorf("the set is not in order: %+v", got)
			}
		})
	}
}

// TestAllowTwice writes nothing the second time.
func TestAllowTwice(t *testing.T) {
	s := modeltest.Live(t, load(t, "testdata/generate/grants", "world.yaml"))
	r := policy.Request{From: "deploy/web", To: "svc/api", Namespace: "shop"}
	first, err := policy.Allow(s, r, policy.Options{})
	if err != nil || first.Empty() {
		t.Fatalf("nothing to allow: %v %v", first, err)
	}
	second, err := policy.Allow(applied(t, s, first), r, policy.Options{})
	if err != nil || !second.Empty() {
		t.Errorf("the second time there is more to allow: %s", show(t, second, err))
	}
}

// TestForeign refuses to replace objects of others that have the names of ours.
func TestForeign(t *testing.T) {
	folder := "testdata/generate/grants"
	world := strings.Replace(load(t, folder, "world.yaml"), "name: micro-web, namespace: shop, labels: {app.kubernetes.io/managed-by: kubectl-micro}", "name: micro-api, namespace: shop", 1)
	intents, err := policy.Read("intents.yaml", []byte(load(t, folder, "intents.yaml")), "shop")
	if err != nil {
		t.Fatal(err)
	}
	_, err = policy.Generate(modeltest.Live(t, world), intents, policy.Options{})
	want := "NetworkPolicy shop/micro-api: NetworkPolicy shop/micro-api exists and is not ours"
	if err == nil || err.Error() != want {
		t.Errorf("got the error %v, want %s", err, want)
	}
}

// TestKept keeps what our policy says of a direction that the intent leaves out.
func TestKept(t *testing.T) {
	world := load(t, "testdata/generate/grants", "world.yaml")
	intents, err := policy.Read("i.yaml", []byte(`
apiVersion: kubectl-micro.dev/v1alpha1
kind: ServiceIntents
metadata: {name: web}
spec: {workload: deploy/web, callers: [{from: deploy/api, ports: [80]}]}
`), "shop")
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Generate(modeltest.Live(t, world), intents, policy.Options{Layers: policy.Network})
	if err != nil {
		t.Fatal(err)
	}
	spec := map[string]any{}
	for _, o := range set.Objects {
		if o.Ref.Name == "micro-web" {
			spec = o.Value["spec"].(map[string]any)
		}
	}
	want := []any{map[string]any{"ports": []any{map[string]any{"port": int64(53), "protocol": "UDP"}}}}
	if diff := cmp.Diff(want, spec["egress"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"Ingress", "Egress"}, spec["policyTypes"]); diff != "" {
		t.Error(diff)
	}
}

// TestStrictSidecarPort opens no port of the sidecar itself, which meets no
// PeerAuthentication.
func TestStrictSidecarPort(t *testing.T) {
	world := strings.Replace(load(t, "testdata/generate/shop", "world.yaml"), `"9102"`, `"15020"`, 1)
	set, err := policy.Strict(modeltest.Live(t, world), "shop", "deploy/backend", policy.Options{})
	if err != nil || len(set.Objects) != 1 {
		t.Fatalf("got %v and %v", set.Objects, err)
	}
	if levels, has := set.Objects[0].Value["spec"].(map[string]any)["portLevelMtls"]; has {
		t.Errorf("ports are open to plaintext: %v", levels)
	}
}
