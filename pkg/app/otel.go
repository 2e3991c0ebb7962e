// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

// otel is the collector of OpenTelemetry, in its distribution for Kubernetes.
var otel = collector{
	name: "otel-collector", image: "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.158.0",
	args:      []string{"--config=/etc/otel/collector.yaml", "--config=/etc/otel/output.yaml"},
	directory: "/etc/otel", output: "output.yaml",
	files: func(namespace string) map[string]string {
		return map[string]string{"collector.yaml": said(otelConfig, namespace), "output.yaml": otelOutput}
	},
	// Linters take the word "key" for the name of a secret.
	configNotes: map[string]string{
		ignored: "KM6511: each key in it is that of a label",
		"polaris.fairwinds.com/sensitiveConfigmapContent-exempt": "true",
	},
	port: 8888, live: dial(13133), ready: ask("/", 13133),
	cpu: "100m", memory: "256Mi",
}

// otelConfig has the names of receivers and processors since 0.149.0. With the
// namespace in its filter, k8s_attributes needs no rights beyond it.
const otelConfig = `extensions:
  file_storage:
    directory: /positions
  health_check:
    endpoint: 0.0.0.0:13133

receivers:
  file_log:
    include:
    - /var/log/pods/NAMESPACE_*/*/*.log
    include_file_path: true
    start_at: beginning
    storage: file_storage
    retry_on_failure:
      enabled: true
    operators:
    - type: container

processors:
  memory_limiter:
    check_interval: 1s
    limit_percentage: 75
    spike_limit_percentage: 25
  k8s_attributes:
    filter:
      namespace: NAMESPACE
      node_from_env_var: K8S_NODE_NAME
    pod_association:
    - sources:
      - from: resource_attribute
        name: k8s.pod.uid
    extract:
      metadata:
      - k8s.pod.name
      - k8s.pod.uid
      - k8s.node.name
      labels:
      - tag_name: service.name
        key: app.kubernetes.io/name
        from: pod
      - tag_name: service.version
        key: app.kubernetes.io/version
        from: pod
  batch: {}

service:
  extensions: [file_storage, health_check]
  pipelines:
    logs:
      receivers: [file_log]
      processors: [memory_limiter, k8s_attributes, batch]
  telemetry:
    metrics:
      readers:
      - pull:
          exporter:
            prometheus:
              host: 0.0.0.0
              port: 8888
`

const otelOutput = `# Where logs go. Another exporter is, for one:
#   otlp_http:
#     endpoint: http://loki.monitoring.svc.cluster.local:3100/otlp
# and its name in the pipeline. See https://opentelemetry.io/docs/collector/configuration
exporters:
  debug:
    verbosity: detailed

service:
  pipelines:
    logs:
      exporters: [debug]
`
