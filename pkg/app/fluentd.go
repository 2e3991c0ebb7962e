// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

// fluentd is the collector with the most plugins. This image has those for
// Elasticsearch and for Kubernetes.
var fluentd = collector{
	name: "fluentd", image: "fluent/fluentd-kubernetes-daemonset:v1.19.3-debian-elasticsearch8-1.1",
	directory: "/fluentd/etc", output: "output.conf",
	files: func(namespace string) map[string]string {
		return map[string]string{"fluent.conf": said(fluentdConfig, namespace), "output.conf": fluentdOutput}
	},
	port: 24231, live: dial(24231), ready: ask("/metrics", 24231),
	cpu: "200m", memory: "512Mi",
}

// fluentdConfig reads lines as the kubelets write them, and joins those that were
// too long for one. Pods are asked for one by one: to watch them it would need the
// right to see those of all namespaces.
const fluentdConfig = `<source>
  @type prometheus
  bind 0.0.0.0
  port 24231
</source>

<source>
  @type tail
  @id containers
  path /var/log/containers/*_NAMESPACE_*.log
  pos_file /positions/containers.pos
  tag kubernetes.*
  read_from_head true
  <parse>
    @type cri
  </parse>
</source>

<filter kubernetes.**>
  @type concat
  key message
  separator ""
  use_partial_cri_logtag true
  partial_cri_logtag_key logtag
  partial_cri_stream_key stream
</filter>

<filter kubernetes.**>
  @type kubernetes_metadata
  watch false
  skip_master_url true
  skip_namespace_metadata true
</filter>

@include output.conf

# What Fluentd says of itself is on its standard error already.
<label @FLUENT_LOG>
  <match **>
    @type null
  </match>
</label>
`

const fluentdOutput = `# Where logs go. Another output is, for one:
#   <match kubernetes.**>
#     @type elasticsearch
#     host elasticsearch.logging.svc.cluster.local
#     port 9200
#     logstash_format true
#   </match>
# See https://docs.fluentd.org/output
<match kubernetes.**>
  @type stdout
  <format>
    @type json
  </format>
</match>
`
