// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Selection is what a label selector stands for in a namespace.
type Selection struct {
	// Workloads have a template or a live pod that matches.
	Workloads []*Workload
	// Pods are the live pods that match, Ready those of them that are.
	Pods  []Item[corev1.Pod]
	Ready int
	// Planned is true when a workload is only in files, so that its pods cannot
	// be counted.
	Planned bool
}

// Empty reports whether the selector selects nothing and nobody would make
// anything that it selects.
func (x Selection) Empty() bool { return len(x.Workloads) == 0 && len(x.Pods) == 0 }

// question is what Select is asked.
type question struct{ namespace, selector string }

// Select returns the workloads and pods of a namespace that a selector selects.
// A selector without requirements selects everything. The lists are shared:
// nobody may change their elements.
func (s *Snapshot) Select(namespace string, selector labels.Selector) Selection {
	return s.views.selections.get(s.read != nil, question{namespace, selector.String()}, func() Selection {
		return s.selects(namespace, selector)
	})
}

func (s *Snapshot) selects(namespace string, selector labels.Selector) Selection {
	var out Selection
	out.Workloads = slices.Clip(s.seenWorkloads().matching(namespace, selector))
	out.Pods = slices.DeleteFunc(s.views.pods().matching(namespace, selector), func(p Item[corev1.Pod]) bool {
		return PodEnded(p.Value) // never an endpoint again
	})
	out.Pods = slices.Clip(out.Pods)
	for _, p := range out.Pods {
		if PodReady(p.Value) {
			out.Ready++
		}
	}
	for _, w := range out.Workloads {
		out.Planned = out.Planned || !w.Live()
	}
	return out
}

// parsed is a selector made ready for use, or why that failed.
type parsed struct {
	labels.Selector
	error
}

// Selector makes a selector of an object of the Snapshot ready for use, once:
// that is dearer than to use it. The error is the API server's.
func (s *Snapshot) Selector(of *metav1.LabelSelector) (labels.Selector, error) {
	p := s.views.parsed.get(false, of, func() parsed {
		selector, err := metav1.LabelSelectorAsSelector(of)
		return parsed{selector, err}
	})
	return p.Selector, p.error
}

// SelectAnywhere returns the workloads of all namespaces that a selector
// selects: what Istio does with the selector of a Gateway.
func (s *Snapshot) SelectAnywhere(selector labels.Selector) []*Workload {
	view := s.seenWorkloads()
	var out []*Workload
	for _, namespace := range slices.Sorted(maps.Keys(view.index.all)) {
		out = append(out, view.matching(namespace, selector)...)
	}
	return out
}
