// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo_test

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
)

var (
	httpCodes  = []string{"", "0", "100", "200", "302", "404", "500", "503", "600", "20", "2xx", "4xx", "5xx", "OK", "UNKNOWN", "error"}
	grpcCodes  = []string{"", "OK", "Ok", "ok", "0", "2", "5", "14", "16", "17", "-1", "Canceled", "CANCELED", "Cancelled", "CANCELLED", "Unknown", "UNKNOWN", "NotFound", "NOT_FOUND", "DeadlineExceeded", "DEADLINE_EXCEEDED", "deadline_exceeded", "unavailable", "DataLoss", "error"}
	errorTypes = []string{"", "timeout", "500", "404"}
	verdicts   = []string{"", "SUCCESS", "REDIRECTION", "INFORMATIONAL", "CLIENT_ERROR", "SERVER_ERROR", "UNKNOWN", "success"}
)

// TestOutcomes has the rules take for a failure, and for nothing that can be judged, what
// package signals does, of all labels that say how an event ended.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		profile, grpcErrors string
		labels              map[string][]string
	}{
		{"istio", "", map[string][]string{"response_code": httpCodes, "request_protocol": {"http", "grpc"}, "grpc_response_status": {"", "0", "2", "5", "14", "16"}}},
		{"istio", "all", map[string][]string{"response_code": httpCodes, "request_protocol": {"http", "grpc"}, "grpc_response_status": {"", "0", "2", "5", "14", "16"}}},
		{"http", "", map[string][]string{"code": httpCodes}},
		{"http", "", map[string][]string{"status": httpCodes}},
		{"http", "", map[string][]string{"status_code": httpCodes}},
		{"grpc", "", map[string][]string{"grpc_code": grpcCodes}},
		{"grpc", "all", map[string][]string{"grpc_code": grpcCodes}},
		{"spring", "", map[string][]string{"outcome": verdicts, "status": httpCodes}},
		{"otel", "", map[string][]string{"http_response_status_code": httpCodes, "error_type": errorTypes}},
	} {
		p, err := signals.ProfileNamed(c.profile)
		if err != nil {
			t.Fatal(err)
		}
		policy, err := signals.ParsePolicy(c.grpcErrors)
		if err != nil {
			t.Fatal(err)
		}
		o := objective(t, api.ObjectiveSpec{Target: 99.9, Profile: c.profile, GRPCErrors: c.grpcErrors})
		told := selectors(o.Rules()[0].Expr)
		failed := selectors("{" + strings.Join(slo.Failed(c.profile, policy), "} {") + "}")
		for _, event := range combinations(c.labels) {
			event["_q"], event[p.Keys.Namespace[0]], event[p.Keys.Service[0]], event["reporter"] = "req", "shop", "users", "source"
			var sample signals.Sample
			for name, value := range event {
				sample.Labels = append(sample.Labels, signals.Label{Name: name, Value: value})
			}
			sample.Value = 1
			table := signals.Fold(signals.Vector{sample}, signals.Options{Profile: p, By: signals.ByService, GRPC: policy})
			if len(table.Groups) != 1 {
				t.Fatalf("%s %v: expected a group, got %v", c.profile, event, table)
			}
			g := table.Groups[0]
			if got, want := told.match(event), g.Unclassified == 0; got != want {
				t.Errorf("%s %v: can be judged: %t, want %t", c.profile, event, got, want)
			}
			if got, want := failed.match(event), g.Failed > 0; got != want {
				t.Errorf("%s %v: failed: %t, want %t", c.profile, event, got, want)
			}
		}
	}
}

// combinations are all labels with a value each.
func combinations(of map[string][]string) []map[string]string {
	out := []map[string]string{{}}
	for name, values := range of {
		var more []map[string]string
		for _, one := range out {
			for _, v := range values {
				next := maps.Clone(one)
				next[name] = v
				more = append(more, next)
			}
		}
		out = more
	}
	return out
}

// either are the matchers of several selectors, of which an event matches one.
type either [][]matcher

type matcher struct {
	name, op string
	value    *regexp.Regexp
}

// selectors reads what is in braces, as Prometheus does: patterns match the whole.
func selectors(expr string) either {
	var out either
	for _, braces := range regexp.MustCompile(`\{((?:[^{}"]|"[^"]*")*)\}`).FindAllStringSubmatch(expr, -1) {
		var all []matcher
		for _, m := range regexp.MustCompile(`(\w+)(=~|!~|!=|=)("[^"]*")`).FindAllStringSubmatch(braces[1], -1) {
			pattern, err := strconv.Unquote(m[3])
			if err != nil {
				panic(err)
			}
			if !strings.Contains(m[2], "~") {
				pattern = regexp.QuoteMeta(pattern)
			}
			all = append(all, matcher{m[1], m[2], regexp.MustCompile("^(?:" + pattern + ")$")})
		}
		out = append(out, all)
	}
	return out
}

// match reports whether an event has all labels of one of the selectors; a label that is
// missing is empty.
func (e either) match(event map[string]string) bool {
	for _, all := range e {
		yes := true
		for _, m := range all {
			yes = yes && m.value.MatchString(event[m.name]) != strings.HasPrefix(m.op, "!")
		}
		if yes {
			return true
		}
	}
	return false
}
