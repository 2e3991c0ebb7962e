// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

// otel is the stable semantic conventions of OpenTelemetry for HTTP servers, with
// the names that its Prometheus translation makes:
// opentelemetry.io/docs/specs/semconv/http/http-metrics.
func otel() Profile {
	keys := target()
	keys.Code, keys.Err = []string{"http_response_status_code"}, []string{"error_type"}
	return Profile{
		Name: "otel", Title: "OpenTelemetry HTTP",
		Metrics: []Metrics{{
			Requests: "http_server_request_duration_seconds_count", Buckets: "http_server_request_duration_seconds_bucket", PerSecond: 1,
		}},
		Keys: keys, reporter: own, outcome: ofOTel,
	}
}

// otelUTF8 is the same without translation (Prometheus 3, NoTranslation): dots
// stay, and no unit is added.
func otelUTF8() Profile {
	keys := target()
	keys.Code, keys.Err = []string{"http.response.status_code"}, []string{"error.type"}
	return Profile{
		Name: "otel-utf8", Title: "OpenTelemetry HTTP, names untranslated",
		Metrics: []Metrics{{
			Requests: "http.server.request.duration_count", Buckets: "http.server.request.duration_bucket", PerSecond: 1,
		}},
		Keys: keys, reporter: own, outcome: ofOTel,
	}
}

// ofOTel: error.type is set for what the server did wrong, also when there is no
// status code at all; a client's error leaves it empty.
func ofOTel(o observed, _ Policy) Outcome {
	http := ofHTTP(o.code)
	if o.err != "" && http != ClientError {
		return Failed
	}
	return http
}
