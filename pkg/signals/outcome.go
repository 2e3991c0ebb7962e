// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Outcome is how a request ended.
type Outcome int

// The outcomes. A client's error is kept apart and is no failure of the service;
// NoResponse is a failure; Unclassified means that the labels do not say.
const (
	Served Outcome = iota
	ClientError
	Failed
	NoResponse
	Unclassified
)

// Policy says which gRPC statuses are failures: a set of status codes 0-16.
type Policy uint32

// ServerFaults are the gRPC statuses that are the server's fault: UNKNOWN,
// DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE and DATA_LOSS. AllErrors are all but OK.
const (
	ServerFaults Policy = 1<<2 | 1<<4 | 1<<13 | 1<<14 | 1<<15
	AllErrors    Policy = 1<<17 - 1<<1
)

// Has reports whether a status is a failure.
func (p Policy) Has(status int) bool { return status >= 0 && status < 32 && p&(1<<status) != 0 }

// ParsePolicy reads "server", "all" or a list of statuses by number or name
// ("2,14" or "unknown,unavailable").
func ParsePolicy(s string) (Policy, error) {
	switch s {
	case "server", "":
		return ServerFaults, nil
	case "all":
		return AllErrors, nil
	}
	var p Policy
	for item := range strings.SplitSeq(s, ",") {
		status, ok := grpcStatus(strings.TrimSpace(item))
		if !ok || status == 0 {
			return 0, fault.Usagef("%q is no gRPC error: expected server, all, or statuses 1-16 by number or name", item).
				Try("--grpc-errors server")
		}
		p |= 1 << status
	}
	return p, nil
}

// grpcNames are the statuses by number, as written in any of the conventions once
// case and underscores are gone.
var grpcNames = []string{"ok", "canceled", "unknown", "invalidargument", "deadlineexceeded", "notfound", "alreadyexists",
	"permissiondenied", "resourceexhausted", "failedprecondition", "aborted", "outofrange", "unimplemented", "internal",
	"unavailable", "dataloss", "unauthenticated"}

// grpcStatus reads a status: 14, Unavailable and UNAVAILABLE are the same.
func grpcStatus(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, n >= 0 && n < len(grpcNames)
	}
	name := strings.ToLower(strings.ReplaceAll(s, "_", ""))
	if name == "cancelled" {
		name = "canceled"
	}
	n := slices.Index(grpcNames, name)
	return n, n >= 0
}

// grpcTitles are the statuses as documentation writes them.
var grpcTitles = []string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL",
	"UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}

// observed are the labels of one row that say how its requests ended.
type observed struct {
	protocol, code, grpc, flags, verdict, err string
}

// ofHTTP classifies a status code. 0 is Envoy's for a request without a response;
// some libraries write only the class, "5xx".
func ofHTTP(code string) Outcome {
	switch {
	case code == "0":
		return NoResponse
	case len(code) != 3:
		return Unclassified
	}
	switch code[0] {
	case '1', '2', '3':
		return Served
	case '4':
		return ClientError
	case '5':
		return Failed
	}
	return Unclassified
}

// ofGRPC classifies a gRPC status.
func ofGRPC(status string, p Policy) Outcome {
	n, ok := grpcStatus(status)
	switch {
	case !ok:
		return Unclassified
	case p.Has(n):
		return Failed
	}
	return Served
}

// ofMesh classifies what a proxy saw. A gRPC status counts only if HTTP went
// well: an error of the proxy itself has both, and is one failure.
func ofMesh(o observed, p Policy) Outcome {
	http := ofHTTP(o.code)
	if o.protocol == "grpc" && http == Served && o.grpc != "" {
		if ofGRPC(o.grpc, p) == Failed {
			return Failed
		}
	}
	return http
}
