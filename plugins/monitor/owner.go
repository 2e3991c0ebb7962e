// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// owner returns the workload and version of a pod.
func (g *golden) owner(namespace, pod string) (workload, version string) {
	if g.seen == nil {
		return "", ""
	}
	at := model.Pods.Ref(namespace, pod)
	o, found := g.seen.Object(at)
	if !found {
		if at, found = maker(g.seen.Snapshot, namespace, pod); !found {
			return "", ""
		}
		o, _ = g.seen.Object(at)
	}
	if w, found := g.seen.Workload(at); found {
		workload = w.Ref.Name
	}
	if at.Kind == model.Pods.Kind.Kind || at.Kind == model.ReplicaSets.Kind.Kind { // which have the labels of their pods
		labels := o.Meta().GetLabels()
		version = cmp.Or(labels["version"], labels["app.kubernetes.io/version"])
	}
	return workload, version
}

// ending is how long the part of a pod's name is that the API server makes up, of these
// letters (k8s.io/apiserver/pkg/storage/names, k8s.io/apimachinery/pkg/util/rand).
const (
	ending  = 5
	letters = "bcdfghjklmnpqrstvwxz2456789"
)

// maker is what made a pod that is gone, as its name says: what it served in the window
// is its workload's all the same, and after a rollout most of it.
func maker(s *model.Snapshot, namespace, pod string) (ref.Ref, bool) {
	at := strings.LastIndexByte(pod, '-')
	if at < 0 {
		return ref.Ref{}, false
	}
	name, end := pod[:at], pod[at+1:]
	var makers []ref.Ref
	if len(end) == ending && strings.Trim(end, letters) == "" {
		makers = append(makers, model.ReplicaSets.Ref(namespace, name), model.DaemonSets.Ref(namespace, name))
	}
	if end != "" && strings.Trim(end, "0123456789") == "" {
		makers = append(makers, model.StatefulSets.Ref(namespace, name))
	}
	for _, r := range makers {
		if _, found := s.Object(r); found {
			return r, true
		}
	}
	return ref.Ref{}, false
}
