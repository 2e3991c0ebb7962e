// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// Subject is what has, or has no, metrics: a Service with the workloads behind
// it, or a workload without one.
type Subject struct {
	// Service has no Object where there is none.
	Service   model.Item[corev1.Service]
	Workloads []*model.Workload
}

// Ref names the subject.
func (s Subject) Ref() ref.Ref {
	if s.Service.Object != nil {
		return s.Service.Ref
	}
	return s.Workloads[0].Ref
}

// refs are all objects of the subject.
func (s Subject) refs() []ref.Ref {
	out := model.Refs(s.Workloads)
	if s.Service.Object != nil {
		out = append(out, s.Service.Ref)
	}
	return out
}

// annotated reports whether the pods or the Service ask to be scraped by annotation.
func (s Subject) annotated() bool {
	if s.Service.Object != nil && s.Service.Value.Annotations[scrape.Annotation] == "true" {
		return true
	}
	return slices.ContainsFunc(s.Workloads, func(w *model.Workload) bool { return w.Template.Annotations[scrape.Annotation] == "true" })
}

// Subjects are the Services of a namespace (all if empty) that select pods, and
// the workloads without a Service that a monitor selects.
func Subjects(w *rules.World, namespace string) []Subject {
	var out []Subject
	seen := map[*model.Object]bool{}
	for _, svc := range model.Services.In(w.Snapshot, namespace) {
		if len(svc.Value.Spec.Selector) == 0 || svc.Value.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		s := Subject{Service: svc, Workloads: w.Behind(svc).Workloads}
		for _, of := range s.Workloads {
			seen[of.Object] = true
		}
		out = append(out, s)
	}
	for _, s := range w.Scrapes() {
		if s.Service.Object == nil && !seen[s.Workload.Object] && (namespace == "" || s.Workload.Ref.Namespace == namespace) {
			seen[s.Workload.Object] = true
			out = append(out, Subject{Workloads: []*model.Workload{s.Workload}})
		}
	}
	return out
}

// SubjectsOf are those of one Service or workload: of a workload, the Services in
// front of it, or itself.
func SubjectsOf(w *rules.World, of ref.Ref) []Subject {
	if svc, found := model.Services.Get(w.Snapshot, of.Namespace, of.Name); found && of.Kind == model.Services.GroupKind.Kind {
		return []Subject{{Service: svc, Workloads: w.Behind(svc).Workloads}}
	}
	workload, found := w.Workload(of)
	if !found {
		return nil
	}
	var out []Subject
	for _, svc := range w.InFront(workload) {
		out = append(out, Subject{Service: svc, Workloads: []*model.Workload{workload}})
	}
	if len(out) == 0 {
		out = append(out, Subject{Workloads: []*model.Workload{workload}})
	}
	return out
}

// scrapesOf are the scrapes of a subject's pods: those that go by its Service or by
// the pods, else those for another Service with the same pods.
func scrapesOf(w *rules.World, s Subject) []model.Scrape {
	var own, others []model.Scrape
	for _, one := range w.Scrapes() {
		if !slices.ContainsFunc(s.Workloads, func(of *model.Workload) bool { return of.Object == one.Workload.Object }) {
			continue
		}
		if one.Service.Object == nil || one.Service.Object == s.Service.Object {
			own = append(own, one)
		} else {
			others = append(others, one)
		}
	}
	if len(own) > 0 {
		return own
	}
	return others
}

// monitorsOf are the monitors that select a subject, and those that were meant to:
// the rule that a monitor selects nothing says which Service it was written for.
func (x *Exam) monitorsOf(s Subject) (all, meant []model.Monitor) {
	for _, m := range x.World.Monitors("") {
		switch {
		case x.selects(m, s):
			all = append(all, m)
		case slices.ContainsFunc(x.about(s.refs(), "KM2017"), func(r rules.Result) bool { return r.On == m.Object }):
			all, meant = append(all, m), append(meant, m)
		}
	}
	if len(all) > 0 {
		return all, meant
	}
	for _, one := range scrapesOf(x.World, s) {
		if !slices.ContainsFunc(all, func(m model.Monitor) bool { return m.Object == one.Monitor.Object }) {
			all = append(all, one.Monitor)
		}
	}
	return all, nil
}

func (x *Exam) selects(m model.Monitor, s Subject) bool {
	if m.Target == model.Services.Kind {
		return s.Service.Object != nil && m.Selects(x.World.Snapshot, s.Service.Ref.Namespace, s.Service.Value.Labels)
	}
	return slices.ContainsFunc(s.Workloads, func(of *model.Workload) bool {
		return m.Selects(x.World.Snapshot, of.Ref.Namespace, of.Template.Labels)
	})
}
