// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promql_test

import "slices"

// system is the set whose rules are evaluated: an app file with sidecars.
const system = "system/sidecar/standard"

// seen is a series of kube-state-metrics or of the kubelets, of the shop.
func seen(metric, labels, samples string) string {
	return metric + `{namespace="shop",` + labels + `} ` + samples
}

// The series that several cases are about.
func wanted(n string) string {
	return seen("kube_deployment_spec_replicas", `deployment="mailer"`, n+"x150")
}
func there(n string) string {
	return seen("kube_deployment_status_replicas_available", `deployment="mailer"`, n+"x150")
}
func scheduled(at string) string {
	return seen("kube_cronjob_status_last_schedule_time", `cronjob="report"`, at+"x150")
}
func succeeded(at string) string {
	return seen("kube_cronjob_status_last_successful_time", `cronjob="report"`, at+"x150")
}

const mailer = `container="mailer",pod="a"`

// twoEnds are the calls of a gateway, which both ends count, with failures that
// only the caller saw; and of a caller without a proxy.
var twoEnds = []string{
	requests("users", "source", "gateway", "200", "", 540), requests("users", "source", "gateway", "503", "", 60),
	requests("users", "destination", "gateway", "200", "", 540), requests("users", "destination", "old", "200", "", 60),
}

// cases are rules, what Prometheus has collected, and what the rule gives: nothing
// at all where want is empty, so that an alert is silent.
var cases = []struct {
	name, set, rule string
	load            []string
	want            string
}{
	{"each edge counts once", system, "users/service:micro_requests:rate1h", twoEnds, "{} 11"},
	{"failures that never arrived", system, "users/service:micro_failures:rate1h", twoEnds, "{} 1"},
	{"no failure yet", system, "users/service:micro_failures:rate5m", []string{requests("users", "source", "gateway", "200", "", 600)}, "{} 0"},
	{"failures of callers without a proxy", system, "users/service:micro_failures:rate5m", []string{requests("users", "destination", "gateway", "500", "", 600)}, "{} 10"},
	{"failures that were tried again", system, "users/service:micro_failures:rate5m", []string{
		requests("users", "source", "gateway", "200", "", 600), requests("users", "destination", "gateway", "503", "", 60),
	}, "{} 0"},
	{"no request", system, "users/service:micro_failures:rate5m", []string{"up 1x150"}, ""},
	{"failures of gRPC", system, "orders/service:micro_failures:rate5m", []string{
		requests("orders", "source", "gateway", "200", `,grpc_response_status="14"`, 60), requests("orders", "source", "gateway", "200", `,grpc_response_status="0"`, 540),
	}, "{} 1"},

	{"the budget burns fast", system, "users/BudgetBurnsFast", recorded("10+0", "1+0", "1h", "5m"), `{namespace="shop",service="users"} 0.1`},
	{"below the rate", system, "users/BudgetBurnsFast", recorded("10+0", "0.5+0", "1h", "5m"), ""},
	{"over again", system, "users/BudgetBurnsFast", slices.Concat(recorded("10+0", "1+0", "1h"), recorded("10+0", "0+0", "5m")), ""},
	{"four failures in a quiet hour", system, "users/BudgetBurnsFast", recorded("0.003+0", "0.001+0", "1h", "5m"), ""},
	{"nobody calls", system, "users/BudgetBurnsFast", recorded("0+0", "0+0", "1h", "5m"), ""},
	{"the budget burns", system, "users/BudgetBurns", recorded("10+0", "0.4+0", "6h", "30m"), `{namespace="shop",service="users"} 0.04`},
	{"below the lower rate", system, "users/BudgetBurns", recorded("10+0", "0.2+0", "6h", "30m"), ""},

	{"slow, with bounds as Prometheus 3 writes them", system, "users/RequestsSlow", []string{took("source", "1000.0", 54), took("source", "", 60), took("destination", "1000", 60), took("destination", "", 60)}, "{} 0.05"},
	{"slower", system, "users/RequestsSlow", []string{took("source", "1000", 48), took("source", "", 60)}, "{} 0.2"},
	{"fast", system, "users/RequestsSlow", []string{took("source", "1000", 60), took("source", "", 60)}, ""},

	{"a replica is missing", system, "mailer/ReplicasMissing", []string{wanted("3"), there("2")}, "{} 1"},
	{"all replicas are there", system, "mailer/ReplicasMissing", []string{wanted("3"), there("3")}, ""},
	{"no replica", system, "mailer/NoReplicas", []string{wanted("3"), there("0")}, "{} 0"},
	{"none wanted", system, "mailer/NoReplicas", []string{wanted("0"), there("0")}, ""},
	{"seen", system, "mailer/WorkloadUnseen", []string{wanted("3")}, ""},
	{"unseen", system, "mailer/WorkloadUnseen", []string{"up 1x150"}, `{namespace="shop",deployment="mailer"} 1`},
	{"at the limit of the autoscaler", system, "users/ScaledToTheLimit", []string{
		seen("kube_horizontalpodautoscaler_status_desired_replicas", `horizontalpodautoscaler="users"`, "10x150"), seen("kube_horizontalpodautoscaler_spec_max_replicas", `horizontalpodautoscaler="users"`, "10x150"),
	}, "{} 10"},
	{"a node cannot be drained", system, "users/DrainsBlocked", []string{seen("kube_poddisruptionbudget_status_pod_disruptions_allowed", `poddisruptionbudget="users"`, "0x150")}, "{} 0"},
	{"a node can be drained", system, "users/DrainsBlocked", []string{seen("kube_poddisruptionbudget_status_pod_disruptions_allowed", `poddisruptionbudget="users"`, "1x150")}, ""},

	{"metrics of one pod are down", system, "users/MetricsDown", []string{seen("up", `job="users",pod="a"`, "0x150"), seen("up", `job="users",pod="b"`, "1x150")}, `{pod="a"} 0`},
	{"metrics are missing", system, "users/MetricsMissing", []string{"up 1x150"}, `{namespace="shop",job="users"} 1`},
	{"throttled", system, "mailer/CPUThrottled", []string{seen("container_cpu_cfs_throttled_periods_total", mailer, "0+6x150"), seen("container_cpu_cfs_periods_total", mailer, "0+10x150")}, `{pod="a"} 0.6`},
	{"little throttled", system, "mailer/CPUThrottled", []string{seen("container_cpu_cfs_throttled_periods_total", mailer, "0+1x150"), seen("container_cpu_cfs_periods_total", mailer, "0+10x150")}, ""},
	{"near the limit of memory", system, "mailer/MemoryNearLimit", []string{seen("container_memory_working_set_bytes", mailer+`,image="a"`, "95x150"), seen("kube_pod_container_resource_limits", mailer+`,resource="memory"`, "100x150")}, `{pod="a"} 0.95`},
	{"without a limit of memory", system, "mailer/MemoryNearLimit", []string{seen("container_memory_working_set_bytes", mailer+`,image="a"`, "95x150")}, ""},
	{"restarts every minute", system, "mailer/PodRestarts", []string{seen("kube_pod_container_status_restarts_total", mailer, "0+1x150")}, `{pod="a"} 60`},
	{"restarted long ago", system, "mailer/PodRestarts", []string{seen("kube_pod_container_status_restarts_total", mailer, "7x150")}, ""},

	{"never succeeded", system, "report/CronJobFails", []string{scheduled("100000")}, "{} 100000"},
	{"succeeded last time", system, "report/CronJobFails", []string{scheduled("100000"), succeeded("100050")}, ""},
	{"failed the last time", system, "report/CronJobFails", []string{scheduled("100000"), succeeded("13600")}, "{} 86400"},
}
