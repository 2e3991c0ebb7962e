// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1011", Slug: "pending-volumes", Severity: finding.Error,
	Short: "Pod stays Pending: a volume is missing, unbound or somewhere else",
	Why: `A pod is not scheduled before its claims exist and, unless their class waits for the pod
(WaitForFirstConsumer), have volumes. A volume that is there can be used only from certain nodes, most
often those of one zone; when the pod may not run on any of them, it stays Pending as well. Claims of
a class that waits get their volume once a node has been chosen, and the pod waits for that.`,
	Fix: `See what the claim itself says (KM5101). For a volume in another zone, let the pod run there: its
selectors, affinity and taints, and the room on the nodes of that zone.`,
	Reference: "https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode",
	Aliases:   []string{"POP1003"},
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.PersistentVolumeClaims.Kind, model.PersistentVolumes.Kind, model.Nodes.Kind, model.Events.Kind,
	}),
	Live:     true,
	Explains: []string{"KM2001", "KM2015", "KM3002"},
	Check:    checkVolumes,
	Repair:   repairClaimName,
})

// provisioning is how long a volume may take to be made for a pod.
const provisioning = 2 * time.Minute

// selectedNode is set on a claim once the scheduler has chosen a node for its pod.
const selectedNode = "volume.kubernetes.io/selected-node"

func checkVolumes(w *rules.World, emit rules.Emit) {
	for _, g := range unschedulable(w, byVolumes) {
		tellVolumes(w, g, emit)
	}
	for _, of := range w.Workloads("") {
		if g, claim, ok := binding(w, of); ok {
			what := fmt.Sprintf("waits for the volume of %s, which is to be made for node %s", claim.ref, claim.object.Value.Annotations[selectedNode])
			f := g.tell(w, emit, g.of.SpecAt()+claim.at, what, "waits for the volume of "+claim.ref.String())
			f.Related = add(f.Related, claim.ref)
			for _, e := range w.EventsOf(claim.ref) {
				f.Evidence = append(f.Evidence, rules.Seen(claim.ref, e.Value))
				break
			}
		}
	}
}

// use is a claim that a pod mounts.
type use struct {
	ref ref.Ref
	// at is the JSON Pointer of its name in the workload's pod spec, or that of the
	// pod spec where the workload makes a claim for each pod.
	at     string
	object model.Item[corev1.PersistentVolumeClaim]
	found  bool
}

// claims are those that a pod mounts, in order. Generic ephemeral volumes have a
// claim named after pod and volume.
func claims(w *rules.World, of *model.Workload, p *corev1.Pod) []use {
	var out []use
	for _, v := range p.Spec.Volumes {
		name := ""
		switch {
		case v.PersistentVolumeClaim != nil:
			name = v.PersistentVolumeClaim.ClaimName
		case v.Ephemeral != nil:
			name = p.Name + "-" + v.Name
		}
		if name == "" {
			continue
		}
		u := use{ref: model.PersistentVolumeClaims.Ref(of.Ref.Namespace, name)}
		u.object, u.found = model.PersistentVolumeClaims.Get(w.Snapshot, of.Ref.Namespace, name)
		if i := slices.IndexFunc(of.Spec().Volumes, func(x corev1.Volume) bool { return x.Name == v.Name }); i >= 0 {
			u.at = patch.Pointer("volumes", i)
			if of.Spec().Volumes[i].PersistentVolumeClaim != nil {
				u.at += "/persistentVolumeClaim/claimName"
			}
		}
		out = append(out, u)
	}
	return out
}

func (u use) pending() bool {
	return u.found && u.object.Value.Status.Phase != corev1.ClaimBound
}

// tellVolumes says which of the claims it is about.
func tellVolumes(w *rules.World, g waiting, emit rules.Emit) {
	says := g.causes[0].says
	all := claims(w, g.of, g.first())
	if strings.Contains(says, "unbound immediate") && len(all) > 0 && !slices.ContainsFunc(all, func(u use) bool { return !u.found || u.pending() }) {
		return // they have been bound since
	}
	at, what, hint := g.of.SpecAt(), "", ""
	var related []ref.Ref
	for _, u := range all {
		fault, volume := u.fault(w, says)
		if fault == "" {
			continue
		}
		if strings.Contains(fault, "does not exist") {
			if u.found {
				return // it has come up since
			}
			if near := rules.DidYouMean(u.ref.Name, w.Names(model.PersistentVolumeClaims.Kind, u.ref.Namespace)); near != "" {
				hint = near
			}
		}
		if what == "" {
			what, at = fault, at+u.at
		}
		related = add(related, u.ref)
		if volume.Name != "" {
			related = add(related, volume)
		}
	}
	sentence, reason := g.refusals(), g.steady()
	switch {
	case what != "" && g.causes[0].nodes > 0:
		sentence, reason = what+"; "+sentence, what
	case what != "":
		sentence, reason = what, what
	}
	f := g.tell(w, emit, at, sentence, reason)
	f.Hint = lines(hint, f.Hint)
	f.Related = add(f.Related, related...)
}

// fault is what the scheduler has against a claim, and the volume it is about, if
// it is about one.
func (u use) fault(w *rules.World, says string) (string, ref.Ref) {
	named := strings.Contains(says, fmt.Sprintf("%q", u.ref.Name))
	switch {
	case named && strings.Contains(says, "not found"):
		return fmt.Sprintf("%s does not exist", u.ref), ref.Ref{}
	case named && strings.Contains(says, "being deleted"):
		return fmt.Sprintf("%s is being deleted", u.ref), ref.Ref{}
	case named && strings.Contains(says, "non-existent"):
		return fmt.Sprintf("the PersistentVolume of %s is gone", u.ref), ref.Ref{}
	case u.pending() && (strings.Contains(says, "unbound immediate") || strings.Contains(says, "persistent volumes to bind")):
		return fmt.Sprintf("%s has no volume yet", u.ref), ref.Ref{}
	case strings.Contains(says, "node affinity"), strings.Contains(says, "volume zone"):
		return place(w, u)
	}
	return "", ref.Ref{}
}

// place says where the volume of a claim can be used, if not everywhere.
func place(w *rules.World, u use) (string, ref.Ref) {
	if !u.found || u.object.Value.Spec.VolumeName == "" {
		return "", ref.Ref{}
	}
	v, found := model.PersistentVolumes.Get(w.Snapshot, "", u.object.Value.Spec.VolumeName)
	if !found {
		return "", ref.Ref{}
	}
	if a := v.Value.Spec.NodeAffinity; a != nil && a.Required != nil {
		spec := corev1.PodSpec{Affinity: &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: a.Required}}}
		var where []string
		for _, all := range terms(&spec) {
			where = append(where, whats(all, " and "))
		}
		return fmt.Sprintf("%s of %s can only be used where %s", v.Ref, u.ref, strings.Join(where, " or ")), v.Ref
	}
	for _, key := range slices.Sorted(maps.Keys(v.Value.Labels)) {
		if key == corev1.LabelTopologyZone || key == corev1.LabelFailureDomainBetaZone {
			return fmt.Sprintf("%s of %s can only be used where %s=%s", v.Ref, u.ref, key, v.Value.Labels[key]), v.Ref
		}
	}
	return "", ref.Ref{}
}

// binding are the pods of a workload that have a node in view and wait for a
// volume to be made for it. Meanwhile the scheduler says nothing, or that it
// gave up once (SchedulerError).
func binding(w *rules.World, of *model.Workload) (waiting, use, bool) {
	g, claim := waiting{of: of}, use{}
	for _, p := range of.Pods {
		condition, ok := unscheduled(w, p)
		if !ok || condition.Reason == corev1.PodReasonUnschedulable || condition.Reason == corev1.PodReasonSchedulingGated ||
			w.Now.Sub(p.Value.CreationTimestamp.Time) < provisioning {
			continue
		}
		for _, u := range claims(w, of, p.Value) {
			if u.pending() && u.object.Value.Annotations[selectedNode] != "" {
				if len(g.pods) == 0 {
					claim, g.condition = u, condition
				}
				g.pods = append(g.pods, p)
				break
			}
		}
	}
	return g, claim, len(g.pods) > 0
}

// repairClaimName corrects the name of a claim that does not exist.
func repairClaimName(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	name, isName := r.Text()
	if !found || !of.Editable() || !isName || !strings.HasSuffix(r.Pointer, "/claimName") {
		return nil
	}
	if _, missing := w.Missing(model.PersistentVolumeClaims.Kind, r.Object.Namespace, name); !missing {
		return nil
	}
	near := ref.Closest(name, w.Names(model.PersistentVolumeClaims.Kind, r.Object.Namespace))
	if len(near) == 0 {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "mount PersistentVolumeClaim "+near[0], near[0])}
}
