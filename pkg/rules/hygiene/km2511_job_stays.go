// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	batchv1 "k8s.io/api/batch/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2511", Slug: "job-stays",
	Short:     "Job stays for ever when it has ended",
	Why:       "Jobs that have ended stay in the cluster with their pods and logs until somebody deletes them: with one an hour, thousands.",
	Fix:       "Set ttlSecondsAfterFinished: a day is 86400.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/",
	Aliases:   []string{"kube-linter:job-ttl-seconds-after-finished"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		at, spec := jobOf(of)
		if spec == nil || spec.TTLSecondsAfterFinished != nil {
			return "", ""
		}
		return at + "/ttlSecondsAfterFinished", "it stays in the cluster for ever when it has ended: no ttlSecondsAfterFinished"
	}),
	Repair: func(w *rules.World, r rules.Result) []rules.Fix {
		of, found := w.Workload(r.On.Ref)
		if !found {
			return nil
		}
		at, _ := jobOf(of)
		return []rules.Fix{rules.Change(rules.Review, "delete it a day after it has ended", r.On, rules.Set(r.On, at+"/ttlSecondsAfterFinished", int64(86400)))}
	},
})

// jobOf is the spec of a Job, or of those that a CronJob makes, with its pointer.
func jobOf(of *model.Workload) (at string, spec *batchv1.JobSpec) {
	if j, ok := model.Jobs.Of(of.Object); ok && j.Value != nil {
		return "/spec", &j.Value.Spec
	}
	if c, ok := model.CronJobs.Of(of.Object); ok && c.Value != nil {
		return "/spec/jobTemplate/spec", &c.Value.Spec.JobTemplate.Spec
	}
	return "", nil
}
