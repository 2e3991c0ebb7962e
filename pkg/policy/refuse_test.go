// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// TestRefused names what cannot be generated, with place and hint.
func TestRefused(t *testing.T) {
	mesh := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n"
	ambient := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}\n"
	tcp := strings.NewReplacer("name: http,", "name: tcp-a,", "name: grpc,", "name: tcp-b,").Replace(service("api", ""))
	both := deployment("api", "", "") + deployment("web", "", "")
	for _, c := range []struct{ name, world, spec, want string }{
		{"HTTP on TCP", mesh + both + tcp, "callers: [{from: deploy/web, http: [{methods: [GET]}]}]", "i.yaml:4:40: expected a port that Istio takes for HTTP, found [90 8080] of Deployment shop/api, where rules about methods and paths are void"},
		{"HTTP without a waypoint", ambient + both + service("api", ""), "callers: [{from: deploy/web, http: [{methods: [GET]}]}]", "i.yaml:4:40: expected a waypoint for the methods, paths and users of deploy/web, found none that its requests pass: ztunnel reads no HTTP"},
		{"no ports", both, "callers: [{from: deploy/web}]", "i.yaml:4:40: expected the ports of Deployment shop/api, found neither a Service nor a containerPort"},
		{"no caller", both + tcp, "callers: [{from: deploy/wep}]", "i.yaml:4:41: expected Deployment shop/wep, found none"},
		{"no Prometheus", both + tcp, "callers: [{from: prometheus}]", "i.yaml:4:41: expected pods of Prometheus, labelled app.kubernetes.io/name=prometheus, found none"},
		{"no gateway", both + tcp, "callers: [{from: gateway/a/b}]", "i.yaml:4:41: expected the pods of gateway a/b, found none"},
		{"no Service", both, "calls: [{to: svc/web}]", "i.yaml:4:39: expected Service shop/web, found none"},
		{"no Service port", both + tcp, "calls: [{to: 'svc/api:81'}]", `i.yaml:4:39: expected a port of Service shop/api, found "81"; it has [80 90]`},
		{"no pods", tcp + deployment("api2", "", ""), "calls: []", "i.yaml:4:8: expected Deployment shop/api, found none"},
		{"host network", deployment("api", "hostNetwork: true,", ""), "callers: []", "i.yaml:4:8: Deployment shop/api uses the network of its node: neither NetworkPolicies nor a sidecar count for it"},
		{"ExternalName", both + "---\napiVersion: v1\nkind: Service\nmetadata: {name: out, namespace: shop}\nspec: {type: ExternalName, externalName: x.example}\n", "calls: [{to: svc/out}]", "i.yaml:4:39: expected a Service with pods, found Service shop/out, which is another name of x.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			intents, err := policy.Read("i.yaml", []byte(head+"metadata: {name: api, namespace: shop}\nspec: {workload: deploy/api, "+c.spec+"}\n"), "shop")
			if err != nil {
				t.Fatal(err)
			}
			_, err = policy.Generate(modeltest.Live(t, c.world), intents, policy.Options{})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestUnread says that a kind could not be read instead of that nothing is there.
func TestUnread(t *testing.T) {
	s := modeltest.Live(t, deployment("web", "", "")).Without(model.Gap{Kind: model.StatefulSets.GroupKind, Reason: "cannot list statefulsets: forbidden"})
	intents, err := policy.Read("i.yaml", []byte(head+"metadata: {name: db, namespace: shop}\nspec: {workload: sts/db, callers: []}\n"), "shop")
	if err != nil {
		t.Fatal(err)
	}
	_, err = policy.Generate(s, intents, policy.Options{})
	want := "i.yaml:4:8: expected StatefulSet shop/db, which could not be read: cannot list statefulsets: forbidden"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestUnknownMesh warns where files hold no Namespace that says whether it is in
// the mesh.
func TestUnknownMesh(t *testing.T) {
	text := deployment("api", "", "") + service("api", "") + strictAll
	intents, err := policy.Read("i.yaml", []byte(head+"metadata: {name: api, namespace: shop}\nspec: {workload: deploy/api, callers: []}\n"), "shop")
	if err != nil {
		t.Fatal(err)
	}
	s := modeltest.Files(t, "k8s.yaml", text)
	for mesh, want := range map[policy.Dataplane]bool{policy.Detect: true, policy.Sidecar: false, policy.NoMesh: false} {
		set, err := policy.Generate(s, intents, policy.Options{Mesh: mesh})
		if err != nil {
			t.Fatal(err)
		}
		warned := len(set.Warnings) > 0 && strings.HasPrefix(set.Warnings[0].Text, "Namespace shop is not in view: taking deployment/api as sidecar")
		if warned != want {
			t.Errorf("mesh %s: warnings %+v", mesh, set.Warnings)
		}
	}
}

// TestOdd reads worlds of odd objects without a panic.
func TestOdd(t *testing.T) {
	s := modeltest.Live(t, strings.ReplaceAll(base, "name: CNI", "name: x")+`---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: odd, namespace: shop}
spec:
  podSelector: {matchExpressions: [{key: a, operator: Sometimes}]}
  ingress: [{from: [{}, {ipBlock: {cidr: nonsense}}], ports: [{}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: odder, namespace: shop}
spec:
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{}, {ipBlock: {cidr: nonsense}}, {namespaceSelector: {matchExpressions: [{key: a, operator: "No"}]}}], ports: [{}, {port: x}]}]
  egress: [{to: [{ipBlock: {cidr: nonsense}}], ports: [{port: 1}, {protocol: UDP}]}, {}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: odd, namespace: shop}
spec: {rules: [{from: [{}], to: [{}]}, {when: [{key: request.auth.claims}]}, {from: [{source: {requestPrincipals: ["*", "/", "a/b"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: odd, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: empty, namespace: shop}
---
apiVersion: v1
kind: Service
metadata: {name: empty, namespace: shop}
`)
	policy.Infer(s, "", policy.Options{})
	policy.Invariants(s, s.With(), engine)
	policy.Known(s, "", policy.Options{Egress: true})
	if set, err := policy.DenyByDefault(s, "shop", policy.Options{Egress: true}); err != nil || set.Empty() {
		t.Errorf("nothing is generated: %v", err)
	}
	set, err := policy.Strict(s, "shop", "", policy.Options{})
	if err != nil || len(set.Offers) != 1 {
		t.Errorf("no offer for the PeerAuthentication without a spec: %v", err)
	}
	if set, err = policy.Allow(s, policy.Request{From: "deploy/job", To: "svc/api", Namespace: "shop"}, policy.Options{}); err != nil || set.Empty() {
		t.Errorf("nothing is allowed: %v", err)
	}
}
