// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package nodes

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM5101", Slug: "claim-pending", Severity: finding.Error,
	Short: "PersistentVolumeClaim gets no volume",
	Why: `A pod whose claim has no volume stays Pending. A claim gets one from the provisioner of its
StorageClass, or a PersistentVolume of the same class that is free and fits: large enough, with the
access modes, and matching the claim's selector. A claim that names no class has that of the
cluster's default, if there is one.

A class with volumeBindingMode WaitForFirstConsumer waits for a pod that uses the claim to be placed
on a node. Claims that nothing uses yet are therefore no fault.`,
	Fix: `Name a class that exists, or create a volume that fits. storageClassName cannot be changed
later: delete the claim and make it anew.`,
	Reference: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.PersistentVolumeClaims.Kind, model.PersistentVolumes.Kind, model.StorageClasses.Kind, model.Events.Kind,
	}),
	Explains: []string{"KM1011", "KM1013"},
	Check:    checkClaims,
	Repair:   repairClaim,
})

// How long a claim may wait for a volume, and for a provisioner to answer.
const (
	claimGrace     = 30 * time.Second
	provisionGrace = 2 * time.Minute
)

// selectedNode is set on a claim once the scheduler has chosen a node for its pod.
const selectedNode = "volume.kubernetes.io/selected-node"

func checkClaims(w *rules.World, emit rules.Emit) {
	var using map[claimName][]*model.Workload
	for _, c := range model.PersistentVolumeClaims.In(w.Snapshot, "") {
		if !c.Live() {
			checkClass(w, c, emit)
			continue
		}
		created := c.Value.CreationTimestamp.Time
		if c.Value.Status.Phase != corev1.ClaimPending || c.Value.DeletionTimestamp != nil || w.Now.Sub(created) < claimGrace {
			continue
		}
		if using == nil {
			using = users(w)
		}
		mounts := using[claimName{c.Ref.Namespace, c.Ref.Name}]
		p := pending{World: w, claim: c, emit: emit, used: len(mounts) > 0}
		f := p.explain()
		if f == nil {
			continue
		}
		for _, of := range mounts {
			f.Related = append(f.Related, of.Ref)
		}
		if !c.Value.CreationTimestamp.IsZero() {
			f.Since = created
		}
	}
	checkTemplates(w, emit)
}

// checkClass looks for the class that a claim of a file names. Files that hold
// no class at all say nothing about which there are.
func checkClass(w *rules.World, c claim, emit rules.Emit) {
	name, given := className(&c.Value.ObjectMeta, &c.Value.Spec)
	if given && name != "" && c.Value.Spec.VolumeName == "" {
		classMissing(w, c.Object, "/spec/storageClassName", name, c, emit)
	}
}

// checkTemplates does the same for the claims that a StatefulSet of a file will make.
func checkTemplates(w *rules.World, emit rules.Emit) {
	for _, set := range model.StatefulSets.In(w.Snapshot, "") {
		if set.Live() {
			continue
		}
		for i := range set.Value.Spec.VolumeClaimTemplates {
			t := &set.Value.Spec.VolumeClaimTemplates[i]
			if name, given := className(&t.ObjectMeta, &t.Spec); given && name != "" {
				at := patch.Pointer("spec", "volumeClaimTemplates", i, "spec", "storageClassName")
				classMissing(w, set.Object, at, name, claim{Object: set.Object, Value: t}, emit)
			}
		}
	}
}

// classMissing reports a class that does not exist, unless a volume that
// somebody made by hand carries its name.
func classMissing(w *rules.World, on *model.Object, at, class string, c claim, emit rules.Emit) *finding.Finding {
	absence, missing := w.Missing(model.StorageClasses.Kind, "", class)
	if !missing || absence == model.Outside {
		return nil
	}
	if _, found := fitting(w, c, class); found {
		return nil
	}
	storage := model.StorageClasses.Ref("", class)
	f := emit(on, at, "%s %s, and no PersistentVolume of this class fits", storage, absence)
	f.Related = append(f.Related, storage)
	if near := nearClass(w, class); near != "" {
		f.Hint = "did you mean " + near + "?"
	}
	if _, gap := w.Gap(model.PersistentVolumes.GroupKind, ""); gap {
		f.Message = fmt.Sprintf("%s %s, and whether a PersistentVolume of this class fits is not known", storage, absence)
		f.Severity, f.Confidence = finding.Warning, finding.Likely
	}
	return rules.Weigh(f, absence)
}

// nearClass is the class whose name comes nearest; empty when none is near.
func nearClass(w *rules.World, name string) string {
	if near := ref.Closest(name, w.Names(model.StorageClasses.Kind, "")); len(near) > 0 {
		return near[0]
	}
	return ""
}

// pending is a live claim that waits for its volume.
type pending struct {
	*rules.World
	claim
	emit rules.Emit
	used bool
}

// explain finds out why, and says nothing where the wait is in order.
func (p pending) explain() *finding.Finding {
	if name := p.Value.Spec.VolumeName; name != "" {
		if absence, missing := p.Missing(model.PersistentVolumes.Kind, "", name); missing {
			f := p.emit(p.claim.Object, "/spec/volumeName", "PersistentVolume %s %s", name, absence)
			f.Related = append(f.Related, model.PersistentVolumes.Ref("", name))
			return f
		}
	}
	name, given := className(&p.Value.ObjectMeta, &p.Value.Spec)
	if _, gap := p.Gap(model.StorageClasses.GroupKind, ""); gap {
		return p.events("")
	}
	if !given {
		if p.hasDefault() {
			return p.events("")
		}
		return p.static("", "it names no StorageClass and the cluster has no default")
	}
	if name == "" {
		return p.static("", "it asks for a volume without a class")
	}
	class, found := model.StorageClasses.Get(p.Snapshot, "", name)
	if !found {
		return classMissing(p.World, p.claim.Object, "/spec/storageClassName", name, p.claim, p.emit)
	}
	waits := class.Value.VolumeBindingMode != nil && *class.Value.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer
	if waits && (!p.used || p.Value.Annotations[selectedNode] == "") {
		return nil // the scheduler has to place its pod first
	}
	if class.Value.Provisioner == "kubernetes.io/no-provisioner" {
		return p.static(name, "StorageClass "+name+" makes no volumes")
	}
	return p.events(class.Value.Provisioner)
}

// hasDefault reports whether the cluster has a default StorageClass.
func (p pending) hasDefault() bool {
	for _, s := range model.StorageClasses.In(p.Snapshot, "") {
		for _, key := range []string{"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"} {
			if s.Value.Annotations[key] == "true" {
				return true
			}
		}
	}
	return false
}

// static is about claims that only a volume made by hand can serve.
func (p pending) static(class, because string) *finding.Finding {
	if _, gap := p.Gap(model.PersistentVolumes.GroupKind, ""); gap {
		return nil
	}
	why, found := fitting(p.World, p.claim, class)
	if found {
		return nil // it is about to be bound
	}
	return p.emit(p.claim.Object, "/spec", "gets no volume: %s, and %s", because, why)
}

// events asks what the provisioner said.
func (p pending) events(provisioner string) *finding.Finding {
	for _, e := range p.EventsOf(p.claim.Ref) {
		if e.Value.Reason != "ProvisioningFailed" {
			continue
		}
		f := p.emit(p.claim.Object, "", "its volume could not be provisioned%s", by(provisioner))
		f.Evidence = append(f.Evidence, finding.Evidence{
			Kind: "event", Of: p.claim.Ref.String(), Value: e.Value.Reason + ": " + e.Value.Message, Time: model.EventTime(e.Value),
		})
		return f
	}
	_, gap := p.Gap(model.Events.GroupKind, p.claim.Ref.Namespace)
	if gap || p.Now.Sub(p.Value.CreationTimestamp.Time) < provisionGrace {
		return nil
	}
	f := p.emit(p.claim.Object, "", "waits for its volume: nobody has answered for it%s", by(provisioner))
	f.Confidence = finding.Likely
	return f
}

func by(provisioner string) string {
	if provisioner == "" {
		return ""
	}
	return fmt.Sprintf(" (provisioner %s)", provisioner)
}

// repairClaim corrects the name of a class in a file.
func repairClaim(w *rules.World, r rules.Result) []rules.Fix {
	name, isName := r.Text()
	if !isName || r.On.Live() {
		return nil
	}
	near := nearClass(w, name)
	if near == "" {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "name StorageClass "+near, near)}
}
