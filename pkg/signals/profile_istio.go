// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// istio is the standard metrics of Istio: istio.io/latest/docs/reference/config/metrics.
// destination_workload_namespace is kept because a service may select nothing of
// its own namespace only.
func istio() Profile {
	return Profile{
		Name: "istio", Title: "Istio",
		Metrics: []Metrics{{
			Requests: "istio_requests_total", Buckets: "istio_request_duration_milliseconds_bucket", PerSecond: 1000,
		}},
		// Istio counts from the point of view of the proxy's upstream connection:
		// what it received is what the client sent (istio/istio#32399).
		Sent: "istio_tcp_received_bytes_total", Received: "istio_tcp_sent_bytes_total",
		Keys: Keys{
			Reporter: []string{"reporter"},
			Source:   []string{"source_workload"}, SourceNamespace: []string{"source_workload_namespace"},
			Service: []string{"destination_service_name"}, Namespace: []string{"destination_service_namespace"},
			Workload: []string{"destination_workload"}, WorkloadNamespace: []string{"destination_workload_namespace"},
			Version:  []string{"destination_canonical_revision"},
			Protocol: []string{"request_protocol"},
			Code:     []string{"response_code"}, GRPC: []string{"grpc_response_status"}, Flags: []string{"response_flags"},
		},
		Paired:   true,
		reporter: func(label string) Reporter { return Reporter(label) },
		outcome:  ofMesh,
	}
}
