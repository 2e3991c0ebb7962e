// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"
	"time"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8011", Slug: "retries", Severity: finding.Warning,
	Short: "Timeout and retries of a route do not fit together",
	Why: `The timeout of a route spans all tries: the first one and as many retries as attempts says. Retries that
do not fit into it never happen. And a retry after the request may have been processed (on 5xx, reset
and others) runs a POST or PATCH twice.`,
	Fix: `Make the timeout at least (attempts + 1) x perTryTimeout; for requests that must not run twice, retry
on connect-failure,refused-stream only.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry",
	Needs:     []*model.Kind{model.VirtualServices.Kind},
	Check:     checkRetries,
})

// harmless are the conditions on which the server cannot have seen the request
// (Envoy's x-envoy-retry-on).
var harmless = []string{"connect-failure", "refused-stream", "reset-before-request"}

func checkRetries(w *rules.World, emit rules.Emit) {
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		routes := ways(&vs.Value.Spec)[0]
		for i, r := range vs.Value.Spec.GetHttp() {
			retries := r.GetRetries()
			if retries.GetAttempts() <= 0 {
				continue // none
			}
			at, route := patch.Pointer("spec", "http", i, "retries"), routeName(vs, routes[i])
			whole, try := r.GetTimeout().AsDuration(), retries.GetPerTryTimeout().AsDuration()
			tries := time.Duration(retries.GetAttempts()) + 1
			switch {
			case whole <= 0 || try <= 0:
			case try >= whole:
				emit(vs.Object, at+"/perTryTimeout", "%s never retries after a timeout: one try may take %s, all together %s", route, try, whole)
			case try*tries > whole:
				emit(vs.Object, at+"/attempts", "%s has time for %d of its %d tries: each may take %s, all together %s",
					route, (whole+try-1)/try, tries, try, whole).Severity = finding.Info
			}
			if again := repeats(retries); len(again) > 0 && writes(routes[i]) {
				f := emit(vs.Object, at+"/retryOn", "%s takes requests that change things, and repeats them on %s, when they may have been processed", route, strings.Join(again, ", "))
				f.Confidence = finding.Likely
			}
		}
	}
}

// repeats are the conditions of a policy on which the server may have done its work.
func repeats(r *networkingv1.HTTPRetry) []string {
	var out []string
	for c := range strings.SplitSeq(r.GetRetryOn(), ",") {
		if c = strings.TrimSpace(c); c != "" && !slices.Contains(harmless, c) {
			out = append(out, c)
		}
	}
	return out
}

// writes reports whether a route is for methods that are not idempotent only.
func writes(x way) bool {
	for _, m := range x.matches {
		if !slices.Contains([]string{"POST", "PATCH"}, m.http.GetMethod().GetExact()) {
			return false
		}
	}
	return true
}
