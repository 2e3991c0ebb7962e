// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Board is a Grafana dashboard that is wanted.
type Board struct {
	Namespace, Service string
	// Workloads are the names of what makes the pods of the service; none for all pods
	// whose names begin with that of the service.
	Workloads []string
	Profile   signals.Profile
}

const (
	// schemaVersion is that of Grafana 12, in the classic schema, which later ones import.
	schemaVersion = 41
	// uidLength is the most that Grafana takes.
	uidLength = 40
)

// Dashboard is the model of the dashboard, as Grafana imports it: requests, errors and
// duration, what the pods use, and the error budget.
func Dashboard(b Board) map[string]any {
	g := &grid{}
	g.row("Requests")
	g.put(b.numbers()...)
	g.feed()
	g.put(b.requests()...)
	if b.Profile.Paired {
		g.row("Callers, versions and what became of requests")
		g.put(b.edges()...)
	}
	g.row("Error budget")
	g.put(b.budget()...)
	g.row("Pods")
	g.put(b.pods()...)
	return map[string]any{
		"uid": b.uid(), "title": b.Service + " in " + b.Namespace, "tags": []any{"kubectl-micro", "service"}, "schemaVersion": schemaVersion,
		"version": 1, "editable": true, "graphTooltip": 1, "refresh": "30s", "timezone": "browser", "fiscalYearStartMonth": 0, "liveNow": false,
		"time": map[string]any{"from": "now-1h", "to": "now"}, "links": []any{}, "panels": g.panels,
		"templating":  map[string]any{"list": b.variables()},
		"annotations": map[string]any{"list": []any{b.rollouts()}},
	}
}

// uid stays the same for one service, so that an import replaces the one before.
func (b Board) uid() string {
	readable := "micro-" + b.Namespace + "-" + b.Service
	if len(readable) <= uidLength && regexp.MustCompile(`^[a-zA-Z0-9_-]+$`).MatchString(readable) {
		return readable
	}
	return fmt.Sprintf("micro-%x", sha256.Sum256([]byte(b.Namespace+"/"+b.Service)))[:uidLength]
}

// variables choose the data source and the namespace; and in a mesh, whom to believe:
// one side at a time, as both have counted most requests.
func (b Board) variables() []any {
	metric, keys := b.Profile.Metrics[0].Requests, b.Profile.Keys
	out := []any{
		map[string]any{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0, "includeAll": false, "multi": false, "refresh": 1, "regex": "", "options": []any{}},
		map[string]any{
			"name": "namespace", "label": "Namespace", "type": "query", "datasource": source(), "hide": 0, "includeAll": false, "multi": false, "refresh": 2, "regex": "", "sort": 1, "options": []any{},
			"query":      map[string]any{"query": fmt.Sprintf("label_values(%s{%s=%s}, %s)", metric, keys.Service[0], signals.Quote(b.Service), keys.Namespace[0]), "refId": "namespace"},
			"definition": fmt.Sprintf("label_values(%s{%s=%s}, %s)", metric, keys.Service[0], signals.Quote(b.Service), keys.Namespace[0]),
			"current":    map[string]any{"selected": true, "text": b.Namespace, "value": b.Namespace},
		},
	}
	if !b.Profile.Paired {
		return out
	}
	var options []any
	for i, r := range []string{"source", "waypoint", "destination"} {
		options = append(options, map[string]any{"selected": i == 0, "text": r, "value": r})
	}
	return append(out, map[string]any{
		"name": "reporter", "label": "As seen by", "type": "custom", "query": "source,waypoint,destination", "hide": 0, "includeAll": false, "multi": false, "options": options, "current": options[0],
		"description": "Proxies of the callers (source) know of the requests that never arrived; those of the service (destination) of callers without a proxy.",
	})
}

// rollouts marks the times at which a workload was changed.
func (b Board) rollouts() map[string]any {
	return map[string]any{
		"name": "Rollouts", "enable": true, "hide": false, "iconColor": "blue", "datasource": source(), "titleFormat": "rollout of {{deployment}}", "useValueForTime": false, "step": "60s",
		"expr": fmt.Sprintf(`sum by (deployment) (changes(kube_deployment_status_observed_generation{namespace="$namespace",deployment=~%s}[2m])) > 0`, signals.Quote(strings.Join(b.workloads(), "|"))),
	}
}

func (b Board) workloads() []string {
	if len(b.Workloads) == 0 {
		return []string{regexp.QuoteMeta(b.Service)}
	}
	var out []string
	for _, w := range b.Workloads {
		out = append(out, regexp.QuoteMeta(w))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// JSON is the dashboard as a file.
func JSON(dashboard map[string]any) ([]byte, error) {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(dashboard)
	return []byte(out.String()), err
}

// DashboardConfigMap is the dashboard for the sidecar of Grafana's chart, which takes
// ConfigMaps with a label in (https://github.com/grafana/helm-charts, charts/grafana).
func DashboardConfigMap(b Board, namespace string) (map[string]any, error) {
	data, err := JSON(Dashboard(b))
	name := "dashboard-" + b.Namespace + "-" + b.Service
	if namespace == "" {
		namespace = b.Namespace
	}
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": name, "namespace": namespace, "labels": map[string]any{
			"app.kubernetes.io/managed-by": "kubectl-micro", "app.kubernetes.io/name": b.Service, "grafana_dashboard": "1",
		}},
		"data": map[string]any{b.uid() + ".json": string(data)},
	}, err
}
