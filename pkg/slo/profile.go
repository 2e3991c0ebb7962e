// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// indicator is what a profile of package signals says in PromQL: a dialect.
type indicator struct {
	// failed are matchers, of which a failure has one: series with several labels of a
	// kind would be counted once all the same, as "or" joins equal series.
	failed func(signals.Policy) []string
	// told are matchers of the series that say how their events ended, of which each has
	// one. What others count is neither good nor bad.
	told []string
	// bounds are the upper bounds of the buckets, in the unit of the metric; nil where
	// everybody has others.
	bounds []float64
	// annotated is how other bounds are had.
	annotated string
}

// envoyBounds are Istio's default (pilot/pkg/bootstrap: Envoy's own), in milliseconds.
var envoyBounds = []float64{0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000}

// clientBounds are prometheus.DefBuckets, in seconds.
var clientBounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// otelBounds are those that the semantic conventions advise, in seconds.
var otelBounds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// indicators are by the names of signals.Profiles. What is a failure is what package
// signals takes for one, so that "monitor stat" and an alert never disagree.
var indicators = map[string]indicator{
	"istio": {
		bounds:    envoyBounds,
		annotated: "annotate the pods with sidecar.istio.io/statsHistogramBuckets",
		told:      []string{`response_code=~"[1-5]..|0"`}, // which a Telemetry can remove
		failed: func(p signals.Policy) []string {
			return []string{`response_code=~"5..|0"`, `request_protocol="grpc",response_code=~"[123]..",grpc_response_status=~` + signals.Quote(strings.Join(codes(p), "|"))}
		},
	},
	"http": {
		bounds:    clientBounds,
		annotated: "give the histogram other buckets, and say them with --buckets",
		told:      []string{`code=~"[1-5]..|0"`, `status=~"[1-5]..|0"`, `status_code=~"[1-5]..|0"`},
		failed: func(signals.Policy) []string {
			return []string{`code=~"5..|0"`, `status=~"5..|0"`, `status_code=~"5..|0"`}
		},
	},
	"grpc": {
		bounds:    clientBounds,
		annotated: "give the histogram other buckets, and say them with --buckets",
		told:      []string{`grpc_code=~` + statuses(signals.AllErrors|1)},
		failed:    func(p signals.Policy) []string { return []string{`grpc_code=~` + statuses(p)} },
	},
	"spring": {
		annotated: "set management.metrics.distribution.slo.http.server.requests, and say the bounds with --buckets",
		told: []string{`outcome=~"SERVER_ERROR|CLIENT_ERROR|SUCCESS|REDIRECTION|INFORMATIONAL"`,
			`outcome!~"SERVER_ERROR|CLIENT_ERROR|SUCCESS|REDIRECTION|INFORMATIONAL",status=~"[1-5]..|0"`},
		failed: func(signals.Policy) []string {
			return []string{`outcome="SERVER_ERROR"`, `outcome!~"SERVER_ERROR|CLIENT_ERROR|SUCCESS|REDIRECTION|INFORMATIONAL",status=~"5..|0"`}
		},
	},
	"otel": {
		bounds:    otelBounds,
		annotated: "give the histogram other buckets, and say them with --buckets",
		told:      []string{`http_response_status_code=~"[1-5]..|0"`, `error_type!="",http_response_status_code!~"4.."`},
		failed: func(signals.Policy) []string {
			return []string{`http_response_status_code=~"5..|0"`, `error_type!="",http_response_status_code!~"4.."`}
		},
	},
}

// Profiles are the names of those that there are rules for, in the order of package
// signals.
func Profiles() []string {
	var out []string
	for _, p := range signals.Profiles() {
		if _, known := indicators[p.Name]; known {
			out = append(out, p.Name)
		}
	}
	return out
}

// Failed are matchers of the series that count failures in a profile, of which each has
// one; nil for a profile without rules.
func Failed(profile string, p signals.Policy) []string {
	if of, known := indicators[profile]; known {
		return of.failed(p)
	}
	return nil
}

// Told are matchers of the series that say how their events ended, of which each has one;
// nil for a profile without rules.
func Told(profile string) []string { return indicators[profile].told }

// profileNamed finds a profile with the counter that is meant in front.
func profileNamed(name, metric string) (signals.Profile, error) {
	if _, known := indicators[name]; !known {
		err := fault.Usagef("expected a profile with rules, %s; found %q", strings.Join(Profiles(), ", "), name)
		if near := ref.Closest(name, Profiles()); len(near) > 0 {
			return signals.Profile{}, err.Try("--profile %s", near[0])
		}
		return signals.Profile{}, err.Try("--profile %s", Profiles()[0])
	}
	p, err := signals.ProfileNamed(name)
	if err != nil || metric == "" {
		return p, err
	}
	var known []string
	for i, m := range p.Metrics {
		if m.Requests == metric {
			p.Metrics = append([]signals.Metrics{m}, slices.Delete(slices.Clone(p.Metrics), i, i+1)...)
			return p, nil
		}
		known = append(known, m.Requests)
	}
	return p, fault.Usagef("expected a counter of profile %s, %s; found %q", name, strings.Join(known, " or "), metric).Try("--metric %s", known[0])
}

// grpcNames are the statuses by number, as Go's libraries write them; others write
// DEADLINE_EXCEEDED, or Cancelled, or the number (https://grpc.github.io/grpc/core/md_doc_statuscodes.html).
var grpcNames = []string{"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
	"PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal",
	"Unavailable", "DataLoss", "Unauthenticated"}

// statuses is a quoted pattern of gRPC statuses in all spellings: package signals reads
// them whatever their case is, and with underscores or without.
func statuses(p signals.Policy) string {
	var names []string
	for n, name := range grpcNames {
		if p.Has(n) {
			names = append(names, strings.Replace(words(name), "canceled", "cancell?ed", 1))
		}
	}
	return signals.Quote(strings.Join(codes(p), "|") + "|(?i:" + strings.Join(names, "|") + ")")
}

// codes are the numbers of gRPC statuses, which is all that a proxy writes.
func codes(p signals.Policy) []string {
	var out []string
	for n := range grpcNames {
		if p.Has(n) {
			out = append(out, strconv.Itoa(n))
		}
	}
	return out
}

var betweenWords = regexp.MustCompile(`([a-z])([A-Z])`)

// words turns DeadlineExceeded into deadline_?exceeded.
func words(name string) string {
	return strings.ToLower(betweenWords.ReplaceAllString(name, "${1}_?$2"))
}
