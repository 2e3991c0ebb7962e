// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2512", Slug: "cron-deadline",
	Short: "CronJob has no deadline to start by",
	Why: `After a time in which it could not run, a CronJob without a deadline counts all starts that it has missed, and gives
up for good when they are more than 100. With one, it counts those within the deadline.`,
	Fix:       "Set startingDeadlineSeconds to how late the work is still worth doing, and above 10.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline",
	Aliases:   []string{"kube-score:cronjob-has-deadline"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		c, ok := model.CronJobs.Of(of.Object)
		if !ok || c.Value == nil || c.Value.Spec.StartingDeadlineSeconds != nil {
			return "", ""
		}
		return "/spec/startingDeadlineSeconds", "it has no startingDeadlineSeconds: after 100 missed starts it never runs again"
	}),
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{rules.Change(rules.Review, "start at most five minutes late", r.On, rules.Set(r.On, "/spec/startingDeadlineSeconds", int64(300)))}
	},
})
