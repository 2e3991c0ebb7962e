// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// spring is Spring Boot with Micrometer:
// docs.spring.io/spring-boot/reference/actuator/metrics.html.
func spring() Profile {
	keys := target()
	keys.Code, keys.Verdict = []string{"status"}, []string{"outcome"}
	return Profile{
		Name: "spring", Title: "Spring Boot",
		Metrics: []Metrics{{
			Requests: "http_server_requests_seconds_count", Buckets: "http_server_requests_seconds_bucket", PerSecond: 1,
		}},
		Keys:      keys,
		NoBuckets: "set management.metrics.distribution.percentiles-histogram.http.server.requests=true",
		reporter:  own,
		outcome: func(o observed, _ Policy) Outcome {
			switch o.verdict {
			case "SERVER_ERROR":
				return Failed
			case "CLIENT_ERROR":
				return ClientError
			case "SUCCESS", "REDIRECTION", "INFORMATIONAL":
				return Served
			}
			return ofHTTP(o.code)
		},
	}
}
