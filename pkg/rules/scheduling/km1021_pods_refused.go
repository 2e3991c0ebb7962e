// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1021", Slug: "pods-refused", Severity: finding.Error,
	Short: "Admission refuses the pods of a workload",
	Why: `A workload is accepted, but the pods that its controller makes from the template pass admission
themselves: Pod Security, ResourceQuota and LimitRange, webhooks, the ServiceAccount. When they are
refused, there is no pod to look at; only an event (FailedCreate) of the ReplicaSet, Job, StatefulSet
or DaemonSet says so, and the condition ReplicaFailure of a Deployment. The controller goes on trying,
at longer and longer intervals.`,
	Fix: `Change the pod template so that it is let through, or whatever refuses it. Then
` + "`kubectl rollout restart`" + ` saves the wait for the next try.`,
	Reference: "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.Events.Kind, model.LimitRanges.Kind, model.ServiceAccounts.Kind, model.MutatingWebhookConfigurations.Kind, model.ValidatingWebhookConfigurations.Kind,
	}),
	Live:     true,
	Explains: []string{"KM2001", "KM2015", "KM3002"},
	Check:    checkRefused,
})

// retried is how long a FailedCreate counts where no condition says that it
// still fails: controllers try again at least every 17 minutes.
const retried = 20 * time.Minute

// attempt is what a controller said of a pod that it could not make.
type attempt struct {
	message  string
	evidence finding.Evidence
	// missing is how many pods there are too few, 0 if that is not known.
	missing, wanted int32
	since           time.Time
}

func checkRefused(w *rules.World, emit rules.Emit) {
	said := map[ref.Ref]attempt{}
	for _, e := range model.Events.In(w.Snapshot, "") {
		if e.Value.Reason != "FailedCreate" || w.Now.Sub(model.EventTime(e.Value)) > retried {
			continue
		}
		maker := e.Value.InvolvedObject
		by := ref.Of(maker.APIVersion, maker.Kind, maker.Namespace, maker.Name)
		of, found := w.Workload(by)
		if !found || !of.Live() {
			continue
		}
		missing, wanted, short := shortOf(w, by)
		if before, ok := said[of.Ref]; short && (!ok || before.evidence.Time.Before(model.EventTime(e.Value))) {
			said[of.Ref] = attempt{e.Value.Message, rules.Seen(by, e.Value), missing, wanted, e.Value.FirstTimestamp.Time}
		}
	}
	for _, of := range w.Workloads("") {
		a, ok := failing(of)
		if !ok {
			a, ok = said[of.Ref]
		}
		if ok {
			a.tell(w, of, emit)
		}
	}
}

func (a attempt) tell(w *rules.World, of *model.Workload, emit rules.Emit) {
	x, ok := refused(w, of.Ref.Namespace, a.message)
	if !ok {
		return
	}
	what := "pods cannot be made"
	if a.missing > 0 && a.wanted > 0 {
		what = fmt.Sprintf("%d of %d pods cannot be made", a.missing, a.wanted)
	}
	more := ""
	if x.more != "" {
		more = ": " + rules.OneLine(x.more)
	}
	f := emit(of.Object, of.Existing(of.SpecAt(), x.below...), "%s: %s%s", what, x.who, more)
	f.Reason, f.Hint, f.Related, f.Since = "pods cannot be made: "+x.who, x.hint, x.related, a.since
	f.Evidence = append(f.Evidence, a.evidence)
}

// failing reads the condition ReplicaFailure of a Deployment's newest ReplicaSet
// that lacks pods, or of the Deployment itself. It goes away with the next pod
// that can be made.
func failing(of *model.Workload) (attempt, bool) {
	for _, r := range of.ReplicaSets {
		if a, ok := failingSet(r); ok {
			return a, true
		}
	}
	if r, ok := model.ReplicaSets.Of(of.Object); ok && of.Live() {
		return failingSet(r)
	}
	d, ok := model.Deployments.Of(of.Object)
	if !ok || !of.Live() || len(of.ReplicaSets) > 0 {
		return attempt{}, false
	}
	for _, c := range d.Value.Status.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue && c.Reason == "FailedCreate" {
			value := fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
			return attempt{c.Message, condition(of.Ref, value, c.LastTransitionTime.Time), 0, 0, c.LastTransitionTime.Time}, true
		}
	}
	return attempt{}, false
}

func failingSet(r model.Item[appsv1.ReplicaSet]) (attempt, bool) {
	wanted := int32(1)
	if r.Value.Spec.Replicas != nil {
		wanted = *r.Value.Spec.Replicas
	}
	missing := wanted - r.Value.Status.Replicas
	if missing <= 0 || r.Value.DeletionTimestamp != nil {
		return attempt{}, false
	}
	for _, c := range r.Value.Status.Conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue && c.Reason == "FailedCreate" {
			value := fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
			return attempt{c.Message, condition(r.Ref, value, c.LastTransitionTime.Time), missing, wanted, c.LastTransitionTime.Time}, true
		}
	}
	return attempt{}, false
}

func condition(of ref.Ref, value string, at time.Time) finding.Evidence {
	return finding.Evidence{Kind: "condition", Of: of.String(), Value: rules.OneLine(value), Time: at}
}

// shortOf reports whether a controller without such a condition has fewer pods
// than it wants to have, and how many.
func shortOf(w *rules.World, by ref.Ref) (missing, wanted int32, short bool) {
	switch by.GroupKind() {
	case model.StatefulSets.GroupKind:
		s, found := model.StatefulSets.Get(w.Snapshot, by.Namespace, by.Name)
		if !found || s.Value.DeletionTimestamp != nil {
			return 0, 0, false
		}
		wanted = 1
		if s.Value.Spec.Replicas != nil {
			wanted = *s.Value.Spec.Replicas
		}
		missing = wanted - s.Value.Status.Replicas
	case model.DaemonSets.GroupKind:
		d, found := model.DaemonSets.Get(w.Snapshot, by.Namespace, by.Name)
		if !found || d.Value.DeletionTimestamp != nil {
			return 0, 0, false
		}
		wanted = d.Value.Status.DesiredNumberScheduled
		missing = wanted - d.Value.Status.CurrentNumberScheduled
	case model.Jobs.GroupKind:
		j, found := model.Jobs.Get(w.Snapshot, by.Namespace, by.Name)
		if !found || j.Value.DeletionTimestamp != nil || model.JobEnded(j.Value) != nil || (j.Value.Spec.Suspend != nil && *j.Value.Spec.Suspend) {
			return 0, 0, false
		}
		return 0, 0, j.Value.Status.Active == 0
	}
	return missing, wanted, missing > 0
}
