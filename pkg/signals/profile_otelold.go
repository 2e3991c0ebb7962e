// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// otelOld is OpenTelemetry's convention for HTTP servers before 1.23.
func otelOld() Profile {
	keys := target()
	keys.Code = []string{"http_status_code"}
	return Profile{
		Name: "otel-old", Title: "OpenTelemetry HTTP before 1.23",
		Metrics: []Metrics{{
			Requests: "http_server_duration_milliseconds_count", Buckets: "http_server_duration_milliseconds_bucket", PerSecond: 1000,
		}},
		Keys: keys, reporter: own,
		outcome: func(o observed, _ Policy) Outcome { return ofHTTP(o.code) },
	}
}
