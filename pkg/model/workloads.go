// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// WorkloadKinds are the kinds that Workloads reads.
var WorkloadKinds = []*Kind{
	Pods.Kind, Deployments.Kind, ReplicaSets.Kind, StatefulSets.Kind, DaemonSets.Kind, Jobs.Kind, CronJobs.Kind,
}

// Workload is what makes pods, or a pod that nobody makes. Where nothing runs
// (files) its template stands in for the pods.
type Workload struct {
	*Object
	// Template is the pod template; of a bare pod, the pod itself.
	Template *corev1.PodTemplateSpec
	// At is the JSON Pointer of the template in the object: "/spec/template",
	// "/spec/jobTemplate/spec/template", "" for a bare pod.
	At string
	// Selector is what a controller finds its pods by; nil for Jobs, CronJobs and bare pods.
	Selector *metav1.LabelSelector
	// Replicas is the number of pods wanted; nil where the object names none
	// (DaemonSets, CronJobs, an HPA's Deployment).
	Replicas *int32
	// Pods are the live pods, sorted by name.
	Pods []Item[corev1.Pod]
	// ReplicaSets are those of a Deployment, the newest revision first.
	ReplicaSets []Item[appsv1.ReplicaSet]
}

// Spec is the pod spec.
func (w *Workload) Spec() *corev1.PodSpec { return &w.Template.Spec }

// SpecAt is the JSON Pointer of the pod spec in the object.
func (w *Workload) SpecAt() string { return w.At + "/spec" }

// Bare reports whether the workload is a pod that no known controller made.
func (w *Workload) Bare() bool { return w.Ref.Kind == Pods.Kind.Kind }

// Ends reports whether the pods are meant to end: those of Jobs and CronJobs.
func (w *Workload) Ends() bool { return w.Ref.Group == Jobs.Group }

// workloads is the view.
type workloads struct {
	all []*Workload
	index[*Workload]
	ofPod map[ref.Ref]*Workload
}

// Workloads returns the workloads of a namespace (all if empty), sorted like objects.
func (s *Snapshot) Workloads(namespace string) []*Workload {
	view := s.seenWorkloads()
	if namespace == "" {
		return view.all
	}
	return view.index.all[namespace]
}

// Workload returns the workload of an object: itself, or what controls the pod,
// ReplicaSet or Job.
func (s *Snapshot) Workload(r ref.Ref) (*Workload, bool) {
	w, ok := s.seenWorkloads().ofPod[key(r)]
	return w, ok
}

func (s *Snapshot) seenWorkloads() workloads {
	if s.read != nil {
		for _, k := range WorkloadKinds {
			s.read(k.GroupKind)
		}
	}
	return s.views.workloads()
}

// Refs names workloads.
func Refs(workloads []*Workload) []ref.Ref {
	var out []ref.Ref
	for _, w := range workloads {
		out = append(out, w.Ref)
	}
	return out
}

// PodReady reports whether a pod takes traffic: its condition Ready is true and
// it is not being deleted.
func PodReady(p *corev1.Pod) bool {
	return p.DeletionTimestamp == nil && slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// findWorkloads computes the view.
func (s *Snapshot) findWorkloads() workloads {
	known := 0
	for _, k := range WorkloadKinds {
		known += len(s.byKind[k.GroupKind])
	}
	view := workloads{ofPod: make(map[ref.Ref]*Workload, known)}
	add := func(w *Workload) {
		view.all = append(view.all, w)
		view.ofPod[key(w.Ref)] = w
	}
	for _, d := range Deployments.In(s, "") {
		add(&Workload{Object: d.Object, Template: &d.Value.Spec.Template, At: "/spec/template", Selector: d.Value.Spec.Selector, Replicas: d.Value.Spec.Replicas})
	}
	for _, d := range StatefulSets.In(s, "") {
		add(&Workload{Object: d.Object, Template: &d.Value.Spec.Template, At: "/spec/template", Selector: d.Value.Spec.Selector, Replicas: d.Value.Spec.Replicas})
	}
	for _, d := range DaemonSets.In(s, "") {
		add(&Workload{Object: d.Object, Template: &d.Value.Spec.Template, At: "/spec/template", Selector: d.Value.Spec.Selector})
	}
	for _, c := range CronJobs.In(s, "") {
		add(&Workload{Object: c.Object, Template: &c.Value.Spec.JobTemplate.Spec.Template, At: "/spec/jobTemplate/spec/template"})
	}
	for _, r := range ReplicaSets.In(s, "") {
		if owner, ok := view.owner(r.Ref.Namespace, r.Value.OwnerReferences); ok {
			owner.ReplicaSets = append(owner.ReplicaSets, r)
			view.ofPod[key(r.Ref)] = owner
			continue
		}
		add(&Workload{Object: r.Object, Template: &r.Value.Spec.Template, At: "/spec/template", Selector: r.Value.Spec.Selector, Replicas: r.Value.Spec.Replicas})
	}
	for _, j := range Jobs.In(s, "") {
		if owner, ok := view.owner(j.Ref.Namespace, j.Value.OwnerReferences); ok {
			view.ofPod[key(j.Ref)] = owner
			continue
		}
		add(&Workload{Object: j.Object, Template: &j.Value.Spec.Template, At: "/spec/template", Replicas: j.Value.Spec.Parallelism})
	}
	s.addPods(&view, add)
	slices.SortFunc(view.all, func(a, b *Workload) int { return ref.Compare(a.Ref, b.Ref) })
	for _, w := range view.all {
		slices.SortStableFunc(w.ReplicaSets, func(a, b Item[appsv1.ReplicaSet]) int { return revision(b) - revision(a) })
	}
	view.index = newIndex(view.all, carrier[*Workload]{
		namespace: func(w *Workload) string { return w.Ref.Namespace }, carries: carried, meets: meets,
	})
	return view
}

// addPods gives live pods to their workloads. Pods of a controller that the
// suite does not know form one workload together.
func (s *Snapshot) addPods(view *workloads, add func(*Workload)) {
	foreign := map[ref.Ref]*Workload{}
	for _, p := range Pods.In(s, "") {
		owner, ok := view.owner(p.Ref.Namespace, p.Value.OwnerReferences)
		if !ok {
			owner, ok = view.throughUnread(p.Value)
		}
		if c := metav1.GetControllerOf(p.Value); !ok && c != nil {
			r := ref.Of(c.APIVersion, c.Kind, p.Ref.Namespace, c.Name)
			if owner, ok = foreign[key(r)]; !ok {
				owner = &Workload{Object: p.Object, Template: &corev1.PodTemplateSpec{ObjectMeta: p.Value.ObjectMeta, Spec: p.Value.Spec}}
				foreign[key(r)] = owner
				add(owner)
				ok = true
			}
		}
		if !ok {
			owner = &Workload{Object: p.Object, Template: &corev1.PodTemplateSpec{ObjectMeta: p.Value.ObjectMeta, Spec: p.Value.Spec}}
			add(owner)
		}
		if p.Live() {
			owner.Pods = append(owner.Pods, p)
		}
		view.ofPod[key(p.Ref)] = owner
	}
}

func (v *workloads) owner(namespace string, owners []metav1.OwnerReference) (*Workload, bool) {
	for _, o := range owners {
		if o.Controller != nil && *o.Controller {
			w, ok := v.ofPod[key(ref.Of(o.APIVersion, o.Kind, namespace, o.Name))]
			return w, ok
		}
	}
	return nil, false
}

// throughUnread is the Deployment of a pod whose ReplicaSet could not be read:
// the controller names a ReplicaSet after its Deployment and the hash of the
// template, which the pod carries as a label.
func (v *workloads) throughUnread(p *corev1.Pod) (*Workload, bool) {
	c, hash := metav1.GetControllerOf(p), p.Labels["pod-template-hash"]
	if c == nil || c.Kind != ReplicaSets.Kind.Kind || hash == "" {
		return nil, false
	}
	name, hashed := strings.CutSuffix(c.Name, "-"+hash)
	w, ok := v.ofPod[ref.Ref{Group: Deployments.Group, Kind: Deployments.Kind.Kind, Namespace: p.Namespace, Name: name}]
	return w, hashed && ok
}

// carried are the label sets a selector may meet: the template's, and those of
// live pods, which may have been made from an earlier template.
func carried(w *Workload) iter.Seq[labels.Set] {
	return func(yield func(labels.Set) bool) {
		if !yield(w.Template.Labels) {
			return
		}
		for _, p := range w.Pods {
			if !yield(p.Value.Labels) {
				return
			}
		}
	}
}

// meets reports whether a selector matches any of them.
func meets(selector labels.Selector, w *Workload) bool {
	return selector.Matches(labels.Set(w.Template.Labels)) || slices.ContainsFunc(w.Pods, func(p Item[corev1.Pod]) bool {
		return selector.Matches(labels.Set(p.Value.Labels))
	})
}

// revision is the number the Deployment controller gave a ReplicaSet.
func revision(r Item[appsv1.ReplicaSet]) int {
	n, err := strconv.Atoi(strings.TrimSpace(r.Value.Annotations["deployment.kubernetes.io/revision"]))
	if err != nil {
		return 0
	}
	return n
}
