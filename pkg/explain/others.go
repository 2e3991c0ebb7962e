// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package explain

// others are the fields of what stands around workloads.
var others = []Field{
	{
		Kind: "Namespace", Path: "metadata.labels", Writes: "The level of the Pod Security Standards to enforce, to warn and to audit by: restricted, and baseline where a mesh's init container needs more; part-of the system.",
		Why: "The API server itself refuses a pod that is less locked down than this.", Rules: []string{"KM1512"}, Flags: []string{"mesh", "skip-cluster-scoped"}, File: []string{"platform.mesh"},
	},
	{
		Kind: "PriorityClass", Path: "value", Writes: "1000, not the default of others, described.", Why: "It says who goes when there is no room, for the pods of this system alone.",
		Rules: []string{"KM1529"}, Flags: []string{"skip-cluster-scoped"}, File: []string{"patches"},
	},
	{Kind: "PriorityClass", Path: "description", Writes: "Whose class it is.", Why: "It belongs to the cluster, where others see it.", File: []string{"metadata.name"}},
	{Kind: "PriorityClass", Path: "globalDefault", Writes: "false.", Why: "Pods of other systems must not get it.", File: []string{"patches"}},
	{Kind: "PriorityClass", Path: "preemptionPolicy", Writes: "PreemptLowerPriority.", Why: "It is the default, written down.", File: []string{"patches"}},
	{
		Kind: "ServiceAccount", Path: "automountServiceAccountToken", Writes: "false.", Why: "No pod of this account gets a token that it did not ask for.",
		Rules: []string{"KM1541"}, File: []string{"patches"},
	},
	{
		Kind: "ConfigMap", Path: "data", Writes: "The configuration, under keys without words that linters take for secrets.", Why: "kubescape and Polaris judge keys by their names: token-ttl would be a secret. The variable keeps its name.",
		Rules: []string{"KM6511", "KM6516", "KM6517"}, Flags: []string{"config-file"}, File: []string{"services.NAME.config", "services.NAME.configFiles"},
	},
	{
		Kind: "Service", Path: "spec.ports", Writes: "Names, appProtocol, and the names of the pods' ports as targets.", Why: "A mesh and a gateway have to know what is spoken; a name for a target lets the number change.",
		Rules: []string{"KM3003", "KM3004", "KM1539"}, Flags: []string{"port"}, File: []string{"services.NAME.ports"},
	},
	{
		Kind: "Service", Path: "spec.selector", Writes: "app.kubernetes.io/name.", Why: "All versions of the service are behind it, also one that is being tried.", Rules: []string{"KM3001"}, File: []string{"patches"},
	},
	{
		Kind: "Service", Path: "spec.type", Writes: "ClusterIP.", Why: "Callers from outside come through a gateway, with its TLS, routes and limits.", Rules: []string{"KM3501", "KM3502"},
		Flags: []string{"service-type", "headless", "expose"}, File: []string{"services.NAME.serviceType", "services.NAME.expose"},
	},
	{
		Kind: "Ingress", Path: "spec", Writes: "The class, the host with its paths, and TLS from a Secret.", Why: "Without a class no controller takes it, or each does. Without TLS anybody on the way reads along.",
		Rules: []string{"KM4001", "KM4002", "KM4003", "KM4501"}, Flags: []string{"expose", "ingress-api"}, File: []string{"services.NAME.expose.host", "platform.ingress.class"},
	},
	{
		Kind: "PodDisruptionBudget", Path: "spec.maxUnavailable", Writes: "1; no budget for a single pod.", Why: "Drains take one pod at a time. minAvailable at the number of pods would let no node go, ever.",
		Rules: []string{"KM2505", "KM2506", "KM2010", "KM2521"}, Flags: []string{"replicas"}, File: []string{"services.NAME.replicas"},
	},
	{
		Kind: "PodDisruptionBudget", Path: "spec.selector", Writes: "app.kubernetes.io/name.", Why: "It guards the pods of all versions together.", Rules: []string{"KM2010"}, File: []string{"patches"},
	},
	{
		Kind: "PodDisruptionBudget", Path: "spec.unhealthyPodEvictionPolicy", Writes: "AlwaysAllow.", Why: "Pods that do not work need no protection, and must not keep a node from being drained.",
		Rules: []string{"KM2507"}, Since: "1.27", File: []string{"patches"},
	},
	{
		Kind: "NetworkPolicy", Path: "spec.podSelector", Writes: "One label, app.kubernetes.io/name.", Why: "Polaris sees a policy only when its selector has exactly one label of the pod.",
		Rules: []string{"KM7506", "KM7507"}, File: []string{"patches"},
	},
	{
		Kind: "NetworkPolicy", Path: "spec.policyTypes", Writes: "Ingress and Egress.", Why: "What is not written is guessed, by each reader in another way.", Rules: []string{"KM7506", "KM7507"}, File: []string{"patches"},
	},
	{
		Kind: "NetworkPolicy", Path: "spec.ingress", Writes: "Who depends on the service, the gateway if it is exposed, Prometheus if it has metrics; at the ports of the pods.",
		Why: "Nobody else has a reason to call. Ports are those of pods: the Service is gone when the policy is asked.", Rules: []string{"KM7506", "KM7017"},
		Flags: []string{"expose"}, File: []string{"services.NAME.dependsOn", "services.NAME.open", "services.NAME.expose"},
	},
	{
		Kind: "NetworkPolicy", Path: "spec.egress", Writes: "DNS, and what the service depends on.", Why: "Who gets into the pod gets nowhere else from there.", Rules: []string{"KM7506", "KM7003"},
		File: []string{"services.NAME.dependsOn"},
	},
	{
		Kind: "ServiceMonitor", Path: "spec", Writes: "The port of the Service by its name, /metrics, every 30 s.", Why: "A monitor that selects nothing is no error anywhere: the metrics are just missing.",
		Rules: []string{"KM2017"}, Flags: []string{"with"}, File: []string{"with", "services.NAME.metrics.port", "services.NAME.metrics.path"},
	},
	{
		Kind: "PrometheusRule", Path: "spec", Writes: "Alerts about the pods of the service and what it answers.", Why: "They say what to type next.", Flags: []string{"with"}, File: []string{"with"},
	},
	{
		Kind: "HorizontalPodAutoscaler", Path: "spec", Writes: "The bounds, 70 percent of the requested CPU, down by half a minute at most, after five minutes.",
		Why: "Pods that go too early have to come back; a minimum of three outlives the loss of one.", Rules: []string{"KM2508", "KM2509", "KM2510", "KM2006"}, Flags: []string{"hpa"}, File: []string{"services.NAME.scale.min", "services.NAME.scale.max", "services.NAME.scale.cpu"},
	},
	{
		Kind: "HTTPRoute", Path: "spec", Writes: "The host, its paths, and the Gateway that serves them.", Why: "The Ingress API is frozen; routes say what needed annotations before.",
		Rules: []string{"KM4001", "KM4012"}, Since: "Gateway API 1.0", Flags: []string{"expose", "ingress-api"}, File: []string{"services.NAME.expose.host", "platform.ingress.gateway"},
	},
	{
		Kind: "Job", Path: "spec.ttlSecondsAfterFinished", Writes: "86400, a day.", Why: "Jobs that have ended stay for ever otherwise.", Rules: []string{"KM2511"}, File: []string{"patches"},
	},
	{
		Kind: "CronJob", Path: "spec.startingDeadlineSeconds", Writes: "300.", Why: "After 100 missed starts a CronJob without a deadline never runs again.", Rules: []string{"KM2512"}, File: []string{"patches"},
	},
}
