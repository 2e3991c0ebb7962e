// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policytest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/policy/engine"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// odd is a world of what is easily forgotten: names of ports, native sidecars
// with probes, webhooks behind named ports, DNS without an address and with a
// cache on the node, a gateway in another namespace, Jobs outside the mesh.
const odd = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: plain}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec: {selector: {matchLabels: {k8s-app: kube-dns}}, template: {metadata: {labels: {k8s-app: kube-dns}}, spec: {dnsPolicy: Default, containers: [{name: c, image: i, ports: [{name: dns, containerPort: 1053, protocol: UDP}, {name: dns, containerPort: 1053}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: None, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, targetPort: dns, protocol: UDP}, {name: dns-tcp, port: 53, targetPort: dns}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: node-local-dns, namespace: kube-system}
spec: {selector: {matchLabels: {k8s-app: node-local-dns}}, template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {hostNetwork: true, containers: [{name: c, image: i, args: [-localip, "169.254.20.10"]}]}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec: {selector: {matchLabels: {app: cni}}, template: {metadata: {labels: {app: cni}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus, namespace: plain}
spec: {selector: {matchLabels: {app: prometheus}}, template: {metadata: {labels: {app: prometheus}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gw, namespace: edge}
spec: {selector: {matchLabels: {istio: gw}}, template: {metadata: {labels: {istio: gw}}, spec: {serviceAccountName: gw, containers: [{name: istio-proxy, image: i}]}}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: entry, namespace: edge}
spec: {selector: {istio: gw}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [x], gateways: [edge/entry], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
ports: [{port: 6443}]
endpoints: [{addresses: [172.18.0.2]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {sidecar.istio.io/rewriteAppHTTPProbers: "false"}}
    spec:
      serviceAccountName: web
      initContainers: [{name: helper, image: i, restartPolicy: Always, livenessProbe: {tcpSocket: {port: 9999}}}]
      containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}, {name: health, containerPort: 8081}, {name: metrics, containerPort: 9102}], readinessProbe: {httpGet: {port: health, path: /ready}}, livenessProbe: {exec: {command: [x]}}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}, {name: metrics, port: 9, targetPort: metrics}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: metrics}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: hook, namespace: shop}
spec: {selector: {matchLabels: {app: hook}}, template: {metadata: {labels: {app: hook}}, spec: {serviceAccountName: hook, containers: [{name: c, image: i, ports: [{name: admit, containerPort: 9443}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: shop}
spec: {selector: {app: hook}, ports: [{port: 443, targetPort: admit}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com, names: {kind: Thing, plural: things}, scope: Namespaced, conversion: {strategy: Webhook, webhook: {clientConfig: {service: {namespace: shop, name: hook}}}}, versions: []}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: hook, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: x}
subjects: [{kind: ServiceAccount, name: hook}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: plain}
spec: {schedule: "@daily", jobTemplate: {spec: {template: {metadata: {labels: {app: nightly}}, spec: {restartPolicy: Never, containers: [{name: c, image: i, env: [{name: WEB_URL, value: "http://web.shop"}]}]}}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: waiting, namespace: shop}
spec: {selector: {matchLabels: {app: waiting}}, template: {metadata: {labels: {app: waiting}}, spec: {initContainers: [{name: wait, image: i, args: ["--url=http://web:80"]}], containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: bare, namespace: shop}
spec: {selector: {matchLabels: {app: bare}}, template: {metadata: {labels: {app: bare}, annotations: {sidecar.istio.io/inject: "false"}}, spec: {dnsPolicy: None, containers: [{name: c, image: i}]}}}
---
`

// np and ap are changes of namespace shop for an app; all apps if it is empty.
func np(app, types, rules string) string {
	return strings.Replace("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: shop}\nspec: {podSelector: {matchLabels: {app: "+app+"}}, policyTypes: ["+types+"]"+rules+"}\n", "{matchLabels: {app: }}", "{}", 1)
}

func ap(app, rules string) string {
	return "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: ap, namespace: shop}\nspec: {selector: {matchLabels: {app: " + app + "}}" + rules + "}\n"
}

func pa(spec string) string {
	return "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: pa, namespace: shop}\nspec: {" + spec + "}\n"
}

const (
	toDNS    = "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: PORT, protocol: UDP}, {port: PORT}]}"
	toCache  = "{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}"
	toIstiod = "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: istiod}}}], ports: [{port: 15012}]}"
	toAPI    = "{to: [{ipBlock: {cidr: 172.18.0.2/32}}], ports: [{port: 6443}]}"
	fromEdge = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}], ports: [{port: http}]}"
	fromProm = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: plain}}, podSelector: {matchLabels: {app: prometheus}}}], ports: [{port: metrics}, {port: 15020}]}"
	fromJob  = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: plain}}, podSelector: {matchLabels: {app: nightly}}}, {podSelector: {}}], ports: [{port: 8080}]}"
)

// TestLockOuts asks the engine whether changes cut off what has to go on.
func TestLockOuts(t *testing.T) {
	dns := strings.ReplaceAll(toDNS, "PORT", "1053")
	for _, c := range []struct {
		name, change string
		want         []string
	}{
		{"DNS on its Service port", np("waiting", "Egress", ", egress: ["+strings.ReplaceAll(toDNS, "PORT", "53")+", "+toCache+", "+toIstiod+"]"), []string{"INV-DNS waiting"}},
		{"DNS without the cache", np("waiting", "Egress", ", egress: ["+dns+", "+toIstiod+"]"), []string{"INV-DNS waiting"}},
		{"DNS over TCP alone", np("waiting", "Egress", ", egress: ["+strings.Replace(dns, "{port: 1053, protocol: UDP}, ", "", 1)+", "+toCache+", "+toIstiod+"]"), []string{"INV-DNS waiting"}},
		{"DNS of its own", np("bare", "Egress", ""), nil},
		{"istiod", np("waiting", "Egress", ", egress: ["+dns+", "+toCache+"]"), []string{"INV-ISTIOD waiting"}},
		{"API server at its Service", np("hook", "Egress", ", egress: ["+dns+", "+toCache+", "+toIstiod+", "+strings.Replace(toAPI, "6443", "443", 1)+"]"), []string{"INV-APISERVER hook"}},
		{"all of egress", np("hook", "Egress", ", egress: ["+dns+", "+toCache+", "+toIstiod+", "+toAPI+"]"), nil},
		{"gateway of another namespace", np("web", "Ingress", ", ingress: ["+fromProm+", "+fromJob+"]"), []string{"INV-INGRESS web"}},
		{"gateway without its identity", ap("web", ", rules: [{from: [{source: {principals: [cluster.local/ns/edge/sa/other]}}]}, {to: [{operation: {ports: [\"8081\", \"9999\", \"9102\", \"15020\"]}}]}]"), []string{"INV-INGRESS web", "INV-INIT nightly"}},
		{"scraper on a named port", np("web", "Ingress", ", ingress: ["+fromEdge+", "+fromJob+"]"), []string{"INV-METRICS web"}},
		{"scraper without identity", ap("web", ", rules: [{to: [{operation: {ports: [\"8080\", \"8081\", \"9999\"]}}]}]"), []string{"INV-METRICS web"}},
		{"Job of another namespace", np("web", "Ingress", ", ingress: ["+fromEdge+", "+fromProm+"]"), []string{"INV-INIT nightly"}},
		{"all of ingress", np("web", "Ingress", ", ingress: ["+fromEdge+", "+fromProm+", "+fromJob+"]"), nil},
		{"STRICT", pa("mtls: {mode: STRICT}"), []string{"INV-INIT nightly", "INV-INIT waiting", "INV-METRICS web", "INV-PROBE web", "INV-WEBHOOK hook"}},
		{"STRICT but for the named probe", pa("selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {\"8080\": {mode: PERMISSIVE}, \"8081\": {mode: PERMISSIVE}, \"9102\": {mode: PERMISSIVE}}"), []string{"INV-PROBE web"}},
		{"STRICT but for all of them", pa("selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {\"8080\": {mode: PERMISSIVE}, \"8081\": {mode: PERMISSIVE}, \"9102\": {mode: PERMISSIVE}, \"9999\": {mode: PERMISSIVE}}"), nil},
		{"probe of a native sidecar", ap("web", ", rules: [{to: [{operation: {ports: [\"8080\", \"8081\", \"9102\"]}}]}]"), []string{"INV-PROBE web"}},
		{"conversion webhook", np("hook", "Ingress", ""), []string{"INV-WEBHOOK hook"}},
		{"webhook without identity", ap("hook", ", rules: [{from: [{source: {principals: [\"*\"]}}]}]"), []string{"INV-WEBHOOK hook"}},
		{"webhook on its Service port", np("hook", "Ingress", ", ingress: [{ports: [{port: 443}]}]"), []string{"INV-WEBHOOK hook"}},
		{"webhook on its named port", np("hook", "Ingress", ", ingress: [{ports: [{port: admit}]}]"), nil},
		{"the gateway is closed", strings.Replace(np("", "Egress", ""), "namespace: shop", "namespace: edge", 1), []string{"INV-DNS gw", "INV-DNS gw", "INV-INGRESS web", "INV-ISTIOD gw"}},
		{"everything is denied", np("", "Ingress", ""), []string{"INV-INGRESS web", "INV-INIT nightly", "INV-METRICS web", "INV-WEBHOOK hook"}},
		{"denied for the cluster", "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: anp}\nspec: {priority: 1, subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: edge}}}, egress: [{name: shut, action: Deny, to: [{namespaces: {}}]}]}\n", []string{"INV-DNS gw", "INV-INGRESS web", "INV-ISTIOD gw"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := modeltest.Live(t, odd), modeltest.Live(t, odd+c.change)
			var got []string
			for _, v := range policy.Invariants(before, after, engine.Ask(reach.Options{})) {
				got = append(got, v.ID+" "+v.Object.Name)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// What was broken before is no violation.
			if got := policy.Invariants(after, modeltest.Live(t, odd+c.change+strings.Replace(np("none", "Ingress", ""), "name: np", "name: other", 1)), engine.Ask(reach.Options{})); len(got) > 0 {
				t.Errorf("broken before: %+v", got)
			}
		})
	}
}

// TestDenied loses a caller that the intents deny.
func TestDenied(t *testing.T) {
	change := np("web", "Ingress", ", ingress: ["+fromProm+", "+fromJob+"]")
	before, after := modeltest.Live(t, odd), modeltest.Live(t, odd+change)
	in := api.ServiceIntents{Metadata: api.IntentsMeta{Name: "web", Namespace: "shop"}, Spec: api.ServiceIntentsSpec{Workload: "deploy/web"}}
	for deny, want := range map[string]bool{"gateway/edge/entry": false, "prometheus": true} {
		in.Spec.Deny = []string{deny}
		got := policy.Intended(before, after, engine.Ask(reach.Options{}), policy.Options{}, []api.ServiceIntents{in})
		if lost := slices.ContainsFunc(got, func(v policy.Violation) bool { return v.ID == "INV-INGRESS" }); lost != want {
			t.Errorf("%s denied: INV-INGRESS %t, want %t", deny, lost, want)
		}
	}
}
