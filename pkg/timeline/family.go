// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"regexp"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// family returns whether an object belongs to another: it is that, it was made by
// it (by owners, over all storeys), it is behind it (a Service's pods and their
// workloads), or it is an autoscaler of one of these. Objects that are gone have
// no owners any more: the names that controllers give stand in for them.
func family(s *model.Snapshot, of ref.Ref) func(ref.Ref) bool {
	f := &members{snapshot: s, known: map[ref.Ref]bool{}}
	f.add(of)
	if svc, ok := model.Services.Get(s, of.Namespace, of.Name); ok && of.GroupKind() == model.Services.GroupKind {
		behind := s.Behind(svc)
		for _, w := range behind.Workloads {
			f.workload(w)
		}
		for _, p := range behind.Pods {
			f.add(p.Ref)
		}
	} else if w, ok := s.Workload(of); ok && w.Ref.Same(of) {
		f.workload(w)
	}
	f.owned(of.Namespace)
	for _, h := range model.HorizontalPodAutoscalers.In(s, of.Namespace) {
		t := h.Value.Spec.ScaleTargetRef
		if f.has(ref.Of(t.APIVersion, t.Kind, of.Namespace, t.Name)) {
			f.add(h.Ref)
		}
	}
	return f.has
}

// members are the objects of a family.
type members struct {
	snapshot *model.Snapshot
	known    map[ref.Ref]bool
	// gone are the names of what workloads of the family have made, by namespace.
	gone []made
}

type made struct {
	namespace string
	kind      ref.GroupKind
	name      *regexp.Regexp
}

func bare(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

func (f *members) add(r ref.Ref) {
	f.known[bare(r)] = true
	f.goneOf(r)
}

func (f *members) has(r ref.Ref) bool {
	if f.known[bare(r)] {
		return true
	}
	for _, m := range f.gone {
		if m.kind == r.GroupKind() && m.namespace == r.Namespace && m.name.MatchString(r.Name) {
			if _, there := f.snapshot.Object(r); !there {
				return true
			}
		}
	}
	return false
}

func (f *members) workload(w *model.Workload) {
	f.add(w.Ref)
	for _, r := range w.ReplicaSets {
		f.add(r.Ref)
	}
	for _, p := range w.Pods {
		f.add(p.Ref)
	}
}

// owned adds what members own: pods of ReplicaSets, Jobs of CronJobs and theirs.
func (f *members) owned(namespace string) {
	for again := true; again; {
		again = false
		for _, k := range model.WorkloadKinds {
			for _, o := range f.snapshot.InNamespace(k.GroupKind, namespace) {
				if c := metav1.GetControllerOf(o.Meta()); c != nil && !f.known[bare(o.Ref)] && f.known[bare(ref.Of(c.APIVersion, c.Kind, o.Ref.Namespace, c.Name))] {
					f.add(o.Ref)
					again = true
				}
			}
		}
	}
}

// The ends of the names that controllers give: a ReplicaSet's is a hash of the
// template, a pod's is random, that of a StatefulSet's pod a number. Both are of the
// letters and digits below; a hash is a number of 32 bits with its digits replaced by
// ten of them, which one in four thousand times are fewer than 7.
// https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go
const (
	randomLength  = 5
	randomLetters = "bcdfghjklmnpqrstvwxz"

	hashed = `-[4-9bcdf]{7,10}`
	random = `-[` + randomLetters + `2456789]{5}`
)

// goneOf notes the names of what an object has made.
func (f *members) goneOf(r ref.Ref) {
	note := func(k *model.Kind, end string) {
		f.gone = append(f.gone, made{r.Namespace, k.GroupKind, regexp.MustCompile("^" + regexp.QuoteMeta(r.Name) + end + "$")})
	}
	switch r.GroupKind() {
	case model.Deployments.GroupKind:
		note(model.ReplicaSets.Kind, hashed)
		note(model.Pods.Kind, hashed+random)
	case model.ReplicaSets.GroupKind, model.DaemonSets.GroupKind, model.Jobs.GroupKind:
		note(model.Pods.Kind, random)
	case model.StatefulSets.GroupKind:
		note(model.Pods.Kind, `-[0-9]+`)
	case model.CronJobs.GroupKind:
		note(model.Jobs.Kind, `-[0-9]+`)
		note(model.Pods.Kind, `-[0-9]+`+random)
	}
}
