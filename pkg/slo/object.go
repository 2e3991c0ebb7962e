// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"time"
)

// Groups are the rules of objectives as a file of Prometheus has them: one group each.
func Groups(all ...Objective) map[string]any {
	groups := []any{}
	for _, o := range all {
		groups = append(groups, o.group())
	}
	return map[string]any{"groups": groups}
}

// Object is the PrometheusRule of an objective, for the Prometheus Operator. The labels
// are those by which a Prometheus selects it.
func (o *Objective) Object(labels map[string]string) map[string]any {
	all := map[string]any{"app.kubernetes.io/managed-by": "kubectl-micro", "app.kubernetes.io/name": o.Service}
	for name, value := range labels {
		all[name] = value
	}
	return map[string]any{
		"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
		"metadata": map[string]any{"name": o.Name, "namespace": o.Namespace, "labels": all},
		"spec":     Groups(*o),
	}
}

// group has its interval written down: sums over days are sums over its evaluations.
func (o *Objective) group() map[string]any {
	var rules []any
	for _, r := range o.Rules() {
		rules = append(rules, r.object())
	}
	return map[string]any{"name": o.Namespace + "." + o.Name, "interval": Interval.String(), "rules": rules}
}

func (r Rule) object() map[string]any {
	out := map[string]any{"expr": r.Expr}
	text := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	text("record", r.Record)
	text("alert", r.Alert)
	text("for", maybe(r.For))
	text("keep_firing_for", maybe(r.Keep))
	for name, values := range map[string]map[string]string{"labels": r.Labels, "annotations": r.Annotations} {
		if len(values) > 0 {
			out[name] = texts(values)
		}
	}
	return out
}

func maybe(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return span(d)
}

func texts(all map[string]string) map[string]any {
	out := map[string]any{}
	for name, value := range all {
		out[name] = value
	}
	return out
}
