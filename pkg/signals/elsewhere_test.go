// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Two Services have the same pods: the caller calls "new", and the called proxy names the
// first of them. Of one alone, only the half that names it is asked for.
func TestElsewhere(t *testing.T) {
	source, destination := req(10, "source", "web", "new", "cart", "200"), req(10, "destination", "web", "old", "cart", "200")
	outside := req(2, "destination", "unknown", "old", "cart", "200")
	const asks = `label_replace(sum by (destination_canonical_revision,destination_service_name,destination_service_namespace,destination_workload,` +
		`destination_workload_namespace,grpc_response_status,reporter,request_protocol,response_code,response_flags,source_workload,source_workload_namespace) ` +
		`(rate(istio_requests_total{source_workload="web",destination_workload="cart",destination_service_name!="%"}[1m])),"_q","req","","")`
	for _, c := range []struct {
		name, service string
		view          signals.View
		vector, rest  signals.Vector
		rate          float64 // of the service alone
		asked         bool
	}{
		{"the caller meant another", "old", signals.Client, signals.Vector{destination, outside}, signals.Vector{source}, 2, true},
		{"and this one", "new", signals.Client, signals.Vector{source}, nil, 10, false},
		{"the called one says another", "new", signals.Server, signals.Vector{source}, signals.Vector{destination}, none, true},
		{"and this one", "old", signals.Server, signals.Vector{destination, outside}, nil, 12, false},
		{"a caller that tells nothing", "old", signals.Client, signals.Vector{outside}, nil, 2, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t, c.view, signals.ByService)
			o.Keep = func(w signals.Who) bool { return w.Service == c.service }
			q := signals.Query{Profile: o.Profile, Window: 60e9, Match: []signals.Matcher{signals.Equal("destination_service_name", c.service)}, TCP: true}
			more, ok := q.Elsewhere(c.vector, o, []string{c.service})
			if ok != c.asked {
				t.Errorf("something else has to be asked: %t, want %t", ok, c.asked)
			}
			if want := strings.Replace(asks, "%", c.service, 1); ok && more.PromQL() != want {
				t.Errorf("asks\n%s, want\n%s", more.PromQL(), want)
			}
			var rate *float64
			for _, g := range signals.Fold(append(c.vector, c.rest...), o).Groups {
				if g.Service != c.service {
					t.Errorf("a row of %s, which was not asked for", g)
				}
				rate = g.Rate
			}
			if !near(rate, c.rate) {
				t.Errorf("rate %v, want %v", show(rate), c.rate)
			}
		})
	}
	if _, ok := (signals.Query{Profile: profile(t, "http")}).Elsewhere(nil, signals.Options{Profile: profile(t, "http")}, []string{"x"}); ok {
		t.Error("only a mesh has two ends")
	}
}
