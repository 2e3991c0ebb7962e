// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// randomWorld is a world of n workloads, each with a Service of two ports, a
// gateway and Prometheus. meshed puts the namespace into the mesh; shared gives
// some workloads one ServiceAccount.
func randomWorld(r *rand.Rand, n int, meshed, shared bool) string {
	var b strings.Builder
	label := ""
	if meshed {
		label = ", labels: {istio-injection: enabled}"
	}
	fmt.Fprintf(&b, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop%s}\n", label)
	workload := func(kind, namespace, name, labels, account string) {
		fmt.Fprintf(&b, `---
apiVersion: apps/v1
kind: %s
metadata: {name: %s, namespace: %s}
spec:
  selector: {matchLabels: {%s}}
  template:
    metadata: {labels: {%s, version: v%d}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9102"}}
    spec: {serviceAccountName: %s, containers: [{name: c, image: i}]}
`, kind, name, namespace, labels, labels, r.IntN(3), account)
	}
	for i := range n {
		name := fmt.Sprintf("w%d", i)
		account := name
		if shared && r.IntN(2) == 0 {
			account = "common"
		}
		workload([]string{"Deployment", "StatefulSet", "DaemonSet"}[r.IntN(3)], "shop", name, "app: "+name, account)
		fmt.Fprintf(&b, `---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: shop}
spec: {selector: {app: %s}, ports: [{name: http, port: 80, targetPort: %d}, {name: tcp-x, port: 81, targetPort: %d}]}
`, name, name, 8000+r.IntN(5), 9000+r.IntN(5))
	}
	workload("Deployment", "kube-system", "coredns", "k8s-app: kube-dns", "coredns")
	b.WriteString("---\napiVersion: v1\nkind: Service\nmetadata: {name: kube-dns, namespace: kube-system}\nspec: {selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}, {port: 53, name: tcp}]}\n")
	workload("Deployment", "edge", "proxy", "istio: gw", "proxy")
	workload("StatefulSet", "watch", "prometheus", "app: prometheus", "prometheus")
	b.WriteString(`---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: entry, namespace: edge}
spec: {selector: {istio: gw}, servers: []}
`)
	return b.String()
}

// randomIntents are intents for some of the workloads of a world.
func randomIntents(r *rand.Rand, kinds map[string]string, meshed, shared bool) []api.ServiceIntents {
	var out []api.ServiceIntents
	for i := range len(kinds) {
		name := fmt.Sprintf("w%d", i)
		in := api.ServiceIntents{TypeMeta: api.Type(api.KindServiceIntents), Metadata: api.IntentsMeta{Name: name, Namespace: "shop"}}
		in.Spec.Workload = kinds[name] + "/" + name
		if r.IntN(4) > 0 {
			in.Spec.Callers = randomCallers(r, kinds, meshed && !shared)
		}
		if r.IntN(3) > 0 {
			in.Spec.Calls = []api.Call{}
			for j := range len(kinds) {
				switch r.IntN(4) {
				case 0:
					in.Spec.Calls = append(in.Spec.Calls, api.Call{To: fmt.Sprintf("svc/w%d", j)})
				case 1:
					in.Spec.Calls = append(in.Spec.Calls, api.Call{To: fmt.Sprintf("svc/w%d:8%d", j, r.IntN(2))})
				}
			}
			if r.IntN(3) == 0 {
				in.Spec.Calls = append(in.Spec.Calls, api.Call{To: "external/api.example.com:443"}, api.Call{To: "external/192.0.2.7:5432"})
			}
		}
		if in.Spec.Callers != nil || in.Spec.Calls != nil {
			out = append(out, in)
		}
	}
	return out
}

func randomCallers(r *rand.Rand, kinds map[string]string, http bool) []api.Caller {
	out := []api.Caller{}
	for j := range len(kinds) {
		if r.IntN(3) > 0 {
			continue
		}
		name := fmt.Sprintf("w%d", j)
		c := api.Caller{From: kinds[name] + "/" + name}
		if http && r.IntN(2) == 0 {
			c.HTTP = []api.HTTPRequests{{Methods: []string{"GET"}, Paths: []string{"/a/{*}", "/b*"}}, {Methods: []string{"POST"}}}[:1+r.IntN(2)]
		}
		if http && r.IntN(4) == 0 {
			c.User = &api.User{Issuer: "https://id.example", Claims: map[string][]string{"groups": {"admin", name}, "[realm][role]": {"x"}}}
		}
		out = append(out, c)
	}
	if r.IntN(2) == 0 {
		out = append(out, api.Caller{From: "prometheus"})
	}
	if r.IntN(2) == 0 && !http {
		out = append(out, api.Caller{From: "gateway/edge/entry"})
	}
	return out
}

// TestRoundTrip makes policies of random intents and reads them back: intents
// and what is inferred are the same.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 7))
		meshed, shared := r.IntN(2) == 0, r.IntN(3) == 0
		s := modeltest.Live(t, randomWorld(r, 2+r.IntN(5), meshed, shared))
		kinds := map[string]string{}
		for _, of := range s.Workloads("shop") {
			kinds[of.Ref.Name] = map[string]string{"Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds"}[of.Ref.Kind]
		}
		want := randomIntents(r, kinds, meshed, shared)
		set, err := policy.Generate(s, want, policy.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := policy.Ordered(s, changes(set)); len(got) > 0 {
			t.Errorf("seed %d: not in order: %+v", seed, got)
		}
		got := policy.Infer(applied(t, s, set), "shop", policy.Options{})
		byName := cmpopts.SortSlices(func(a, b api.ServiceIntents) bool { return a.Metadata.Name < b.Metadata.Name })
		callers := cmpopts.SortSlices(func(a, b api.Caller) bool { return a.From < b.From })
		calls := cmpopts.SortSlices(func(a, b api.Call) bool { return a.To < b.To })
		if diff := cmp.Diff(want, got.Intents, byName, callers, calls); diff != "" {
			t.Fatalf("seed %d, meshed %t, shared %t (-want +got):\n%s\n%s", seed, meshed, shared, diff, show(t, set, nil))
		}
		if len(got.Unsaid) > 0 {
			t.Errorf("seed %d: unsaid: %+v", seed, got.Unsaid)
		}
	}
}

// unsayable is a world whose policies intents cannot say.
const unsayable = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: np, namespace: shop}
spec:
  podSelector: {}
  ingress:
  - from: [{ipBlock: {cidr: 10.0.0.0/8}}]
  - from: [{podSelector: {matchLabels: {app: gone}}}]
  - {from: [{podSelector: {}}], ports: [{port: 80, endPort: 90}]}
  - {from: [{podSelector: {}}], ports: [{port: nobody}]}
  - from: [{podSelector: {matchLabels: {app: api}}}]
  egress:
  - to: [{ipBlock: {cidr: 0.0.0.0/0}}]
  - {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ap, namespace: shop}
spec:
  rules:
  - from: [{source: {ipBlocks: [10.0.0.1]}}]
  - from: [{source: {principals: ["*"]}}]
  - to: [{operation: {hosts: [x]}}]
  - from: [{source: {principals: [cluster.local/ns/shop/sa/other]}}]
  - when: [{key: source.ip, values: [10.0.0.1]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny, namespace: shop}
spec: {action: DENY, rules: [{}]}
`

// TestUnsaid lists what no intent can say, with its place.
func TestUnsaid(t *testing.T) {
	s := modeltest.Files(t, "k8s.yaml", unsayable)
	var got []string
	inferred := policy.Infer(s, "", policy.Options{})
	for _, n := range inferred.Unsaid {
		got = append(got, n.Where+" "+n.Text)
	}
	slices.Sort(got)
	want := []string{
		"k8s.yaml:20:12 addresses (10.0.0.0/8) are no caller of an intent",
		"k8s.yaml:21:12 the peer selects no pods that are there",
		"k8s.yaml:22:33 a range of ports or a name that the pods of deployment/api lack is no intent",
		"k8s.yaml:23:33 a range of ports or a name that the pods of deployment/api lack is no intent",
		"k8s.yaml:26:10 addresses (0.0.0.0/0) on all ports are no call of an intent",
		"k8s.yaml:27:5 a rule for all targets is no call of an intent",
		"k8s.yaml:34:12 addresses and exceptions are no caller of an intent",
		`k8s.yaml:35:12 the pattern "*" is no caller of an intent`,
		"k8s.yaml:36:10 hosts and exceptions are no intent",
		"k8s.yaml:37:5 AuthorizationPolicies let sa/shop/other in to deployment/api, NetworkPolicies do not: it is no caller",
		"k8s.yaml:38:5 the condition source.ip is no intent",
		"k8s.yaml:43:8 intents say who is let in, not who is kept out (DENY)",
		"k8s.yaml:5:1 NetworkPolicies let deploy/api in to deployment/api, AuthorizationPolicies do not: it is no caller",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(inferred.Intents) != 1 || inferred.Intents[0].Spec.Callers == nil || len(inferred.Intents[0].Spec.Callers) != 0 {
		t.Errorf("expected one intent without callers, got %+v", inferred.Intents)
	}
}

// TestInferOperations keeps operations on different ports apart.
func TestInferOperations(t *testing.T) {
	s := modeltest.Live(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n"+
		deployment("api", "", "")+service("api", "")+deployment("web", "serviceAccountName: web,", "")+`---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
    to: [{operation: {ports: ["8080"], methods: [GET]}}, {operation: {ports: ["90"], methods: [POST]}}, {operation: {ports: ["90"], paths: [/a]}}]
`)
	got := policy.Infer(s, "shop", policy.Options{})
	want := []api.Caller{
		{From: "deploy/web", Ports: []int32{8080}, HTTP: []api.HTTPRequests{{Methods: []string{"GET"}}}},
		{From: "deploy/web", Ports: []int32{90}, HTTP: []api.HTTPRequests{{Methods: []string{"POST"}}, {Paths: []string{"/a"}}}},
	}
	if len(got.Intents) != 1 || len(got.Unsaid) > 0 {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff(want, got.Intents[0].Spec.Callers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
