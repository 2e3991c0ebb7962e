// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// deployment is one of namespace shop, with more fields for its pod spec and
// container.
func deployment(name, pod, container string) string {
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: shop}
spec:
  selector: {matchLabels: {app: %s}}
  template: {metadata: {labels: {app: %s}}, spec: {%s containers: [{name: c, image: i, %s}]}}
`, name, name, name, pod, container)
}

func service(name, more string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: shop, labels: {app: %s}}\nspec: {selector: {app: %s}, ports: [{name: http, port: 80, targetPort: 8080}, {name: grpc, port: 90}]%s}\n", name, name, name, more)
}

// TestKnown finds callers in everything that manifests tell.
func TestKnown(t *testing.T) {
	api := deployment("api", "", "") + service("api", "")
	for _, c := range []struct{ name, world, want string }{
		{"nobody", api, "nil"},
		{"nothing but an init container listens", deployment("api", "initContainers: [{name: i, image: i, ports: [{containerPort: 1}]}],", ""), "[]"},
		{"a native sidecar listens", deployment("api", "initContainers: [{name: i, image: i, restartPolicy: Always, ports: [{containerPort: 1}]}],", ""), "nil"},
		{"nothing listens", deployment("api", "", ""), "[]"},
		{"url", api + deployment("web", "", `env: [{name: X, value: "https://user:pw@api.shop.svc.cluster.local:80/x"}]`), "deploy/web [8080]"},
		{"both ports", api + deployment("web", "", `env: [{name: X, value: "api:80,api:90"}]`), "deploy/web []"},
		{"host by its name", api + deployment("web", "", `env: [{name: API_HOST, value: api}]`), "deploy/web []"},
		{"a word that is no host", api + deployment("web", "", `env: [{name: MODE, value: api}]`), "nil"},
		{"port that the Service lacks", api + deployment("web", "", `env: [{name: X, value: "api:81"}]`), "nil"},
		{"argument", api + deployment("web", "", `args: [serve, "--upstream=api:90"]`), "deploy/web [90]"},
		{"key of a ConfigMap", api + deployment("web", "", `env: [{name: X, valueFrom: {configMapKeyRef: {name: cm, key: k}}}]`) + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, namespace: shop}\ndata: {k: \"http://api\", other: \"api:90\"}\n", "deploy/web [8080]"},
		{"file of a ConfigMap", api + deployment("web", "volumes: [{name: v, configMap: {name: cm}}],", "") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, namespace: shop}\ndata: {k: \"# api:90\\nupstream: api:80\\n\"}\n", "deploy/web [8080]"},
		{"ConfigMap of another", api + deployment("web", "", "") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, namespace: shop}\ndata: {k: \"api:80\"}\n", "nil"},
		{"exposed", deployment("api", "", "") + service("api", ", type: LoadBalancer"), "internet []"},
		{"HTTPRoute", api + deployment("gw", "", "") + "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: shop}\nspec: {parentRefs: [{name: gw}], rules: [{backendRefs: [{name: api, port: 90}]}]}\n", "gateway/shop/gw [90]"},
		{"GRPCRoute", api + deployment("gw", "", "") + "---\napiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\nmetadata: {name: r, namespace: shop}\nspec: {parentRefs: [{name: gw}], rules: [{backendRefs: [{name: api, port: 90}]}]}\n", "gateway/shop/gw [90]"},
		{"VirtualService", api + deployment("gw", "", "") + "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: r, namespace: shop}\nspec: {hosts: [x], gateways: [gw, mesh], tcp: [{route: [{destination: {host: api, port: {number: 90}}}]}]}\n", "gateway/shop/gw [90]"},
		{"Ingress", api + deployment("ingress-nginx", "", "") + "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: r, namespace: shop}\nspec: {defaultBackend: {service: {name: api, port: {name: grpc}}}}\n", "deploy/ingress-nginx [90]"},
		{"Ingress of nobody", api + "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: r, namespace: shop}\nspec: {defaultBackend: {service: {name: api, port: {name: grpc}}}}\n", "nil lost: deployment/api: Ingress shop/r routes to it, but what runs the caller is not in view"},
		{"ServiceMonitor", api + deployment("prometheus", "", "") + "---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m, namespace: shop}\nspec: {selector: {matchLabels: {app: api}}, endpoints: [{port: grpc}]}\n", "prometheus []"},
		{"ServiceMonitor elsewhere", api + deployment("prometheus", "", "") + "---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m, namespace: other}\nspec: {selector: {matchLabels: {app: api}}, endpoints: [{port: grpc}]}\n", "nil"},
		{"PodMonitor", api + deployment("prometheus", "", "") + "---\napiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: m, namespace: shop}\nspec: {selector: {matchLabels: {app: api}}, podMetricsEndpoints: [{portNumber: 7}]}\n", "prometheus []"},
		{"AuthorizationPolicy", "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n" + api + deployment("web", "serviceAccountName: web,", "") + "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: shop}\nspec: {selector: {matchLabels: {app: api}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}\n", "deploy/web []"},
		{"replicas", strings.NewReplacer("kind: Deployment", "kind: StatefulSet", "spec:\n", "spec:\n  serviceName: api\n").Replace(deployment("api", "", "")) + service("api", ", clusterIP: None"), "sts/api []"},
	} {
		t.Run(c.name, func(t *testing.T) {
			intents, lost := policy.Known(modeltest.Live(t, c.world), "shop", policy.Options{})
			got := "nil"
			for _, in := range intents {
				if in.Metadata.Name != "api" || in.Spec.Callers == nil {
					continue
				}
				got = ""
				for i, caller := range in.Spec.Callers {
					got += fmt.Sprintf("%s %v ", caller.From, caller.Ports)
					if in.Places[fmt.Sprintf("/spec/callers/%d", i)] == "" {
						t.Errorf("%s has no place", caller.From)
					}
				}
				if len(in.Spec.Callers) == 0 {
					got = "[]"
				}
			}
			got = strings.TrimSpace(got)
			for _, n := range lost {
				got += " lost: " + n.Text
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestKnownCalls finds what a workload calls, outside the cluster too.
func TestKnownCalls(t *testing.T) {
	s := modeltest.Live(t, deployment("api", "", "")+service("api", "")+
		deployment("web", "", `env: [{name: A, value: "http://api"}, {name: B, value: "https://api.example.com/v1"}, {name: C, value: "postgres://u:p@db.example.com/x"}, {name: D, value: "http://10.0.0.1:80"}, {name: E, value: "http://gone.shop.svc:80"}, {name: F, value: "a.example.com:99"}, {name: G, value: "foo://b.example.com"}]`))
	intents, _ := policy.Known(s, "shop", policy.Options{Egress: true})
	i := slices.IndexFunc(intents, func(in api.ServiceIntents) bool { return in.Metadata.Name == "web" })
	want := []api.Call{{To: "svc/api:80"}, {To: "external/api.example.com:443"}, {To: "external/db.example.com:5432"}}
	if diff := cmp.Diff(want, intents[i].Spec.Calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRisks says who is left out and where intents do not agree.
func TestRisks(t *testing.T) {
	world := deployment("api", "", "") + service("api", "") + deployment("web", "", `env: [{name: A, value: "http://api"}]`) + deployment("old", "serviceAccountName: old,", `env: [{name: A, value: "http://api"}]`)
	intent := func(name, spec string) string {
		return "---\n" + head + "metadata: {name: " + name + ", namespace: shop}\nspec: {workload: deploy/" + name + ", " + spec + "}\n"
	}
	for _, c := range []struct {
		name, intents string
		want          []string
	}{
		{"left out", intent("api", "callers: [{from: deploy/web}]"), []string{"deploy/old is none of the callers of deployment/api, but calls"}},
		{"denied", intent("api", "callers: [{from: deploy/web}], deny: [deploy/old]"), nil},
		{"denied by its account", intent("api", "callers: [{from: deploy/web}], deny: [sa/shop/old]"), nil},
		{"let in by its account", intent("api", "callers: [{from: deploy/web}, {from: sa/shop/old}]"), nil},
		{"open", intent("api", "calls: []"), nil},
		{"target disagrees", intent("api", "callers: [], deny: [deploy/web, deploy/old]") + intent("web", "calls: [{to: svc/api}]"), []string{"deployment/web calls deployment/api, which does not list it as a caller"}},
		{"caller disagrees", intent("api", "callers: [{from: deploy/web}], deny: [deploy/old]") + intent("web", "calls: []"), []string{"deployment/api lists deployment/web as a caller, whose calls do not name it"}},
		{"agreed", intent("api", "callers: [{from: deploy/web}], deny: [deploy/old]") + intent("web", "calls: [{to: svc/api}]"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			intents, err := policy.Read("i.yaml", []byte(c.intents), "shop")
			if err != nil {
				t.Fatal(err)
			}
			set, err := policy.Generate(modeltest.Live(t, world), intents, policy.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range set.Risks {
				text, _, _ := strings.Cut(r.Text, ": ")
				got = append(got, text)
				if r.Where == "" || r.Fix == "" {
					t.Errorf("%+v has no place or fix", r)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
