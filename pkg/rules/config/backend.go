// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// grace is how long a pod may take to start before anybody is told.
const grace = 30 * time.Second

// backend is the Service that the API server calls, for admission or for an API.
type backend struct {
	namespace, name string
	port            int32
}

// fault says what is wrong with a backend, as the end of a sentence that starts
// with its name; empty when nothing is, or nobody can tell. The field is
// "name" or "port".
func (b backend) fault(w *rules.World) (text, field string, absence model.Absence) {
	svc, found := model.Services.Get(w.Snapshot, b.namespace, b.name)
	if !found {
		if absence, missing := w.Missing(model.Services.Kind, b.namespace, b.name); missing {
			return absence.String(), "name", absence
		}
		return "", "", model.Unknown
	}
	if svc.Value.Spec.Type == corev1.ServiceTypeExternalName {
		return "", "", model.Proven
	}
	if !slices.ContainsFunc(svc.Value.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == b.port }) {
		return "has no port " + decimal(b.port), "port", model.Proven
	}
	if w.Offline || !svc.Live() || b.starting(w) {
		return "", "", model.Proven
	}
	if ready := w.Backing(svc, nil); !ready.Unknown() && ready.Ready == 0 {
		return "has no ready endpoint", "name", model.Proven
	}
	return "", "", model.Proven
}

// starting reports whether a pod behind the Service is too young to be judged.
func (b backend) starting(w *rules.World) bool {
	return slices.ContainsFunc(b.selection(w).Pods, func(p model.Item[corev1.Pod]) bool {
		return w.Now.Sub(p.Value.CreationTimestamp.Time) < grace
	})
}

// selection are the pods and workloads behind the Service.
func (b backend) selection(w *rules.World) model.Selection {
	svc, found := model.Services.Get(w.Snapshot, b.namespace, b.name)
	if !found {
		return model.Selection{}
	}
	return w.Behind(svc)
}

// related are the Service and the workloads behind it.
func (b backend) related(w *rules.World) []ref.Ref {
	return append([]ref.Ref{b.ref()}, model.Refs(b.selection(w).Workloads)...)
}

func (b backend) ref() ref.Ref { return model.Services.Ref(b.namespace, b.name) }
