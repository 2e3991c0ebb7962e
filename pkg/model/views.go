// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"iter"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// views are what is computed once for a Snapshot, at the first need.
type views struct {
	workloads func() workloads
	pods      func() index[Item[corev1.Pod]]
	events    func() map[ref.Ref][]Item[corev1.Event]

	memo       sync.Map // of what callers of Once name
	hosts      cache[spelling, string]
	selections cache[question, Selection]
	behind     cache[*Object, Selection]
	rules      cache[client, Destination]
	parsed     cache[*metav1.LabelSelector, parsed]
}

func newViews(s *Snapshot) *views {
	return &views{
		workloads: sync.OnceValue(s.findWorkloads),
		pods:      sync.OnceValue(s.indexPods),
		events:    sync.OnceValue(s.indexEvents),
	}
}

// Once computes something that follows from a Snapshot alone, for all who ask
// under the same key, which is of a type of their own: several rules need the
// same view. The answer is shared, so that nobody may change it.
func Once[T any](s *Snapshot, key any, compute func() T) T {
	if s.read != nil { // who watches what is read sees all of it
		return compute()
	}
	known, found := s.views.memo.Load(key)
	if !found {
		known, _ = s.views.memo.LoadOrStore(key, sync.OnceValue(compute))
	}
	return known.(func() T)()
}

// cache keeps answers that are the same each time. Two who ask for the first
// time at once both find the answer out.
type cache[K comparable, V any] struct {
	sync.RWMutex
	known map[K]V
}

// get returns the answer to a question; it is found out where fresh is true.
func (c *cache[K, V]) get(fresh bool, k K, answer func() V) V {
	if fresh {
		return answer()
	}
	c.RLock()
	v, found := c.known[k]
	c.RUnlock()
	if found {
		return v
	}
	v = answer()
	c.Lock()
	defer c.Unlock()
	if c.known == nil {
		c.known = map[K]V{}
	}
	c.known[k] = v
	return v
}

// label is one label of one namespace.
type label struct{ namespace, key, value string }

// index finds things by the labels they carry, without looking at each.
type index[T any] struct {
	all map[string][]T // by namespace
	// byLabel are places in all of what has a label set with the label.
	byLabel map[label][]int32
	carrier[T]
}

// carrier tells what an index needs to know of things.
type carrier[T any] struct {
	namespace func(T) string
	// carries are the label sets that a selector may meet in a thing; meets reports
	// whether it matches any of them.
	carries func(T) iter.Seq[labels.Set]
	meets   func(labels.Selector, T) bool
}

// newIndex indexes things by the label sets that a selector may meet in each.
func newIndex[T any](items []T, of carrier[T]) index[T] {
	x := index[T]{all: map[string][]T{}, byLabel: map[label][]int32{}, carrier: of}
	for _, item := range items {
		ns := of.namespace(item)
		at := int32(len(x.all[ns]))
		x.all[ns] = append(x.all[ns], item)
		for set := range of.carries(item) {
			for k, v := range set {
				l := label{ns, k, v}
				if places := x.byLabel[l]; len(places) == 0 || places[len(places)-1] != at {
					x.byLabel[l] = append(places, at)
				}
			}
		}
	}
	return x
}

// matching returns the things of a namespace that a selector selects, in order.
func (x index[T]) matching(namespace string, selector labels.Selector) []T {
	all := x.all[namespace]
	places, narrowed := x.candidates(namespace, selector)
	if !narrowed {
		return slices.DeleteFunc(slices.Clone(all), func(item T) bool { return !x.meets(selector, item) })
	}
	var out []T
	for _, at := range places {
		if x.meets(selector, all[at]) {
			if out == nil {
				out = make([]T, 0, len(places))
			}
			out = append(out, all[at])
		}
	}
	return out
}

// candidates are the places of the fewest things that one requirement leaves
// over; narrowed is false where all things of the namespace are left.
func (x index[T]) candidates(namespace string, selector labels.Selector) (best []int32, narrowed bool) {
	requirements, _ := selector.Requirements()
	for i := range requirements {
		r := &requirements[i]
		one := r.Operator() == selection.Equals || r.Operator() == selection.DoubleEquals || r.Operator() == selection.In
		if !one || len(r.ValuesUnsorted()) != 1 {
			continue
		}
		if few := x.byLabel[label{namespace, r.Key(), r.ValuesUnsorted()[0]}]; !narrowed || len(few) < len(best) {
			best, narrowed = few, true
		}
	}
	return best, narrowed
}

func (s *Snapshot) indexPods() index[Item[corev1.Pod]] {
	return newIndex(Pods.In(s, ""), carrier[Item[corev1.Pod]]{
		namespace: func(p Item[corev1.Pod]) string { return p.Ref.Namespace },
		carries: func(p Item[corev1.Pod]) iter.Seq[labels.Set] {
			return func(yield func(labels.Set) bool) { yield(p.Value.Labels) }
		},
		meets: func(s labels.Selector, p Item[corev1.Pod]) bool { return s.Matches(labels.Set(p.Value.Labels)) },
	})
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
