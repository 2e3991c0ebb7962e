// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// A connection that was refused names no workload, and belongs to the one that its
// Service has. Where it has two, it may have been either's.
func TestCheckLost(t *testing.T) {
	a := answer(
		req(90, "web", "cart", "cart", "200", "source"), req(10, "web", "cart", "unknown", "0", "source", "response_flags", "UF"),
		req(50, "web", "user", "user-v1", "200", "source"), req(50, "web", "user", "user-v2", "200", "source"),
		req(5, "web", "user", "unknown", "503", "source", "response_flags", "UH"),
		req(7, "web", "other", "unknown", "503", "source", "response_flags", "UH"),
	)
	q := question(t)
	groups := signals.Fold(a.Vector, q.Options(profile(t, "istio"), a)).Groups
	for _, c := range []struct {
		workload, gate string
		want           compare.Verdict
		reason         string
	}{
		{"cart", ">=99%", compare.Fail, "success 90% of ≈10000 requests"},
		{"user-v1", ">=99%", compare.Inconclusive, "fail if all requests that reached nobody were for user-v1"},
		{"user-v1", ">=80%", compare.Pass, ""},
		{"nobody", ">=99%", compare.Pass, ""},
		// Nothing reached it at all, or nothing of the Service that is down.
		{"other", ">=99%", compare.Fail, "success 0% of ≈700 requests"},
		{"nobody-knows", ">=99%", compare.Inconclusive, "fail if all requests that reached nobody were for nobody-knows"},
		{"idle", ">=99%", compare.Pass, "no requests"},
		{"both", ">=99%", compare.Fail, "success 87.7193% of ≈5700 requests"},
		// Its Service has another one, which nothing reached.
		{"new", ">=99%", compare.Inconclusive, "fail if all requests that reached nobody were for new"},
	} {
		criterion, err := stat.ParseCriterion("success", c.gate)
		if err != nil {
			t.Fatal(err)
		}
		rate := 50.0
		switch c.workload {
		case "cart":
			rate = 90
		case "other", "nobody-knows", "idle":
			rate = 0
		}
		target := stat.Target{Group: signals.Group{Rate: &rate, Window: 100 * time.Second}}
		selected := func(service string) ([]string, bool) {
			of := map[string][]string{"other": {c.workload}, "cart": {}, "user": {}}
			switch c.workload {
			case "new":
				of["other"] = append(of["other"], "newer")
			case "idle":
				of["other"] = []string{"another"}
			case "cart", "user-v1", "nobody", "nobody-knows":
				return nil, false
			}
			return of[service], true
		}
		r := stat.CheckLost([]stat.Criterion{criterion}, target, stat.LostBy(groups, c.workload, rate == 0, selected), c.workload,
			compare.Rules{MinRequests: 100, Confidence: 0.95, View: signals.Client, NoDataPasses: true})[0]
		if r.Verdict != c.want || !strings.Contains(r.Reason, c.reason) {
			t.Errorf("%s %s: %s %s", c.workload, c.gate, r.Verdict, r.Reason)
		}
		if *target.Group.Rate != rate || target.Group.Failed != 0 {
			t.Errorf("%s: the target was changed", c.workload)
		}
	}
}
