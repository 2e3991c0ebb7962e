// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// views are what is computed once for a Snapshot, at the first need.
type views struct {
	workloads func() workloads
	pods      func() index[Item[corev1.Pod]]
	events    func() map[ref.Ref][]Item[corev1.Event]
}

func newViews(s *Snapshot) *views {
	return &views{
		workloads: sync.OnceValue(s.findWorkloads),
		pods:      sync.OnceValue(s.indexPods),
		events:    sync.OnceValue(s.indexEvents),
	}
}

// label is one label of one namespace.
type label struct{ namespace, key, value string }

// index finds things by the labels they carry, without looking at each.
type index[T any] struct {
	all     map[string][]T // by namespace
	entries map[string][]entry[T]
	byLabel map[label][]entry[T]
}

// entry is one thing with the label sets that a selector may meet in it.
type entry[T any] struct {
	item T
	sets []labels.Set
}

func newIndex[T any](items []T, namespace func(T) string, carries func(T) []labels.Set) index[T] {
	x := index[T]{all: map[string][]T{}, entries: map[string][]entry[T]{}, byLabel: map[label][]entry[T]{}}
	for _, item := range items {
		ns, e := namespace(item), entry[T]{item, carries(item)}
		x.all[ns] = append(x.all[ns], item)
		x.entries[ns] = append(x.entries[ns], e)
		for i, set := range e.sets {
			for k, v := range set {
				if carried := func(earlier labels.Set) bool { return earlier[k] == v && earlier.Has(k) }; !slices.ContainsFunc(e.sets[:i], carried) {
					l := label{ns, k, v}
					x.byLabel[l] = append(x.byLabel[l], e)
				}
			}
		}
	}
	return x
}

// matching returns the things of a namespace that a selector selects, in order.
func (x index[T]) matching(namespace string, selector labels.Selector) []T {
	var out []T
	for _, e := range x.candidates(namespace, selector) {
		for _, set := range e.sets {
			if selector.Matches(set) {
				out = append(out, e.item)
				break
			}
		}
	}
	return out
}

// candidates are the fewest things that one requirement leaves over.
func (x index[T]) candidates(namespace string, selector labels.Selector) []entry[T] {
	best := x.entries[namespace]
	requirements, _ := selector.Requirements()
	for _, r := range requirements {
		one := r.Operator() == selection.Equals || r.Operator() == selection.DoubleEquals || r.Operator() == selection.In
		if !one || len(r.ValuesUnsorted()) != 1 {
			continue
		}
		if few := x.byLabel[label{namespace, r.Key(), r.ValuesUnsorted()[0]}]; len(few) < len(best) {
			best = few
		}
	}
	return best
}

func (s *Snapshot) indexPods() index[Item[corev1.Pod]] {
	return newIndex(Pods.In(s, ""),
		func(p Item[corev1.Pod]) string { return p.Ref.Namespace },
		func(p Item[corev1.Pod]) []labels.Set { return []labels.Set{p.Value.Labels} })
}

func (s *Snapshot) indexEvents() map[ref.Ref][]Item[corev1.Event] {
	out := map[ref.Ref][]Item[corev1.Event]{}
	for _, e := range Events.In(s, "") {
		of := e.Value.InvolvedObject
		r := key(ref.Of(of.APIVersion, of.Kind, of.Namespace, of.Name))
		out[r] = append(out[r], e)
	}
	for _, events := range out {
		slices.SortStableFunc(events, func(a, b Item[corev1.Event]) int { return EventTime(b.Value).Compare(EventTime(a.Value)) })
	}
	return out
}

// EventsOf returns the events about an object, the latest first.
func (s *Snapshot) EventsOf(r ref.Ref) []Item[corev1.Event] {
	if s.read != nil {
		s.read(Events.GroupKind)
	}
	return s.views.events()[key(r)]
}

// EventTime is when an event was last seen. Which of its four time fields is
// set depends on the component that wrote it.
func EventTime(e *corev1.Event) time.Time {
	switch {
	case e.Series != nil && !e.Series.LastObservedTime.IsZero():
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	}
	return e.CreationTimestamp.Time
}
