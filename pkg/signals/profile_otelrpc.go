// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// otelRPC is OpenTelemetry's convention for gRPC servers, with the name in
// seconds that its release candidate has.
func otelRPC() Profile {
	keys := target()
	keys.GRPC = []string{"rpc_grpc_status_code", "rpc_response_status_code"}
	return Profile{
		Name: "otel-rpc", Title: "OpenTelemetry RPC",
		Metrics: []Metrics{
			{Requests: "rpc_server_call_duration_seconds_count", Buckets: "rpc_server_call_duration_seconds_bucket", PerSecond: 1},
			{Requests: "rpc_server_duration_milliseconds_count", Buckets: "rpc_server_duration_milliseconds_bucket", PerSecond: 1000},
		},
		Keys: keys, reporter: own,
		outcome: func(o observed, p Policy) Outcome { return ofGRPC(o.grpc, p) },
	}
}
