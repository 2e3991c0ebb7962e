// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2015", Slug: "job-failed", Severity: finding.Error,
	Short: "Job has failed, or a CronJob does not start",
	Why: `A Job that has failed (its pods more often than backoffLimit, or not done within
activeDeadlineSeconds) is not tried again. Of a CronJob only the last run counts: earlier failures that a
success came after are history. A CronJob does nothing while it is suspended, and gives up after missing
too many starts.`,
	Fix: `Look at the logs of the pods of the Job, then delete and create it again, or run a CronJob by hand:
kubectl create job --from=cronjob/NAME NAME-manual.`,
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy",
	Needs:     []*model.Kind{model.Jobs.Kind, model.CronJobs.Kind, model.Events.Kind},
	Check:     checkJobs,
})

func checkJobs(w *rules.World, emit rules.Emit) {
	runs := map[ref.Ref][]model.Item[batchv1.Job]{}
	for _, j := range model.Jobs.In(w.Snapshot, "") {
		if c := metav1.GetControllerOf(j.Value); c != nil {
			of := unversioned(ref.Of(c.APIVersion, c.Kind, j.Ref.Namespace, c.Name))
			// What is not of a CronJob is of a workflow engine or the like, which
			// knows better what a failure means.
			runs[of] = append(runs[of], j)
			continue
		}
		if c := failed(j); c != nil {
			f := emit(j.Object, "", "failed: %s", reasonOf(c))
			reportRun(f, j, c)
			if w.Now.Sub(f.Since) > leftover {
				f.Severity = finding.Warning
			}
		}
	}
	for _, c := range model.CronJobs.In(w.Snapshot, "") {
		checkCronJob(w, emit, c, runs[unversioned(c.Ref)])
	}
}

// leftover is the age at which a failed Job is no longer news.
const leftover = 24 * time.Hour

// failed is the condition of a Job that has failed for good.
func failed(j model.Item[batchv1.Job]) *batchv1.JobCondition {
	if j.Value.DeletionTimestamp != nil {
		return nil
	}
	return model.JobEnded(j.Value, batchv1.JobFailed)
}

// reasonOf says what a Job failed of.
func reasonOf(c *batchv1.JobCondition) string {
	switch c.Reason {
	case batchv1.JobReasonBackoffLimitExceeded:
		return "its pods failed more often than backoffLimit allows"
	case batchv1.JobReasonDeadlineExceeded:
		return "it was not done within activeDeadlineSeconds"
	case batchv1.JobReasonPodFailurePolicy:
		return "a pod failed in a way that its podFailurePolicy gives up on"
	case "":
		return "for a reason that is not known"
	}
	return c.Reason
}

func reportRun(f *finding.Finding, j model.Item[batchv1.Job], c *batchv1.JobCondition) {
	f.Since = c.LastTransitionTime.Time
	f.Evidence = append(f.Evidence,
		finding.Evidence{Kind: "condition", Of: j.Ref.String(), Time: f.Since, Value: fmt.Sprintf("%s is %s, %s: %s", c.Type, c.Status, c.Reason, c.Message)},
		finding.Evidence{Kind: "status", Of: j.Ref.String(), Value: fmt.Sprintf("%d pods failed, %d succeeded", j.Value.Status.Failed, j.Value.Status.Succeeded)})
	f.Hint = fmt.Sprintf("kubectl -n %s logs job/%s --all-containers --tail=50", j.Ref.Namespace, j.Ref.Name)
}

func checkCronJob(w *rules.World, emit rules.Emit, c model.Item[batchv1.CronJob], runs []model.Item[batchv1.Job]) {
	spec := &c.Value.Spec
	switch fault := checkSchedule(spec.Schedule); {
	case c.Value.DeletionTimestamp != nil:
		return
	case fault != "":
		emit(c.Object, "/spec/schedule", "schedule %q %s", spec.Schedule, fault)
		return
	case spec.Suspend != nil && *spec.Suspend:
		f := emit(c.Object, "/spec/suspend", "is suspended: no Job is started")
		f.Severity = finding.Info
		return
	}
	if last, c2 := lastRun(runs); c2 != nil {
		f := emit(c.Object, "", "the last Job failed: %s", reasonOf(c2))
		reportRun(f, last, c2)
		f.Related = append(f.Related, last.Ref)
	}
	if !c.Live() {
		return
	}
	for _, e := range w.EventsOf(c.Ref) {
		if !slices.Contains(missed, e.Value.Reason) || started(c, e) {
			continue
		}
		f := emit(c.Object, "/spec/schedule", "does not start: %s", e.Value.Message)
		f.Severity, f.Reason, f.Since = finding.Warning, "does not start: "+e.Value.Reason, model.EventTime(e.Value)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "event", Of: c.Ref.String(), Value: e.Value.Reason + ": " + e.Value.Message, Time: f.Since})
		return // the latest says it
	}
}

// missed are the reasons of the CronJob controller's events about starts that
// did not happen.
var missed = []string{"MissSchedule", "TooManyMissedTimes", "UnknownTimeZone", "InvalidSchedule", "UnparseableSchedule", "UnParseableCronJobSchedule"}

// started reports whether a CronJob has started a Job since an event.
func started(c model.Item[batchv1.CronJob], e model.Item[corev1.Event]) bool {
	last := c.Value.Status.LastScheduleTime
	return last != nil && last.After(model.EventTime(e.Value))
}

// lastRun is the youngest Job that has ended, and its condition if it failed.
func lastRun(runs []model.Item[batchv1.Job]) (last model.Item[batchv1.Job], c *batchv1.JobCondition) {
	for _, j := range runs {
		if j.Value.DeletionTimestamp != nil || model.JobEnded(j.Value) == nil {
			continue
		}
		if last.Object == nil || j.Value.CreationTimestamp.After(last.Value.CreationTimestamp.Time) {
			last, c = j, failed(j)
		}
	}
	return last, c
}
