// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2011", Slug: "quota-exceeded", Severity: finding.Error,
	Short: "ResourceQuota leaves no room for pods that are wanted",
	Why: `Admission refuses a pod that would take a namespace over its ResourceQuota. The controller tries again
and again; all one sees is a workload with fewer pods than it asks for. A quota that is just enough also
stops the next rollout of a Deployment that may not go below its number of pods: there is no room for
the one pod more that it starts first.`,
	Fix: `Raise the quota, lower the requests of the pods, or run fewer. Where rollouts need the room, allow
maxUnavailable: 1.`,
	Reference: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
	Needs: slices.Concat([]*model.Kind{
		model.ResourceQuotas.Kind, model.HorizontalPodAutoscalers.Kind,
	}, model.WorkloadKinds),
	Explains: []string{"KM1021", "KM2001", "KM2008", "KM3002"},
	Check:    checkQuotas,
})

func checkQuotas(w *rules.World, emit rules.Emit) {
	by := scalers(w)
	for _, q := range model.ResourceQuotas.In(w.Snapshot, "") {
		hard := q.Value.Spec.Hard
		for _, of := range slices.Sorted(maps.Keys(hard)) {
			l := limit{q, of, hard[of]}
			if used, ok := q.Value.Status.Used[of]; ok && q.Live() {
				if w.PodAbsence(q.Ref.Namespace) != model.Unknown {
					l.checkUsed(w, emit, used)
				}
			} else if !q.Live() {
				l.checkPlan(w, emit, by)
			}
		}
	}
}

// limit is one resource of a quota.
type limit struct {
	quota model.Item[corev1.ResourceQuota]
	of    corev1.ResourceName
	hard  resource.Quantity
}

func (l limit) at() string { return patch.Pointer("spec", "hard", string(l.of)) }

// each calls with the workloads of the quota's namespace that it counts, and
// what one of their pods takes.
func (l limit) each(w *rules.World, do func(wl *model.Workload, one resource.Quantity)) {
	for _, wl := range w.Workloads(l.quota.Ref.Namespace) {
		if yes, known := counts(&l.quota.Value.Spec, wl.Spec()); !yes || !known {
			continue
		}
		if one, counted := need(wl.Spec(), l.of); counted && one.Sign() > 0 {
			do(wl, one)
		}
	}
}

// checkUsed compares what a live quota has left with what is wanted.
func (l limit) checkUsed(w *rules.World, emit rules.Emit, used resource.Quantity) {
	free := l.hard.DeepCopy()
	free.Sub(used)
	var waiting, rolling []string
	var blocked, later []ref.Ref
	l.each(w, func(wl *model.Workload, one resource.Quantity) {
		if one.Cmp(free) <= 0 || !wl.Live() || ending(wl) {
			return
		}
		switch {
		case lacks(wl) > 0:
			waiting = append(waiting, fmt.Sprintf("%s lacks %d of %d pods, which need %s each", wl.Ref, lacks(wl), wantedBy(wl.Replicas), one.String()))
			blocked = append(blocked, wl.Ref)
		case surges(wl):
			rolling = append(rolling, fmt.Sprintf("%s needs %s for one pod more", wl.Ref, one.String()))
			later = append(later, wl.Ref)
		}
	})
	evidence := finding.Evidence{Kind: "status", Of: l.quota.Ref.String(), Value: fmt.Sprintf("%s: %s of %s used", l.of, used.String(), l.hard.String())}
	if len(waiting) > 0 {
		f := emit(l.quota.Object, l.at(), "%s of %s %s are used: %s%s", used.String(), l.hard.String(), l.of, waiting[0], andMore(waiting))
		f.Reason, f.Related = fmt.Sprintf("%s is used up", l.of), blocked
		f.Evidence = append(f.Evidence, evidence)
		return
	}
	if len(rolling) > 0 {
		f := emit(l.quota.Object, l.at(), "%s of %s %s are used, which leaves no room for a rollout: %s%s", used.String(), l.hard.String(), l.of, rolling[0], andMore(rolling))
		f.Reason, f.Related = fmt.Sprintf("%s leaves no room for a rollout", l.of), later
		f.Severity, f.State = finding.Info, finding.Latent
		f.Evidence = append(f.Evidence, evidence)
	}
}

func andMore(list []string) string {
	if len(list) > 1 {
		return fmt.Sprintf(" (and %d more)", len(list)-1)
	}
	return ""
}

// lacks is how many pods a live workload has too few. What a Job wants next
// depends on how its pods end, and a DaemonSet on the nodes.
func lacks(wl *model.Workload) int {
	switch wl.Ref.GroupKind() {
	case model.Deployments.GroupKind, model.StatefulSets.GroupKind, model.ReplicaSets.GroupKind:
	default:
		return 0
	}
	n := int(wantedBy(wl.Replicas))
	for _, p := range wl.Pods {
		if p.Value.Status.Phase != corev1.PodFailed {
			n--
		}
	}
	return n
}

// ending reports whether a pod is on its way out: the quota still counts it, and
// there will soon be room.
func ending(wl *model.Workload) bool {
	return slices.ContainsFunc(wl.Pods, func(p model.Item[corev1.Pod]) bool { return p.Value.DeletionTimestamp != nil })
}

// surges reports whether the next rollout of a Deployment has to start a pod
// before it may stop one. The defaults and the rounding are those of
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment.
func surges(wl *model.Workload) bool {
	d, ok := model.Deployments.Of(wl.Object)
	if !ok || d.Value.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType || d.Value.Spec.Paused || wantedBy(wl.Replicas) == 0 {
		return false
	}
	unavailable := intstr.FromString("25%")
	if r := d.Value.Spec.Strategy.RollingUpdate; r != nil && r.MaxUnavailable != nil {
		unavailable = *r.MaxUnavailable
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(&unavailable, int(wantedBy(wl.Replicas)), false)
	return err == nil && n == 0
}

// checkPlan adds up what the workloads of the same files ask for at least. What
// they leave open (requests, replicas) counts nothing, so that what is said is
// certain.
func (l limit) checkPlan(w *rules.World, emit rules.Emit, by map[ref.Ref]scaler) {
	var total resource.Quantity
	var all []ref.Ref
	l.each(w, func(wl *model.Workload, one resource.Quantity) {
		n, _, known := podsWanted(w, wl, by)
		if !known || n <= 0 || n > mostPods {
			return
		}
		one.Mul(int64(n))
		total.Add(one)
		all = append(all, wl.Ref)
	})
	if total.Cmp(l.hard) <= 0 {
		return
	}
	f := emit(l.quota.Object, l.at(), "%s of %s are allowed, and the workloads ask for %s", l.hard.String(), l.of, total.String())
	f.Reason = string(l.of) + " is less than the workloads ask for"
	f.Related = all
}

// mostPods bounds what is added up: no namespace has more, and a number that
// does not fit would say nothing.
const mostPods = 1_000_000
