// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Target is a service with what is behind it.
type Target struct {
	Snapshot *model.Snapshot
	// Name and Namespace are those of the Service, or of the workload without one.
	Name, Namespace string
	// Service has no Value where a workload was named that no Service selects.
	Service   model.Item[corev1.Service]
	Workloads []*model.Workload
}

// Find looks a target up: "svc/NAME", a workload such as "deploy/NAME", or a bare name,
// which is that of a Service. An empty namespace is all of them: the name must be there
// once. Unknown names are of kind Usage, with what may have been meant.
func Find(s *model.Snapshot, namespace, target string) (*Target, error) {
	word, name, typed := strings.Cut(target, "/")
	if !typed {
		word, name = "svc", target
	}
	kind, known := model.KindNamed(word)
	workload := known && slices.Contains(model.WorkloadKinds, kind)
	if !known || name == "" || kind != model.Services.Kind && !workload {
		return nil, fault.Usagef("expected svc/NAME or a workload such as deploy/NAME, found %q", target).Try("svc/%s", strings.TrimPrefix(target, word+"/"))
	}
	var found []*model.Object
	for _, o := range s.InNamespace(kind.GroupKind, namespace) {
		if o.Ref.Name == name {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, unknown(s, kind, namespace, word, name)
	case 1:
		return targetOf(s, found[0]), nil
	}
	var namespaces []string
	for _, o := range found {
		namespaces = append(namespaces, o.Ref.Namespace)
	}
	return nil, fault.Usagef("expected one %s %s, found it in namespaces %s", kind.Kind, name, strings.Join(namespaces, ", ")).Try("-n %s", namespaces[0])
}

func unknown(s *model.Snapshot, kind *model.Kind, namespace, word, name string) error {
	where := ""
	if namespace != "" {
		where = " in namespace " + namespace
	}
	if gap, unread := s.Gap(kind.GroupKind, namespace); unread && !gap.Missing {
		return fault.Failedf("expected a %s %s%s, and cannot look: %s", kind.Kind, name, where, gap.Reason)
	}
	err := fault.Usagef("expected a %s of this world, found no %q%s", kind.Kind, name, where)
	names := s.Names(kind, namespace)
	var hints []string
	for _, near := range ref.Closest(name, names) {
		hints = append(hints, word+"/"+near)
	}
	if len(hints) == 0 {
		for _, n := range names[:min(len(names), 5)] {
			hints = append(hints, word+"/"+n)
		}
	}
	return err.Try("%s", strings.Join(hints, "\n"))
}

func targetOf(s *model.Snapshot, o *model.Object) *Target {
	t := &Target{Snapshot: s, Name: o.Ref.Name, Namespace: o.Ref.Namespace}
	if svc, is := model.Services.Of(o); is {
		t.Service, t.Workloads = svc, s.Behind(svc).Workloads
		return t
	}
	w, found := s.Workload(o.Ref)
	if !found {
		return t
	}
	t.Workloads = []*model.Workload{w}
	if front := s.InFront(w); len(front) > 0 {
		t.Service = front[0]
	}
	return t
}

// notes are annotations of the pods, of the first workload that has any.
func (t *Target) note(name string) string {
	for _, w := range t.Workloads {
		if v := w.Template.Annotations[name]; v != "" {
			return v
		}
	}
	if t.Service.Value != nil {
		return t.Service.Value.Annotations[name]
	}
	return ""
}

// Profile is the profile of signals that fits best: who counts requests. Where no proxy
// does, the program is taken to use what most client libraries do.
func (t *Target) Profile() string {
	if p, ok := t.pod(); ok {
		if d, _ := t.Snapshot.Dataplane(p); d == model.SidecarProxy || d == model.AmbientProxy {
			return "istio"
		}
	}
	return "http"
}
