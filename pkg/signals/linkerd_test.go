// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// The called side of Linkerd names no Service: callers say which ones a workload serves,
// and a Service need not be called as its workload is.
func TestLinkerdServices(t *testing.T) {
	out := func(rate float64, service, workload, class string) signals.Sample {
		return sample(rate, "_q=req direction=outbound deployment=front namespace=shop dst_namespace=shop status_code=200 dst_service="+service+" dst_deployment="+workload+" classification="+class)
	}
	in := func(rate float64, workload string) signals.Sample {
		return sample(rate, "_q=req direction=inbound namespace=shop status_code=200 classification=success deployment="+workload)
	}
	one := signals.Vector{out(5, "web-svc", "web", "success"), in(10, "web"), in(3, "batch")}
	two := signals.Vector{out(5, "a", "web", "success"), out(5, "b", "web", "success"), in(12, "web")}
	lost := signals.Vector{out(10, "web-svc", "web", "success"), out(2, "web-svc", "", "failure"), in(10, "web"), in(1, "")}
	type rates map[string]float64
	for _, c := range []struct {
		name   string
		vector signals.Vector
		view   signals.View
		by     signals.By
		only   string // the Service that is asked for, all if empty
		want   rates
		hidden bool // some callers have no proxy
	}{
		{"more than the callers tell", one, signals.Client, signals.ByService, "", rates{"shop/web-svc": 10, "shop/batch": 3}, false},
		{"and alone", one, signals.Client, signals.ByService, "web-svc", rates{"shop/web-svc": 10}, false},
		{"the called side", one, signals.Server, signals.ByService, "", rates{"shop/web-svc": 10, "shop/batch": 3}, false},
		{"which of two was called", two, signals.Client, signals.ByService, "", rates{"shop/a": 5, "shop/b": 5}, true},
		{"and alone", two, signals.Client, signals.ByService, "a", rates{"shop/a": 5}, false},
		{"the workload", two, signals.Client, signals.ByWorkload, "", rates{"shop/web": 12}, false},
		{"what never arrived", lost, signals.Client, signals.ByService, "web-svc", rates{"shop/web-svc": 12}, false},
		{"is the callers' alone", lost, signals.Server, signals.ByService, "web-svc", rates{"shop/web-svc": 10}, false},
	} {
		o := options(t, c.view, c.by)
		o.Profile = profile(t, "linkerd")
		if c.only != "" {
			o.Keep = func(w signals.Who) bool { return w.Service == c.only }
		}
		table, got := signals.Fold(c.vector, o), rates{}
		for _, g := range table.Groups {
			got[g.String()] = *g.Rate
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if c.hidden != strings.Contains(strings.Join(table.Warnings, ""), "have no name: shop/web") {
			t.Errorf("%s: warnings %q", c.name, table.Warnings)
		}
	}
}
