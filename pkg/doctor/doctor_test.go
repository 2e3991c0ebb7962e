// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/doctor"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// cart is a Service whose metrics a Prometheus takes, with one pod.
const cart = `
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec:
  selector: {app: cart}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart}}
spec:
  containers: [{name: cart, image: example.com/cart:1.0, ports: [{containerPort: 8080}]}]
status: {phase: Running, podIP: 10.0.0.7, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  endpoints: [{port: http}]
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: monitoring}
spec: {serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}}
---
apiVersion: v1
kind: Pod
metadata: {name: prometheus-main-0, namespace: monitoring, labels: {app.kubernetes.io/name: prometheus}}
spec: {containers: [{name: prometheus, image: example.com/prometheus:3}]}
status: {phase: Running, podIP: 10.0.0.9, conditions: [{type: Ready, status: "True"}]}
`

// examine follows the chain of Service shop/cart in a cluster.
func examine(t *testing.T, text string, facts doctor.Facts) doctor.Chain {
	t.Helper()
	w := rulestest.Parse(t, "world.live.yaml", []byte(text))
	var selected []*rules.Rule
	for _, id := range doctor.Rules {
		r, found := catalog.Rule(id)
		if !found {
			t.Fatalf("there is no rule %s", id)
		}
		selected = append(selected, r)
	}
	exam := doctor.Exam{World: w, Engine: reach.New(w.Snapshot, reach.Options{}), Results: rules.Run(w, selected), Facts: facts}
	of := doctor.SubjectsOf(w, model.Services.Ref("shop", "cart"))
	if len(of) != 1 {
		t.Fatalf("%d subjects, expected one", len(of))
	}
	return exam.Chain(of[0])
}

func link(t *testing.T, c doctor.Chain, name string) doctor.Link {
	t.Helper()
	for _, l := range c.Links {
		if l.Name == name {
			return l
		}
	}
	t.Fatalf("no link %q in %+v", name, c.Links)
	return doctor.Link{}
}

// at is where the pod of cart answers.
var at = scrape.Address{Workload: model.Pods.Ref("shop", "cart-1"), Port: 8080, Path: "/metrics"}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, detail, hint string
		answer             doctor.Answer
		want               doctor.State
	}{
		{name: "metrics", answer: doctor.Answer{Status: 200, Looks: "metrics", Bytes: 12, Took: 3 * time.Millisecond}, want: doctor.OK, detail: "12 bytes in 3 ms"},
		{name: "too much", answer: doctor.Answer{Status: 200, Looks: "metrics", Cut: true}, want: doctor.Warning, detail: "more than 10 MB", hint: "sampleLimit"},
		{name: "a page", answer: doctor.Answer{Status: 200, Looks: "html", ContentType: "text/html"}, want: doctor.Broken, detail: "expected metrics, found html (text/html)"},
		{name: "elsewhere", answer: doctor.Answer{Status: 404, Found: "/q/metrics"}, want: doctor.Broken, detail: "status 404", hint: "metrics are at /q/metrics"},
		{name: "credentials", answer: doctor.Answer{Status: 401}, want: doctor.Unknown, detail: "status 401"},
		{name: "closed", answer: doctor.Answer{Err: "dial tcp: connection refused"}, want: doctor.Broken, detail: "connection refused"},
		{name: "reset", answer: doctor.Answer{Err: "connection reset by peer"}, want: doctor.Unknown, detail: "reset by peer"},
		{name: "no right", answer: doctor.Answer{Needs: "get pods/proxy"}, want: doctor.Unknown, detail: "forbidden", hint: "get pods/proxy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.answer.Pod, c.answer.Path = "cart-1", "/metrics"
			l := link(t, examine(t, cart, doctor.Facts{Probed: true, Answers: map[scrape.Address]doctor.Answer{at: c.answer}}), doctor.Answers)
			if l.State != c.want || !strings.Contains(l.Detail, c.detail) || !strings.Contains(l.Hint, c.hint) {
				t.Errorf("%+v, want %s, %q and %q", l, c.want, c.detail, c.hint)
			}
		})
	}
}

// target is one of the pod, in a job of its monitor.
func target(health, lastError string) doctor.ScrapeTarget {
	return doctor.ScrapeTarget{
		Pool: "serviceMonitor/shop/cart/0", URL: "http://10.0.0.7:8080/metrics", Health: health, LastError: lastError,
		Labels: map[string]string{"job": "cart", "instance": "10.0.0.7:8080", "namespace": "shop", "pod": "cart-1"},
	}
}

func TestTargets(t *testing.T) {
	samples := map[string]float64{"cart/10.0.0.7:8080": 7}
	other := target("up", "")
	other.Labels = map[string]string{"namespace": "shop", "pod": "other"}
	for _, c := range []struct {
		name    string
		facts   doctor.Facts
		target  doctor.State
		series  doctor.State
		verdict doctor.Verdict
		hint    string
	}{
		{"up", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{target("up", "")}, Samples: samples}, doctor.OK, doctor.OK, doctor.Whole, ""},
		{"without samples", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{target("up", "")}}, doctor.OK, doctor.Broken, doctor.Severed, ""},
		{"clash", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{target("up", "")}, Samples: samples, Clashes: map[string][]string{"cart": {"pod"}}}, doctor.OK, doctor.Warning, doctor.Whole, ""},
		{"samples unknown", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{target("up", "")}, NoSamples: "no"}, doctor.OK, doctor.Unknown, doctor.Undecided, ""},
		{"down", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{target("down", "read: connection reset by peer")}}, doctor.Broken, doctor.NotChecked, doctor.Severed, "mutual TLS is STRICT"},
		{"half", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{target("up", ""), target("down", "EOF")}, Samples: samples}, doctor.Warning, doctor.OK, doctor.Whole, ""},
		{"new", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{target("unknown", "")}}, doctor.Unknown, doctor.NotChecked, doctor.Undecided, "one scrape interval"},
		{"of other pods", doctor.Facts{Prometheus: "p", Targets: []doctor.ScrapeTarget{other}}, doctor.Broken, doctor.NotChecked, doctor.Severed, "takes a minute"},
		{"unreachable", doctor.Facts{NoTargets: "forbidden"}, doctor.Unknown, doctor.NotChecked, doctor.Undecided, "--prometheus"},
		{"not asked", doctor.Facts{}, doctor.NotChecked, doctor.NotChecked, doctor.Whole, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain := examine(t, cart, c.facts)
			l := link(t, chain, doctor.Target)
			if s := link(t, chain, doctor.Samples).State; l.State != c.target || s != c.series || chain.Verdict() != c.verdict || !strings.Contains(l.Hint, c.hint) {
				t.Errorf("target %+v, series %s, verdict %s; want %s, %s, %s", l, s, chain.Verdict(), c.target, c.series, c.verdict)
			}
		})
	}
}

func TestObjects(t *testing.T) {
	swap := func(old, new string) string {
		if !strings.Contains(cart, old) {
			t.Fatalf("%q is not in the world", old)
		}
		return strings.Replace(cart, old, new, 1)
	}
	for _, c := range []struct {
		name, world string
		link        string
		want        doctor.State
		detail      string
	}{
		{"whole", cart, doctor.Prometheus, doctor.OK, "taken by Prometheus monitoring/main"},
		{"no pods", swap("labels: {app: cart}}\nspec:\n  containers", "labels: {app: card}}\nspec:\n  containers"), doctor.Pods, doctor.Broken, "matches"},
		{"not ready", swap(`status: "True"`, `status: "False"`), doctor.Pods, doctor.Broken, "0 of 1 pods are ready"},
		{"port without a name", swap("{name: http, port", "{port"), doctor.Service, doctor.Broken, "no port named http, which ServiceMonitor shop/cart asks for: it has port 80 without a name"},
		{"Service without labels", swap(", labels: {app: cart}}\nspec:\n  selector", "}\nspec:\n  selector"), doctor.Monitor, doctor.Broken, "selects no Service in namespace shop"},
		{"undeclared number", swap("{port: http}", "{targetPort: 9090}"), doctor.Port, doctor.Broken, "targetPort 9090 is no port"},
		{"named target port", swap("targetPort: 8080", "targetPort: web"), doctor.Port, doctor.Broken, "web"},
		{"null selector", swap("serviceMonitorSelector: {}, ", ""), doctor.Prometheus, doctor.Broken, "has no serviceMonitorSelector"},
		{"own namespace alone", swap(", serviceMonitorNamespaceSelector: {}", ""), doctor.Prometheus, doctor.Broken, "only at its own namespace"},
		{"nobody monitors", swap("{matchLabels: {app: cart}}", "{matchLabels: {app: other}}"), doctor.Monitor, doctor.Broken, "no ServiceMonitor or PodMonitor selects it"},
		{"lists forbidden", swap("kind: ServiceMonitor", "kind: Ignored") + "---\n# gap: servicemonitors\n", doctor.Monitor, doctor.Unknown, "forbidden"},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain := examine(t, c.world, doctor.Facts{})
			if c.name == "lists forbidden" {
				for _, name := range []string{doctor.Service, doctor.Prometheus, doctor.Operator} {
					if l := link(t, chain, name); l.State != doctor.NotChecked || l.Detail != "not known, since servicemonitors may not be listed" {
						t.Errorf("%+v", l)
					}
				}
			}
			if l := link(t, chain, c.link); l.State != c.want || !strings.Contains(l.Detail, c.detail) {
				t.Errorf("%+v, want %s and %q", l, c.want, c.detail)
			}
			if cause, ok := chain.Cause(); ok != (c.want != doctor.OK) || ok && cause.Name != c.link {
				t.Errorf("cause %+v, want %q", cause, c.link)
			}
			if c.name == "nobody monitors" && chain.Verdict() != doctor.Unmonitored {
				t.Errorf("verdict %s, want %s", chain.Verdict(), doctor.Unmonitored)
			}
		})
	}
}

// Rules that nobody may list are no reason to doubt the metrics, nor to say nothing.
func TestRulesForbidden(t *testing.T) {
	chain := examine(t, cart+"---\n# gap: prometheusrules\n", doctor.Facts{})
	l := link(t, chain, doctor.Alerts)
	if l.State != doctor.NotChecked || !strings.Contains(l.Detail, "forbidden") || l.Hint != "ask for the right to list prometheusrules.monitoring.coreos.com" {
		t.Errorf("%+v", l)
	}
	if got := chain.Verdict(); got != doctor.Whole {
		t.Errorf("verdict %s, want %s", got, doctor.Whole)
	}
}

// What is asked of pods is what a monitor asks; without one, ports that look like
// those of HTTP, and never others.
func TestProbes(t *testing.T) {
	for _, c := range []struct {
		name, world string
		want        int32
		sure        bool
	}{
		{"by the monitor", cart, 8080, true},
		{"by the annotation", strings.NewReplacer("kind: ServiceMonitor", "kind: Ignored", "name: cart-1, namespace: shop,", `name: cart-1, namespace: shop, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9102"},`).Replace(cart), 9102, true},
		{"by the name of the port", strings.NewReplacer("kind: ServiceMonitor", "kind: Ignored", "{containerPort: 8080}", "{containerPort: 3306, name: mysql}, {containerPort: 9100, name: http-metrics}").Replace(cart), 9100, false},
		{"not at all", strings.NewReplacer("kind: ServiceMonitor", "kind: Ignored", "{containerPort: 8080}", "{containerPort: 3306, name: mysql}").Replace(cart), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := rulestest.Parse(t, "world.live.yaml", []byte(c.world))
			got := doctor.Probes(w, doctor.SubjectsOf(w, model.Services.Ref("shop", "cart"))[0])
			if c.want == 0 {
				if len(got) > 0 {
					t.Errorf("found %+v, expected nothing to be asked", got)
				}
				return
			}
			if len(got) != 1 || got[0].Port != c.want || got[0].Sure != c.sure || got[0].Pod != "cart-1" {
				t.Errorf("%+v, want one of port %d, sure %t", got, c.want, c.sure)
			}
		})
	}
}
