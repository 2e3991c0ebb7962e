// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

// fluentBit is the smallest of the collectors.
var fluentBit = collector{
	name: "fluent-bit", image: "cr.fluentbit.io/fluent/fluent-bit:5.1.1",
	args:      []string{"--config=/etc/fluent-bit/fluent-bit.yaml"},
	directory: "/etc/fluent-bit", output: "output.yaml",
	files: func(namespace string) map[string]string {
		return map[string]string{"fluent-bit.yaml": said(fluentBitConfig, namespace), "output.yaml": fluentBitOutput}
	},
	port: 2020, live: ask("/", 2020), ready: ask("/api/v1/health", 2020),
	cpu: "100m", memory: "128Mi",
}

// fluentBitConfig reads lines as the kubelets write them since Docker is gone:
// time, stream, whether the line goes on, and the line
// (https://docs.fluentbit.io/manual/data-pipeline/inputs/tail).
const fluentBitConfig = `service:
  flush: 5
  log_level: warn
  http_server: on
  http_listen: 0.0.0.0
  http_port: 2020
  health_check: on

includes:
- output.yaml

pipeline:
  inputs:
  - name: tail
    tag: kube.*
    path: /var/log/containers/*_NAMESPACE_*.log
    multiline.parser: cri
    read_from_head: on
    db: /positions/tail.db
    mem_buf_limit: 16MB
    skip_long_lines: on

  filters:
  - name: kubernetes
    match: kube.*
    buffer_size: 256k
    merge_log: on
    keep_log: off
    annotations: off
`

const fluentBitOutput = `# Where logs go. Another output is, for one:
#   - name: loki
#     match: kube.*
#     host: loki.monitoring.svc.cluster.local
#     port: 3100
#     labels: service=$kubernetes['labels']['app.kubernetes.io/name']
# See https://docs.fluentbit.io/manual/data-pipeline/outputs
pipeline:
  outputs:
  - name: stdout
    match: kube.*
    format: json_lines
`
