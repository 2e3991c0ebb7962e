// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

// peer is one end of a request: a workload, its namespace, and the pod whose proxy
// reports.
type peer struct{ namespace, workload, pod string }

// nobody is the workload of a request that reached none.
const nobody = "unknown"

// call is one kind of request between two workloads, as the proxies count it.
type call struct {
	from, to         peer
	service, version string
	protocol         string // http if empty
	code, grpc       string // 200 if empty; no gRPC status if empty
	flags            string // "-" if empty
	flow             Flow
	// What the proxies saw that report it, in milliseconds; nil is one that does not.
	source, destination, waypoint []Took
	// spans limits all of its series.
	spans []Span
}

// add adds the series of all reporters.
func (c call) add(h *History) {
	for _, r := range []struct {
		reporter string
		took     []Took
		by       peer
	}{
		{"source", c.source, c.from},
		{"destination", c.destination, c.to},
		{"waypoint", c.waypoint, peer{c.to.namespace, "waypoint", "waypoint-5d8c7f9b64-r2v8n"}},
	} {
		if r.took == nil {
			continue
		}
		l := c.labels(r.reporter, r.by)
		h.Counter("istio_requests_total", l, c.flow, c.spans...)
		h.Histogram("istio_request_duration_milliseconds", l, Envoy, c.flow, r.took, c.spans...)
	}
}

func (c call) labels(reporter string, by peer) Labels {
	l := Labels{
		"reporter": reporter, "namespace": by.namespace, "pod": by.pod, "job": "envoy-stats",
		"source_workload": c.from.workload, "source_workload_namespace": c.from.namespace,
		"destination_workload": c.to.workload, "destination_workload_namespace": c.to.namespace,
		"destination_service":            c.service + "." + c.to.namespace + ".svc.cluster.local",
		"destination_service_name":       c.service,
		"destination_service_namespace":  c.to.namespace,
		"destination_canonical_revision": or(c.version, "v1"),
		"request_protocol":               or(c.protocol, "http"),
		"response_code":                  or(c.code, "200"),
		"response_flags":                 or(c.flags, "-"),
		"connection_security_policy":     "unknown",
	}
	if c.grpc != "" {
		l["grpc_response_status"] = c.grpc
	}
	if reporter != "source" {
		l["connection_security_policy"] = "mutual_tls"
	}
	if c.to.workload == nobody {
		l["destination_canonical_revision"], l["destination_workload_namespace"] = nobody, nobody
	}
	return l
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
