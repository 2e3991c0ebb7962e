// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// ruleOf is a rule of a PrometheusRule.
type ruleOf struct {
	record, alert, expr, hold string
	labels, annotations       map[string]any
}

func (r ruleOf) name() string { return r.record + r.alert }

// rulesOf are the rules of an object, in order.
func rulesOf(o map[string]any) []ruleOf {
	var out []ruleOf
	groups, _ := at(o, "/spec/groups").([]any)
	for _, g := range groups {
		for _, one := range g.(map[string]any)["rules"].([]any) {
			r := one.(map[string]any)
			labels, _ := r["labels"].(map[string]any)
			annotations, _ := r["annotations"].(map[string]any)
			out = append(out, ruleOf{text(r["record"]), text(r["alert"]), text(r["expr"]), text(r["for"]), labels, annotations})
		}
	}
	return out
}

func alertNames(o map[string]any) []string {
	var out []string
	for _, r := range rulesOf(o) {
		if r.alert != "" {
			out = append(out, r.alert)
		}
	}
	return out
}

// TestRulesGolden is what the rules of one service in a mesh are, to the byte.
func TestRulesGolden(t *testing.T) {
	s := withAll("monitoring")
	s.Platform.Monitoring.Labels = map[string]string{"release": "prometheus"}
	rules := ofKind(generate(t, s, app.Options{}), "PrometheusRule")
	golden(t, "rules.yaml", app.YAML(rules["shop/users"], rules["shop/shop.mesh"]))
}

// TestAlerts tells what each kind of service is watched for. What says nothing
// because it is not measured has an alert of its own.
func TestAlerts(t *testing.T) {
	pods := []string{"WorkloadUnseen", "NoReplicas", "ReplicasMissing", "DrainsBlocked", "PodRestarts", "MemoryNearLimit", "CPUThrottled"}
	scraped := []string{"MetricsDown", "MetricsMissing"}
	burn := []string{"BudgetBurnsFast", "BudgetBurns"}
	http, grpc := map[string]api.SystemPort{"http": {Port: 80}}, map[string]api.SystemPort{"grpc": {Port: 80}}
	metrics := map[string]api.SystemPort{"metrics": {Port: 9090}}
	three, one := new(int32(3)), new(int32(1))
	for _, c := range []struct {
		name, mesh, profile string
		one                 api.SystemService
		want                []string
	}{
		{"no mesh", "none", "", api.SystemService{Ports: http, Replicas: three}, pods},
		{"sidecar", "sidecar", "", api.SystemService{Ports: http, Replicas: three}, slices.Concat(pods, burn, []string{"RequestsSlow"})},
		{"streams", "sidecar", "", api.SystemService{Ports: grpc, Replicas: three}, slices.Concat(pods, burn)},
		{"a database", "sidecar", "", api.SystemService{Kind: "stateful", Ports: map[string]api.SystemPort{"redis": {Port: 6379}}, Replicas: three}, pods},
		{"connections only", "ambient", "", api.SystemService{Ports: http, Replicas: three, Open: true}, pods},
		{"a gateway", "ambient", "", api.SystemService{Ports: http, Replicas: three, Expose: &api.Expose{Host: "a.example.com"}}, slices.Concat(pods, burn, []string{"RequestsSlow"})},
		{"a waypoint", "ambient", "", api.SystemService{Ports: http, Replicas: three, Open: true, Traffic: api.Traffic{Timeout: "5s"}}, slices.Concat(pods, burn, []string{"RequestsSlow"})},
		{"one pod", "none", "", api.SystemService{Ports: http, Replicas: one}, []string{"WorkloadUnseen", "NoReplicas", "ReplicasMissing", "PodRestarts", "MemoryNearLimit", "CPUThrottled"}},
		{"scaled", "none", "", api.SystemService{Ports: http, Scale: &api.Scale{Min: 2, Max: 4}}, slices.Insert(slices.Clone(pods), 3, "ScaledToTheLimit")},
		{"scaled to one number", "none", "", api.SystemService{Ports: http, Scale: &api.Scale{Min: 2, Max: 2}}, pods},
		{"no limit of CPU", "none", "", api.SystemService{Ports: http, Replicas: three, Resources: api.Resources{CPULimit: "none"}}, pods[:6]},
		{"a worker", "sidecar", "", api.SystemService{Kind: "worker", Ports: metrics, Replicas: three}, slices.Concat(pods, scraped)},
		{"a job", "sidecar", "", api.SystemService{Kind: "job"}, []string{"JobFailed"}},
		{"a cronjob", "sidecar", "", api.SystemService{Kind: "cronjob", Schedule: "0 3 * * *"}, []string{"CronJobFails", "WorkloadUnseen"}},
		{"versions", "none", "", api.SystemService{Ports: http, Replicas: one, Versions: map[string]api.ServiceVersion{"v1": {Weight: 100}, "v2": {}}},
			slices.Concat(pods[:3], pods)},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.one.Image = "registry.example.com/a:1" + digest
			set := generate(t, api.System{
				Metadata: api.SystemMeta{Name: "sys"}, Platform: api.Platform{Mesh: c.mesh}, Profile: c.profile, With: []string{"monitoring"},
				Services: map[string]api.SystemService{"a": c.one},
			}, app.Options{})
			rules := ofKind(set, "PrometheusRule")
			if diff := cmp.Diff(c.want, alertNames(rules["sys/a"])); diff != "" {
				t.Errorf("alerts (-want +got):\n%s", diff)
			}
			if _, mesh := rules["sys/sys.mesh"]; mesh != slices.Contains(c.want, burn[0]) {
				t.Errorf("an alert about a mesh that says nothing: %t", mesh)
			}
			silent := slices.ContainsFunc(set.Warnings, func(w app.Warning) bool { return strings.Contains(w.Text, "ztunnel knows connections only") })
			if silent != (c.name == "connections only") {
				t.Errorf("warned that nothing is counted: %t", silent)
			}
		})
	}
}

// TestRuleForm holds what no rule may do: divide by nothing, look into other
// namespaces, count a request at both ends, take a rate of a sum.
func TestRuleForm(t *testing.T) {
	s := withAll("monitoring")
	s.Platform.Monitoring.Labels = map[string]string{"release": "prometheus"}
	for name, o := range ofKind(generate(t, s, app.Options{}), "PrometheusRule") {
		if at(o, "/metadata/labels/release") != "prometheus" {
			t.Errorf("%s: Prometheus does not select it", name)
		}
		for _, r := range rulesOf(o) {
			if r.alert != "" && (r.hold == "" || !slices.Contains([]any{"critical", "warning"}, r.labels["severity"]) || r.annotations["summary"] == nil || r.annotations["description"] == nil) {
				t.Errorf("%s: %s: for %q, %v, %v", name, r.alert, r.hold, r.labels, r.annotations)
			}
			if r.labels["namespace"] != "shop" {
				t.Errorf("%s: %s: labels %v", name, r.name(), r.labels)
			}
			for _, selector := range regexp.MustCompile(`\{[^}]*\}`).FindAllString(r.expr, -1) {
				if !strings.Contains(selector, `namespace="shop"`) {
					t.Errorf("%s: %s: %s is of all namespaces", name, r.name(), selector)
				}
			}
			for _, selector := range regexp.MustCompile(`istio_\w+\{[^}]*\}`).FindAllString(r.expr, -1) {
				if r.alert != "MeshMetricsMissing" && !strings.Contains(selector, "reporter=") {
					t.Errorf("%s: %s: %s is of both ends", name, r.name(), selector)
				}
			}
			for _, over := range strings.Split(r.expr, " / ")[1:] {
				if !strings.HasPrefix(over, "(") || !strings.Contains(over, " > 0)") {
					t.Errorf("%s: %s: it may divide by nothing: %s", name, r.name(), over)
				}
			}
			if strings.Contains(r.expr, "rate(sum") || strings.Contains(r.expr, "increase(sum") || strings.Count(r.expr, "(") != strings.Count(r.expr, ")") {
				t.Errorf("%s: %s: %s", name, r.name(), r.expr)
			}
		}
	}
}

// TestMonitors reads pods where there is no Service for it, and says where.
func TestMonitors(t *testing.T) {
	s := withAll("monitoring")
	s.Platform.Monitoring.Labels = map[string]string{"release": "prometheus"}
	s.Services["mailer"] = api.SystemService{Kind: "worker", Image: "m:1", Ports: map[string]api.SystemPort{"metrics": {Port: 9090}}}
	set := generate(t, s, app.Options{})
	if services := ofKind(set, "Service"); services["shop/mailer"] != nil || services["shop/users"] == nil {
		t.Errorf("Services: %v", services)
	}
	monitor := ofKind(set, "PodMonitor")["shop/mailer"]
	want := map[string]any{
		"podMetricsEndpoints": []any{map[string]any{"interval": "30s", "path": "/metrics", "port": "metrics", "scheme": "http"}},
		"selector":            map[string]any{"matchLabels": map[string]any{"app.kubernetes.io/name": "mailer"}},
	}
	if diff := cmp.Diff(want, at(monitor, "/spec")); diff != "" {
		t.Errorf("PodMonitor (-want +got):\n%s", diff)
	}
	if at(monitor, "/metadata/labels/release") != "prometheus" || at(ofKind(set, "ServiceMonitor")["shop/users"], "/metadata/labels/release") != "prometheus" {
		t.Error("Prometheus selects one of them not")
	}
	for _, r := range rulesOf(ofKind(set, "PrometheusRule")["shop/mailer"]) {
		if r.alert == "MetricsDown" && r.expr != `max by (pod) (up{job="shop/mailer",namespace="shop"}) == 0` {
			t.Errorf("job of a PodMonitor: %s", r.expr)
		}
	}
}
