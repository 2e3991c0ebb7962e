// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// grpc is go-grpc-middleware and the Java interceptors that share its names.
func grpc() Profile {
	keys := target()
	keys.GRPC = []string{"grpc_code"}
	return Profile{
		Name: "grpc", Title: "gRPC Go and Java",
		Metrics: []Metrics{{
			Requests: "grpc_server_handled_total", Buckets: "grpc_server_handling_seconds_bucket", PerSecond: 1,
		}},
		Keys: keys, NoBuckets: "enable the handling time histogram of the interceptor",
		reporter: own,
		outcome:  func(o observed, p Policy) Outcome { return ofGRPC(o.grpc, p) },
	}
}
