// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// base is a world in which every invariant has something to hold for.
const base = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: amb, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: CNI, namespace: kube-system}
spec: {selector: {matchLabels: {app: cni}}, template: {metadata: {labels: {app: cni}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: prometheus, namespace: watch}
spec: {selector: {matchLabels: {app: prometheus}}, template: {metadata: {labels: {app: prometheus}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gw, namespace: edge}
spec: {selector: {matchLabels: {istio: gw}}, template: {metadata: {labels: {istio: gw}}, spec: {containers: [{name: istio-proxy, image: i}]}}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: entry, namespace: edge}
spec: {selector: {istio: gw}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: shop}
spec: {hosts: [x], gateways: [edge/entry], http: [{route: [{destination: {host: api}}]}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
ports: [{port: 6443}]
endpoints: [{addresses: [172.18.0.2]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9102", ANNOTATION: "false"}}
    spec:
      serviceAccountName: api
      containers: [{name: c, image: i, readinessProbe: {httpGet: {port: 8080, path: /ready}}}]
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: api}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: api, namespace: shop}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: hooks}
webhooks: [{name: a.b.c, clientConfig: {service: {namespace: shop, name: api, port: 80}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: job, namespace: shop}
spec:
  selector: {matchLabels: {app: job}}
  template:
    metadata: {labels: {app: job}}
    spec:
      initContainers: [{name: wait, image: i, args: ["--url=http://api:80/"]}]
      containers: [{name: c, image: i}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: lone, namespace: shop}
spec: {selector: {matchLabels: {app: lone}}, template: {metadata: {labels: {app: lone}}, spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: amb}
spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i, env: [{name: B, value: "http://b:80"}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b, namespace: amb}
spec: {selector: {matchLabels: {app: b}}, template: {metadata: {labels: {app: b}}, spec: {containers: [{name: c, image: i, livenessProbe: {tcpSocket: {port: 80}}}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: amb}
spec: {selector: {app: b}, ports: [{name: http, port: 80}]}
`

// closed is a NetworkPolicy for an app with rules for its ingress or egress.
func closed(namespace, app, types, rules string) string {
	return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np-" + app + ", namespace: " + namespace + "}\nspec: {podSelector: {matchLabels: {app: " + app + "}}, policyTypes: [" + types + "]" + rules + "}\n"
}

const strictAll = "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: shop}\nspec: {mtls: {mode: STRICT}}\n"

// Rules that keep lifelines open, by what they keep.
const (
	dns    = "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}"
	istiod = "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}, podSelector: {matchLabels: {app: istiod}}}], ports: [{port: 15012}]}"
	server = "{to: [{ipBlock: {cidr: 172.18.0.2/32}}], ports: [{port: 6443}]}"
	hook   = "{from: [{ipBlock: {cidr: 172.18.0.2/32}}], ports: [{port: 8080}]}"
	gate   = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}, podSelector: {matchLabels: {istio: gw}}}], ports: [{port: 8080}]}"
	prom   = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: watch}}, podSelector: {matchLabels: {app: prometheus}}}], ports: [{port: 9102}, {port: 15020}]}"
	tunnel = "{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 80}, {port: 15008}]}"
	kubel  = "{from: [{ipBlock: {cidr: 169.254.7.127/32}}]}"
)

// TestInvariants has for each invariant a change that breaks it and one that
// does not.
func TestInvariants(t *testing.T) {
	noRewrite := strings.Replace(base, "ANNOTATION", "sidecar.istio.io/rewriteAppHTTPProbers", 1)
	native := strings.Replace(base, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: job", `---
apiVersion: v1
kind: Pod
metadata: {name: early, namespace: shop, labels: {app: early}}
spec:
  initContainers: [{name: istio-proxy, image: i, restartPolicy: Always}, {name: wait, image: i, args: ["--url=http://api:80/"]}]
  containers: [{name: c, image: i}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: job`, 1)
	for _, c := range []struct {
		name, world, change string
		// want are the violations: ID, object and who denies.
		want []string
	}{
		{"nothing", base, "", nil},
		{"INV-DNS", base, closed("shop", "api", "Egress", ", egress: ["+istiod+", "+server+"]"), []string{"INV-DNS api np-api"}},
		{"INV-DNS udp", base, closed("shop", "api", "Egress", ", egress: ["+istiod+", "+server+", "+strings.Replace(dns, "{port: 53, protocol: UDP}, ", "", 1)+"]"), []string{"INV-DNS api np-api"}},
		{"INV-ISTIOD", base, closed("shop", "api", "Egress", ", egress: ["+dns+", "+server+"]"), []string{"INV-ISTIOD api np-api"}},
		{"INV-APISERVER", base, closed("shop", "api", "Egress", ", egress: ["+dns+", "+istiod+"]"), []string{"INV-APISERVER api np-api"}},
		{"all of egress", base, closed("shop", "api", "Egress", ", egress: ["+dns+", "+istiod+", "+server+"]"), nil},
		{"INV-WEBHOOK", base, closed("shop", "api", "Ingress", ", ingress: ["+gate+", "+prom+"]"), []string{"INV-WEBHOOK api np-api"}},
		{"INV-INGRESS", base, closed("shop", "api", "Ingress", ", ingress: ["+hook+", "+prom+"]"), []string{"INV-INGRESS api np-api"}},
		{"INV-METRICS", base, closed("shop", "api", "Ingress", ", ingress: ["+hook+", "+gate+"]"), []string{"INV-METRICS api np-api"}},
		{"INV-METRICS sidecar", base, closed("shop", "api", "Ingress", ", ingress: ["+hook+", "+gate+", "+strings.Replace(prom, ", {port: 15020}", "", 1)+"]"), []string{"INV-METRICS api np-api"}},
		{"all of ingress", base, closed("shop", "api", "Ingress", ", ingress: ["+hook+", "+gate+", "+prom+"]"), nil},
		{"egress of the gateway", base, closed("edge", "none", "Egress", "") + strings.Replace(closed("edge", "gw", "Egress", ", egress: ["+dns+"]"), "app: gw", "istio: gw", 1), []string{"INV-INGRESS api np-gw", "INV-ISTIOD gw np-gw"}},
		{"INV-SELF", base, closed("shop", "lone", "Ingress", ""), []string{"INV-SELF lone"}},
		{"INV-SELF said", base, closed("shop", "lone", "Ingress", ", ingress: [{from: [{podSelector: {matchLabels: {app: job}}}]}]"), nil},
		{"INV-PROBE", noRewrite, strictAll, []string{"INV-INIT job p", "INV-PROBE api p", "INV-WEBHOOK api p"}},
		{"INV-PROBE rewritten", base, strictAll, []string{"INV-INIT job p", "INV-WEBHOOK api p"}},
		{"INV-INIT native", native, strictAll, []string{"INV-INIT job p", "INV-WEBHOOK api p"}},
		{"INV-INIT open", noRewrite, strictAll[:len(strictAll)-2] + ", selector: {matchLabels: {app: api}}, portLevelMtls: {\"8080\": {mode: PERMISSIVE}}}\n", nil},
		{"INV-PROBE ambient", base, closed("amb", "b", "Ingress", ", ingress: ["+tunnel+"]"), []string{"INV-PROBE b np-b"}},
		{"INV-ISTIOD tunnel", base, closed("amb", "b", "Ingress", ", ingress: ["+kubel[:len(kubel)-1]+"}, "+strings.Replace(tunnel, ", {port: 15008}", "", 1)+"]"), []string{"INV-ISTIOD b np-b"}},
		{"ambient", base, closed("amb", "b", "Ingress", ", ingress: ["+kubel+", "+tunnel+"]"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			world := strings.ReplaceAll(c.world, "name: CNI", "name: calico-node")
			before, after := modeltest.Live(t, world), modeltest.Live(t, world+c.change)
			if diff := cmp.Diff(c.want, violations(before, after)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// What was broken before is no violation.
			if got := violations(after, modeltest.Live(t, world+c.change+closed("shop", "other", "Ingress", ""))); len(got) > 0 {
				t.Errorf("broken before: %v", got)
			}
		})
	}
}

func violations(before, after *model.Snapshot) []string {
	var out []string
	for _, v := range policy.Invariants(before, after, engine) {
		line := v.ID + " " + v.Object.Name
		if v.By.Object.Name != "" {
			line += " " + v.By.Object.Name
		}
		if v.Warning {
			line += " warning"
		}
		if v.Reason == "" || v.Fix == "" {
			line += " without words"
		}
		out = append(out, line)
	}
	return out
}

// TestCNI warns where nobody enforces what is written.
func TestCNI(t *testing.T) {
	change := closed("shop", "lone", "Ingress", ", ingress: [{from: [{podSelector: {matchLabels: {app: job}}}]}]")
	for name, want := range map[string][]string{
		"calico-node": nil, "cilium": nil, "kube-flannel-ds": {"INV-CNI np-lone warning"}, "something": {"INV-CNI np-lone warning"},
	} {
		world := strings.ReplaceAll(base, "name: CNI", "name: "+name)
		if diff := cmp.Diff(want, violations(modeltest.Live(t, world), modeltest.Live(t, world+change))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestGeneratedHold checks the invariants on what DenyByDefault makes: nothing
// is broken but a workload that nobody is known to call.
func TestGeneratedHold(t *testing.T) {
	for _, namespace := range []string{"shop", "amb"} {
		s := modeltest.Live(t, strings.ReplaceAll(base, "name: CNI", "name: calico-node"))
		set, err := policy.DenyByDefault(s, namespace, policy.Options{Egress: true, Layers: policy.Network})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][]string{"shop": {"INV-SELF lone"}}[namespace]
		if diff := cmp.Diff(want, violations(s, applied(t, s, set))); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", namespace, diff, show(t, set, nil))
		}
	}
}

// TestOrdered finds denials before what they leave over.
func TestOrdered(t *testing.T) {
	s := modeltest.Live(t, base)
	write := func(text string) plan.Change {
		o := modeltest.Objects(t, "x.yaml", text)[0]
		return plan.Change{Object: o.Ref, Verb: plan.Apply, After: o.Raw()}
	}
	deny := write(strings.Replace(closed("shop", "api", "Ingress", ""), "{matchLabels: {app: api}}", "{}", 1))
	deny.Object.Name = "all"
	deny.After["metadata"].(map[string]any)["name"] = "all"
	denyToo := write(closed("shop", "api", "Ingress", ""))
	denyToo.Object.Name = "too"
	denyToo.After["metadata"].(map[string]any)["name"] = "too"
	allow := write(closed("shop", "api", "Ingress", ", ingress: [{}]"))
	denyAll := write("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: all, namespace: shop}\nspec: {}\n")
	allowAll := write("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: some, namespace: shop}\nspec: {selector: {matchLabels: {app: api}}, rules: [{}]}\n")
	removed := plan.Change{Object: allow.Object, Verb: plan.Delete, Before: allow.After}
	other := write(strings.ReplaceAll(closed("shop", "api", "Ingress", ", ingress: [{}]"), "np-api", "np-new"))
	for _, c := range []struct {
		name    string
		changes []plan.Change
		want    int
	}{
		{"allow first", []plan.Change{allow, deny}, 0},
		{"deny first", []plan.Change{deny, allow}, 1},
		{"authorization allow first", []plan.Change{allowAll, denyAll}, 0},
		{"authorization deny first", []plan.Change{denyAll, allowAll}, 1},
		{"two denials first", []plan.Change{deny, denyToo, allow}, 1},
		{"one object", []plan.Change{allow}, 0},
		{"one object twice", []plan.Change{write(closed("shop", "api", "Ingress", "")), allow}, 1},
		{"deleted first", []plan.Change{removed, other}, 1},
		{"deleted last", []plan.Change{other, removed}, 0},
	} {
		got := policy.Ordered(s, c.changes)
		if len(got) != c.want || c.want > 0 && (got[0].ID != "INV-ORDER" || got[0].Object.Name != "api") {
			t.Errorf("%s: got %+v, want %d", c.name, got, c.want)
		}
	}
}
