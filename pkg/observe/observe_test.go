// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/observe"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// shop is a namespace of a mesh that takes mutual TLS only, but for one port.
const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled, kubernetes.io/metadata.name: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: monitoring, labels: {kubernetes.io/metadata.name: monitoring}}
---
apiVersion: v1
kind: Service
metadata: {name: users, namespace: shop, labels: {app: users, tier: back}}
spec:
  selector: {app: users}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 9090, targetPort: adm}]
---
apiVersion: v1
kind: Service
metadata: {name: users-headless, namespace: shop, labels: {app: users, tier: none}}
spec: {clusterIP: None, selector: {app: users}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: plain, namespace: shop}
spec: {selector: {app: plain}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: users-v1, namespace: shop}
spec:
  selector: {matchLabels: {app: users, version: v1}}
  template:
    metadata: {labels: {app: users, version: v1}, annotations: {prometheus.io/port: "9090", prometheus.io/path: /admin/metrics, NOTE: "x"}}
    spec: {containers: [{name: a, image: "a:1", ports: [{name: http, containerPort: 8080}, {name: adm, containerPort: 9090}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: plain, namespace: shop}
spec:
  selector: {matchLabels: {app: plain}}
  template:
    metadata: {labels: {app: plain, sidecar.istio.io/inject: "false"}}
    spec: {containers: [{name: a, image: "a:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`

// prometheus is one that selects in a way.
func prometheus(selectors string) string {
	return "---\napiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: monitoring}\nspec: {" + selectors + "}\n"
}

func find(t *testing.T, world, name string) *observe.Target {
	t.Helper()
	target, err := observe.Find(modeltest.Files(t, "world.yaml", world), "shop", name)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// made is a draft that an API server would take.
func made(t *testing.T, d observe.Draft, err error) observe.Draft {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if problems, known := schema.Check(d.Object); !known || len(problems) > 0 {
		t.Errorf("known %t: %v", known, problems)
	}
	return d
}

func at(t *testing.T, d observe.Draft, pointer string) any {
	t.Helper()
	v, err := patch.Get(d.Object, pointer)
	if err != nil {
		t.Fatalf("%s: %v", pointer, err)
	}
	return v
}

func said(d observe.Draft) string {
	all := strings.Join(d.Comments, "\n")
	for _, s := range d.Steps {
		all += "\n" + s.Why + "\n" + s.Command
	}
	return all
}

// TestServiceMonitor finds port, path and labels, and says what mutual TLS asks for.
func TestServiceMonitor(t *testing.T) {
	d, err := find(t, shop, "svc/users").ServiceMonitor(observe.Ask{})
	d = made(t, d, err)
	want := map[string]any{
		"endpoints": []any{map[string]any{"port": "admin", "path": "/admin/metrics", "interval": "30s", "scheme": "http"}},
		// app alone would select the headless twin too.
		"selector": map[string]any{"matchLabels": map[string]any{"app": "users", "tier": "back"}},
	}
	if diff := cmp.Diff(want, d.Object["spec"]); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
	for _, text := range []string{"port 9090 takes mutual TLS only (PeerAuthentication shop/default)", `kubectl patch deployment/users-v1 -n shop -p '{"spec":{"template":{"metadata":{"annotations":{"traffic.sidecar.istio.io/excludeInboundPorts":"9090"}}}}}'`} {
		if !strings.Contains(said(d), text) {
			t.Errorf("expected %q in:\n%s", text, said(d))
		}
	}
	open := strings.Replace(shop, `NOTE: "x"`, `traffic.sidecar.istio.io/excludeInboundPorts: "15, 9090"`, 1)
	d, err = find(t, open, "svc/users").ServiceMonitor(observe.Ask{})
	if d = made(t, d, err); strings.Contains(said(d), "kubectl patch") || !strings.Contains(said(d), "plain text gets there: port 9090 does not pass the proxy") {
		t.Errorf("%s", said(d))
	}
	d, err = find(t, shop, "users").ServiceMonitor(observe.Ask{TLS: observe.TLSCerts, Port: "80", Path: "/m", Interval: "15s"})
	if d = made(t, d, err); at(t, d, "/spec/endpoints/0/scheme") != "https" || at(t, d, "/spec/endpoints/0/tlsConfig/caFile") != "/etc/prom-certs/root-cert.pem" || at(t, d, "/spec/endpoints/0/port") != "http" {
		t.Errorf("%v", d.Object)
	}
}

// TestNameless proposes what a Service lacks.
func TestNameless(t *testing.T) {
	d, err := find(t, shop, "svc/plain").ServiceMonitor(observe.Ask{})
	d = made(t, d, err)
	for _, text := range []string{
		`kubectl patch service/plain -n shop --type=json -p '[{"op":"add","path":"/spec/ports/0/name","value":"http-metrics"}]'`,
		"kubectl label service/plain -n shop app.kubernetes.io/name=plain", "port 80 is the only one of service/plain",
	} {
		if !strings.Contains(said(d), text) {
			t.Errorf("expected %q in:\n%s", text, said(d))
		}
	}
	if at(t, d, "/spec/endpoints/0/port") != "http-metrics" {
		t.Errorf("%v", d.Object)
	}
	d, err = find(t, shop, "deploy/plain").PodMonitor(observe.Ask{})
	if d = made(t, d, err); !strings.Contains(said(d), `"path":"/spec/template/spec/containers/0/ports/0/name"`) {
		t.Errorf("%s", said(d))
	}
}

// TestPodMonitor asks the proxy in a mesh, and the program where there is none.
func TestPodMonitor(t *testing.T) {
	d, err := find(t, shop, "svc/users").PodMonitor(observe.Ask{TLS: observe.TLSAuto})
	d = made(t, d, err)
	if at(t, d, "/spec/podMetricsEndpoints/0/relabelings/0/replacement") != "$1:15020" || at(t, d, "/spec/podMetricsEndpoints/0/path") != "/stats/prometheus" || !strings.Contains(said(d), `"prometheus.io/scrape":"true"`) {
		t.Errorf("%v\n%s", d.Object, said(d))
	}
	d, err = find(t, shop, "svc/users").PodMonitor(observe.Ask{TLS: observe.TLSAuto, Port: "adm"})
	if d = made(t, d, err); at(t, d, "/spec/podMetricsEndpoints/0/port") != "adm" || !strings.Contains(said(d), "excludeInboundPorts") {
		t.Errorf("%v\n%s", d.Object, said(d))
	}
}

// TestAdmit has a Prometheus take the monitor where one can.
func TestAdmit(t *testing.T) {
	const all = "serviceMonitorNamespaceSelector: {}"
	for _, c := range []struct {
		name, selectors string
		given           map[string]string
		want            map[string]any
		said            string
	}{
		{"null selects nothing", all, nil, nil, "no Prometheus takes it: Prometheus monitoring/k8s has no serviceMonitorSelector, which selects nothing"},
		{"{} selects all", all + ", serviceMonitorSelector: {}", nil, nil, "taken by Prometheus monitoring/k8s"},
		{"labels", all + ", serviceMonitorSelector: {matchLabels: {release: kps}}", nil, map[string]any{"release": "kps"}, "taken by Prometheus monitoring/k8s"},
		{"one of several", all + ", serviceMonitorSelector: {matchExpressions: [{key: team, operator: In, values: [a, b]}, {key: x, operator: Exists}]}", nil, map[string]any{"team": "a", "x": "true"}, "taken by"},
		{"another namespace", "serviceMonitorSelector: {}", nil, nil, "looks only at its own namespace"},
		{"given in vain", all + ", serviceMonitorSelector: {matchLabels: {release: kps}}", map[string]string{"release": "mine"}, map[string]any{"release": "mine"}, "no Prometheus takes it: Prometheus monitoring/k8s takes only those with release=kps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := find(t, shop+prometheus(c.selectors), "svc/plain").ServiceMonitor(observe.Ask{Labels: c.given})
			d = made(t, d, err)
			labels := at(t, d, "/metadata/labels").(map[string]any)
			for _, own := range []string{"app.kubernetes.io/managed-by", "app.kubernetes.io/name"} {
				delete(labels, own)
			}
			if c.want == nil {
				c.want = map[string]any{}
			}
			if diff := cmp.Diff(c.want, labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if !strings.Contains(said(d), c.said) {
				t.Errorf("expected %q in:\n%s", c.said, said(d))
			}
		})
	}
}

// TestWrong has every mistake told with what may have been meant.
func TestWrong(t *testing.T) {
	s := modeltest.Files(t, "world.yaml", shop)
	for _, c := range []struct{ target, want, hint string }{
		{"svc/usrs", `expected a Service of this world, found no "usrs" in namespace shop`, "svc/users"},
		{"nothing/users", `expected svc/NAME or a workload such as deploy/NAME, found "nothing/users"`, "svc/users"},
		{"svc/", "expected svc/NAME", ""},
		{"cm/users", "expected svc/NAME", "svc/users"},
	} {
		_, err := observe.Find(s, "shop", c.target)
		typed, _ := err.(*fault.Error)
		if typed == nil || typed.Kind != fault.Usage || !strings.Contains(typed.Message, c.want) || !strings.Contains(typed.Hint, c.hint) {
			t.Errorf("%s: %v", c.target, err)
		}
	}
	users, plain := find(t, shop, "svc/users"), find(t, shop, "deploy/plain")
	for _, c := range []struct {
		make func() (observe.Draft, error)
		want string
	}{
		{func() (observe.Draft, error) { return users.ServiceMonitor(observe.Ask{Port: "adm"}) }, "expected a port of service/users, http, admin; found \"adm\""},
		{func() (observe.Draft, error) { return users.ServiceMonitor(observe.Ask{TLS: observe.TLSMerged}) }, "a ServiceMonitor cannot ask the proxy"},
		{func() (observe.Draft, error) { return users.PodMonitor(observe.Ask{TLS: observe.TLSCerts}) }, "a PodMonitor takes certificates from Secrets only"},
		{func() (observe.Draft, error) { return plain.ServiceMonitor(observe.Ask{Port: "9"}) }, "expected a port of service/plain, 80; found \"9\""},
	} {
		if _, err := c.make(); err == nil || fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// TestLogging reads one namespace with any of the collectors, by the objects of the
// scaffold.
func TestLogging(t *testing.T) {
	s := modeltest.Files(t, "world.yaml", shop)
	for _, agent := range observe.Agents() {
		drafts, err := observe.Logging(s, observe.Logs{Namespace: "shop", Agent: agent, Prometheus: "monitoring"})
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[string]int{}
		for _, d := range drafts {
			d = made(t, d, nil)
			kinds[d.Object["kind"].(string)]++
			if d.Object["kind"] == "Namespace" && at(t, d, "/metadata/labels/istio-injection") != "disabled" {
				t.Errorf("%s: the collectors are in the mesh", agent)
			}
		}
		want := map[string]int{"PriorityClass": 1, "Namespace": 1, "ServiceAccount": 1, "Role": 1, "RoleBinding": 1, "ConfigMap": 1, "NetworkPolicy": 1, "DaemonSet": 1}
		if diff := cmp.Diff(want, kinds); diff != "" {
			t.Errorf("%s (-want +got):\n%s", agent, diff)
		}
	}
	for _, l := range []observe.Logs{{Namespace: "shop", Agent: "logstash"}, {Namespace: strings.Repeat("n", 60), Agent: "otel"}, {Namespace: "No", Agent: "otel"}} {
		if _, err := observe.Logging(nil, l); fault.KindOf(err) != fault.Usage {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

// TestRights gives no more than is needed, and says what is no subject.
func TestRights(t *testing.T) {
	drafts, err := observe.RightsTo(observe.Rights{Namespace: "shop", Prometheus: "monitoring/p:web", Subject: "sa:ci/deployer"})
	if err != nil || len(drafts) != 4 {
		t.Fatalf("%v %v", drafts, err)
	}
	for _, d := range drafts {
		made(t, d, nil)
	}
	if diff := cmp.Diff([]any{map[string]any{"apiGroups": []any{""}, "resources": []any{"services/proxy"}, "resourceNames": []any{"p:web", "https:p:web"}, "verbs": []any{"get"}}}, drafts[0].Object["rules"]); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	for _, r := range []observe.Rights{{Prometheus: "p:web"}, {Prometheus: "monitoring/p"}, {Prometheus: "http://prom.example.com:9090"}, {Prometheus: "m/p:1/x"}, {Prometheus: "M/p:1"}, {Prometheus: "m/p:1", Subject: "jane"}, {Prometheus: "m/p:1", Subject: "sa:x"}} {
		if _, err := observe.RightsTo(r); fault.KindOf(err) != fault.Usage {
			t.Errorf("%+v: %v", r, err)
		}
	}
	one := modeltest.Files(t, "world.yaml", shop+prometheus(""))
	if name, err := observe.PrometheusOf(one); err != nil || name != "monitoring/prometheus-operated:web" {
		t.Errorf("%s %v", name, err)
	}
	for _, more := range []string{"", prometheus("") + strings.Replace(prometheus(""), "namespace: monitoring", "namespace: other", 1)} {
		if _, err := observe.PrometheusOf(modeltest.Files(t, "world.yaml", shop+more)); fault.KindOf(err) != fault.Usage {
			t.Errorf("%v", err)
		}
	}
}
