// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"cmp"
	"regexp"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// newEvents is the kind of the API group that took events over. A server shows
// each event in both; files may hold either.
var newEvents = ref.GroupKind{Group: "events.k8s.io", Kind: "Event"}

// Events returns the entries of the events of a namespace (all if empty), each
// event on its own, in the order of their names.
func Events(s *model.Snapshot, namespace string) []Entry {
	var out []Entry
	for _, e := range model.Events.In(s, namespace) {
		out = append(out, FromCore(e.Value))
	}
	for _, o := range s.InNamespace(newEvents, namespace) {
		var e eventsv1.Event
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Raw(), &e) == nil { // what does not fit has no time to stand at
			out = append(out, fromNew(&e))
		}
	}
	return out
}

// FromCore reads an event of core/v1, which has the fields of both generations: a
// reporter that uses the new API fills in eventTime, series and
// reportingComponent, and leaves count and the timestamps empty.
func FromCore(e *corev1.Event) Entry {
	out := Entry{
		Kind: kindOf(e.Reason), Type: typed(e.Type), Reason: e.Reason, Message: e.Message, Count: int(e.Count),
		Source: cmp.Or(e.ReportingController, e.Source.Component), Object: objectOf(e.InvolvedObject, e.Namespace),
		Container: containerOf(e.InvolvedObject),
	}
	var series time.Time
	if e.Series != nil {
		series, out.Count = e.Series.LastObservedTime.Time, max(out.Count, int(e.Series.Count))
	}
	out.times(e.FirstTimestamp, e.LastTimestamp, e.EventTime.Time, series, e.CreationTimestamp)
	return out
}

func fromNew(e *eventsv1.Event) Entry {
	out := Entry{
		Kind: kindOf(e.Reason), Type: typed(e.Type), Reason: e.Reason, Message: e.Note, Count: int(e.DeprecatedCount),
		Source: cmp.Or(e.ReportingController, e.DeprecatedSource.Component), Object: objectOf(e.Regarding, e.Namespace),
		Container: containerOf(e.Regarding),
	}
	var series time.Time
	if e.Series != nil {
		series, out.Count = e.Series.LastObservedTime.Time, max(out.Count, int(e.Series.Count))
	}
	out.times(e.DeprecatedFirstTimestamp, e.DeprecatedLastTimestamp, e.EventTime.Time, series, e.CreationTimestamp)
	return out
}

// times fills in when it happened, from what there is.
func (e *Entry) times(first, last metav1.Time, event, series time.Time, created metav1.Time) {
	e.Count = max(e.Count, 1)
	for _, t := range []time.Time{first.Time, event, last.Time, series, created.Time} {
		if !t.IsZero() {
			e.First = t.UTC()
			break
		}
	}
	e.Last = e.First
	for _, t := range []time.Time{last.Time, series, event} {
		if t.After(e.Last) {
			e.Last = t.UTC()
		}
	}
}

// objectOf names what an event is about. Events of cluster-scoped objects stand in
// the namespace default, and name none.
func objectOf(r corev1.ObjectReference, namespace string) ref.Ref {
	out := ref.Of(r.APIVersion, r.Kind, r.Namespace, r.Name)
	if k, known := model.KindFor(out.GroupKind()); out.Namespace == "" && (!known || k.Namespaced) {
		out.Namespace = namespace
	}
	return out
}

// container is how the kubelet points to one: spec.containers{name}, and as well
// initContainers and ephemeralContainers.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/container/ref.go
var container = regexp.MustCompile(`^spec\.(?:c|initC|ephemeralC)ontainers\{(.+)\}$`)

// containerOf names the container that an event is about, if it is about one.
func containerOf(r corev1.ObjectReference) string {
	if m := container.FindStringSubmatch(r.FieldPath); m != nil {
		return m[1]
	}
	return ""
}
