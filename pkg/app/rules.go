// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The severities of alerts: what wakes somebody up, and what can wait till morning.
const critical, warning = "critical", "warning"

// alert is a rule that tells somebody.
type alert struct {
	name, expr string
	// hold is how long expr must be so before anybody is told.
	hold, severity string
	// summary is one line; what says how it is meant, and what to do.
	summary, what string
}

func (a alert) rule(labels map[string]string) monitoringv1.Rule {
	all := map[string]string{"severity": a.severity}
	for name, value := range labels {
		all[name] = value
	}
	hold := monitoringv1.Duration(a.hold)
	return monitoringv1.Rule{
		Alert: a.name, Expr: intstr.FromString(a.expr), For: &hold, Labels: all,
		Annotations: map[string]string{"summary": a.summary, "description": a.what},
	}
}

// prometheusRule is what Prometheus watches of a service: its pods by what
// kube-state-metrics and the kubelets say, and its requests by what a mesh says.
// Without a mesh nobody knows what a program calls its metrics of requests, and a
// rule about a metric that does not exist only looks like one.
func (s *service) prometheusRule() runtime.Object {
	var alerts []alert
	switch s.Kind {
	case kindJob:
		alerts = s.jobAlerts()
	case kindCronJob:
		alerts = s.cronAlerts()
	default:
		for _, e := range s.editions() {
			alerts = append(alerts, e.replicaAlerts()...)
		}
		alerts = append(alerts, s.budgetAlerts()...)
		alerts = append(alerts, s.podAlerts()...)
	}
	alerts = append(alerts, s.scrapeAlerts()...)
	labels := map[string]string{"namespace": s.of.Metadata.Namespace, "service": s.name}
	group := monitoringv1.RuleGroup{Name: s.name + ".pods"}
	for _, a := range alerts {
		group.Rules = append(group.Rules, a.rule(labels))
	}
	groups := []monitoringv1.RuleGroup{group}
	if s.measured() {
		groups = append(groups, s.requestRules(labels))
	}
	return ruleObject(s.watched(), groups...)
}

// matchers are those of a selector: pairs of a label and its value.
func matchers(pairs ...string) string {
	var out []string
	for pair := range slices.Chunk(pairs, 2) {
		out = append(out, pair[0]+"="+strconv.Quote(pair[1]))
	}
	return strings.Join(out, ",")
}

// look is what to type to see more of a workload.
func (s *service) look(kind string) string {
	return fmt.Sprintf("kubectl micro diagnose %s/%s -n %s", kind, s.instance, s.of.Metadata.Namespace)
}

// replicaAlerts are about the pods that there should be. Each "max" is over one
// series, or over two of the same while kube-state-metrics restarts.
func (s *service) replicaAlerts() []alert {
	kind, wanted, there := "deployment", "kube_deployment_spec_replicas", "kube_deployment_status_replicas_available"
	if s.Kind == kindStateful {
		kind, wanted, there = "statefulset", "kube_statefulset_replicas", "kube_statefulset_status_replicas_ready"
	}
	which := matchers(kind, s.instance, "namespace", s.of.Metadata.Namespace)
	wanted, there = wanted+"{"+which+"}", there+"{"+which+"}"
	out := []alert{{
		name: "WorkloadUnseen", hold: "15m", severity: warning, expr: "absent(" + wanted + ")",
		summary: s.instance + " is not there, or kube-state-metrics is not",
		what:    "The other alerts about its pods stay silent as long. Look: " + s.look(kind),
	}, {
		name: "NoReplicas", hold: "2m", severity: critical, expr: fmt.Sprintf("max(%s) == 0 and max(%s) > 0", there, wanted),
		summary: "no pod of " + s.instance + " is available",
		what:    "Nobody answers its calls. Look: " + s.look(kind),
	}, {
		name: "ReplicasMissing", hold: "15m", severity: warning, expr: fmt.Sprintf("max(%s) - max(%s) > 0", wanted, there),
		summary: "{{ $value }} of the pods of " + s.instance + " are not available",
		what:    "For a quarter of an hour, which is longer than a rollout may take. Look: " + s.look(kind),
	}}
	if s.Scale == nil || s.Scale.Min == s.Scale.Max {
		return out
	}
	hpa := matchers("horizontalpodautoscaler", s.instance, "namespace", s.of.Metadata.Namespace)
	return append(out, alert{
		name: "ScaledToTheLimit", hold: "15m", severity: warning,
		expr:    fmt.Sprintf("max(kube_horizontalpodautoscaler_status_desired_replicas{%s}) >= max(kube_horizontalpodautoscaler_spec_max_replicas{%s})", hpa, hpa),
		summary: s.instance + " wants as many pods as it may have",
		what:    "More load will not bring more pods. Raise scale.max, or find out what costs so much.",
	})
}

// budgetAlerts are about the PodDisruptionBudget.
func (s *service) budgetAlerts() []alert {
	if s.floor() <= 1 {
		return nil
	}
	return []alert{{
		name: "DrainsBlocked", hold: "30m", severity: warning,
		expr:    fmt.Sprintf("max(kube_poddisruptionbudget_status_pod_disruptions_allowed{%s}) == 0", matchers("namespace", s.of.Metadata.Namespace, "poddisruptionbudget", s.name)),
		summary: "no pod of " + s.name + " may be moved",
		what:    "One of its pods is unhealthy already: nodes cannot be drained, and one more failure is felt.",
	}}
}

// podAlerts are about what happens in the pods. The container has the name of the
// service, whatever the version, so that sidecars do not count.
func (s *service) podAlerts() []alert {
	which := matchers("container", s.name, "namespace", s.of.Metadata.Namespace)
	out := []alert{{
		name: "PodRestarts", hold: "5m", severity: warning,
		expr:    fmt.Sprintf("max by (pod) (increase(kube_pod_container_status_restarts_total{%s}[1h])) > 3", which),
		summary: "{{ $labels.pod }} restarts again and again",
		what:    "More than three times in an hour. Look: kubectl logs {{ $labels.pod }} --previous -n " + s.of.Metadata.Namespace,
	}, {
		name: "MemoryNearLimit", hold: "15m", severity: warning,
		expr:    fmt.Sprintf("max by (pod) (container_memory_working_set_bytes{%s,image!=\"\"}) / (max by (pod) (kube_pod_container_resource_limits{%s,resource=\"memory\"}) > 0) > 0.9", which, which),
		summary: "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory",
		what:    "At the limit it is killed. Raise resources.memory, or find the leak.",
	}}
	if _, limited := s.resources().Limits[corev1.ResourceCPU]; !limited {
		return out
	}
	return append(out, alert{
		name: "CPUThrottled", hold: "15m", severity: warning,
		expr:    fmt.Sprintf("sum by (pod) (increase(container_cpu_cfs_throttled_periods_total{%s}[5m])) / (sum by (pod) (increase(container_cpu_cfs_periods_total{%s}[5m])) > 0) > 0.5", which, which),
		summary: "{{ $labels.pod }} waits for CPU {{ $value | humanizePercentage }} of the time",
		what:    "Its limit slows it down, and so its answers. Raise resources.cpu, or the number of pods.",
	})
}

// scrapeAlerts are about the program's own metrics.
func (s *service) scrapeAlerts() []alert {
	if s.metrics() == nil || s.floor() == 0 && s.runs() {
		return nil
	}
	up := "up{" + matchers("job", s.scrapeJob(), "namespace", s.of.Metadata.Namespace) + "}"
	out := []alert{{
		name: "MetricsDown", hold: "15m", severity: warning, expr: "max by (pod) (" + up + ") == 0",
		summary: "Prometheus cannot read the metrics of {{ $labels.pod }}",
		what:    "The pod does not answer at its port of metrics, or a policy does not let Prometheus in.",
	}}
	if !s.runs() {
		return out
	}
	return append(out, alert{
		name: "MetricsMissing", hold: "15m", severity: warning, expr: "absent(" + up + ")",
		summary: "Prometheus does not know of the metrics of " + s.name,
		what:    "Its operator selects monitors by labels that this one has not: see platform.monitoring.selectorLabels of the app file.",
	})
}

func (s *service) jobAlerts() []alert {
	return []alert{{
		name: "JobFailed", hold: "1m", severity: warning,
		expr:    fmt.Sprintf("max(kube_job_failed{%s}) > 0", matchers("condition", "true", "job_name", s.name, "namespace", s.of.Metadata.Namespace)),
		summary: "job " + s.name + " failed",
		what:    "Look: " + s.look("job"),
	}}
}

// cronAlerts ask for the last success and not for failed Jobs, which stay for a
// while after the next one has done the work. An hour is what a run may take.
func (s *service) cronAlerts() []alert {
	which := matchers("cronjob", s.name, "namespace", s.of.Metadata.Namespace)
	scheduled, succeeded := "max(kube_cronjob_status_last_schedule_time{"+which+"})", "max(kube_cronjob_status_last_successful_time{"+which+"})"
	return []alert{{
		name: "CronJobFails", hold: "70m", severity: warning,
		expr:    fmt.Sprintf("%s - (%s or 0 * %s) > 3600", scheduled, succeeded, scheduled),
		summary: "cronjob " + s.name + " has run since it last succeeded, and did not succeed",
		what:    "Look: " + s.look("cronjob"),
	}, {
		name: "WorkloadUnseen", hold: "15m", severity: warning, expr: "absent(kube_cronjob_info{" + which + "})",
		summary: s.name + " is not there, or kube-state-metrics is not",
		what:    "The other alerts about it stay silent as long. Look: " + s.look("cronjob"),
	}}
}
