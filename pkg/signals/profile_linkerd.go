// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// linkerd is the metrics of Linkerd's proxy: linkerd.io/2/reference/proxy-metrics.
// Its rows of the receiving side do not name the caller, so that the side is
// chosen per workload called.
func linkerd() Profile {
	owners := []string{"deployment", "statefulset", "daemonset", "replicationcontroller", "k8s_job", "cronjob"}
	called := []string{"dst_deployment", "dst_statefulset", "dst_daemonset", "dst_replicationcontroller", "dst_k8s_job", "dst_cronjob"}
	outcome := Keys{
		Reporter: []string{"direction"},
		Code:     []string{"status_code"}, GRPC: []string{"grpc_status"}, Verdict: []string{"classification"},
	}
	sending, receiving := outcome, outcome
	sending.Source, sending.SourceNamespace = owners, []string{"namespace"}
	sending.Service, sending.Namespace = []string{"dst_service"}, []string{"dst_namespace"}
	sending.Workload, sending.WorkloadNamespace = called, []string{"dst_namespace"}
	receiving.Workload, receiving.WorkloadNamespace = owners, []string{"namespace"}
	receiving.Namespace = []string{"namespace"}
	return Profile{
		Name: "linkerd", Title: "Linkerd",
		Metrics: []Metrics{{Requests: "response_total", Buckets: "response_latency_ms_bucket", PerSecond: 1000}},
		Keys:    sending, Receiving: &receiving,
		reporter: func(direction string) Reporter {
			switch direction {
			case "outbound":
				return BySource
			case "inbound":
				return ByDestination
			}
			return ByApplication
		},
		// The proxy has classified by its own rules, which know gRPC.
		outcome: func(o observed, p Policy) Outcome {
			switch {
			case o.grpc != "" && ofGRPC(o.grpc, p) == Failed:
				return Failed
			case o.verdict == "failure" && o.grpc == "":
				return Failed
			case o.verdict == "":
				return ofHTTP(o.code)
			case ofHTTP(o.code) == ClientError:
				return ClientError
			case ofHTTP(o.code) == Failed: // whatever the gRPC status of such an answer
				return Failed
			}
			return Served
		},
	}
}
