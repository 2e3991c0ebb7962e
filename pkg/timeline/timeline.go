// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package timeline tells what happened to a service in the order of time: events
// with their repetitions folded, rollouts with the images that changed, and what
// autoscalers decided or could not. All of it comes from the objects of a
// Snapshot; the time is an argument.
package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Kind is what an entry is about.
type Kind string

// The kinds of entries.
const (
	// Event is what a controller or the kubelet reported.
	Event Kind = "event"
	// Rollout is a new revision of a Deployment, with what changed in it.
	Rollout Kind = "rollout"
	// Scaling is a change of replicas, by a Deployment or by an autoscaler, or why
	// an autoscaler makes none.
	Scaling Kind = "scaling"
)

// Entry is something that happened, once or again and again.
type Entry struct {
	Kind Kind
	// First and Last are when it happened for the first and for the last time.
	First, Last time.Time
	// Count is how often; at least 1.
	Count int
	// Type is "Normal" or "Warning".
	Type string
	// Reason is one word, Message the last text.
	Reason, Message string
	// Object is what it happened to, Source who says so.
	Object ref.Ref
	Source string
	// Container is the one of the object that it happened to; empty where it did to
	// all of it.
	Container string
}

// Options choose entries.
type Options struct {
	// Namespace is empty for all.
	Namespace string
	// For is the object whose entries are wanted, with those of what it has made
	// and of what is behind it; nil for all.
	For *ref.Ref
	// Since leaves out what was over before; zero takes all.
	Since time.Time
	// Types are those wanted, in any case; empty is all.
	Types []string
}

// Build returns the entries of a Snapshot, the oldest first, by the last time each
// happened.
func Build(s *model.Snapshot, o Options) []Entry {
	events := Events(s, o.Namespace)
	all := fold(slices.Concat(events, rollouts(s, o.Namespace, events), autoscaling(s, o.Namespace, events)))
	wanted := Filter(s, o)
	all = slices.DeleteFunc(all, func(e Entry) bool { return !wanted(e) })
	Sort(all)
	return all
}

// Sort orders entries by time; those of one time by object and reason.
func Sort(all []Entry) {
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(a.Last.Compare(b.Last), a.First.Compare(b.First), ref.Compare(a.Object, b.Object), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Message, b.Message))
	})
}

// Filter returns what Build takes; it may be asked about entries of events that
// came later.
func Filter(s *model.Snapshot, o Options) func(Entry) bool {
	about := func(ref.Ref) bool { return true }
	if o.For != nil {
		about = family(s, *o.For)
	}
	return func(e Entry) bool {
		if !o.Since.IsZero() && e.Last.Before(o.Since) || !about(e.Object) {
			return false
		}
		return len(o.Types) == 0 || slices.ContainsFunc(o.Types, func(t string) bool { return strings.EqualFold(t, e.Type) })
	}
}

// fold makes one entry of those that say the same of one object or container: the
// same reason, and messages that differ in numbers and hashes only. The last message
// stays.
func fold(all []Entry) []Entry {
	type key struct {
		object               ref.Ref
		container            string
		kind                 Kind
		typ, reason, message string
	}
	Sort(all)
	at := map[key]int{}
	var out []Entry
	for _, e := range all {
		object := e.Object
		object.Version = ""
		open := varies
		if e.Kind == Scaling { // of which ReplicaSet it is, is what it says
			open = number
		}
		k := key{object, e.Container, e.Kind, e.Type, e.Reason, shape(e.Message, open)}
		i, known := at[k]
		if !known || e.Kind == Rollout { // each revision is another
			at[k] = len(out)
			out = append(out, e)
			continue
		}
		into := &out[i]
		into.Count += e.Count
		if e.First.Before(into.First) {
			into.First = e.First
		}
		into.Last, into.Message, into.Source = e.Last, e.Message, e.Source
	}
	return out
}

// shape is a message with the words left open that differ from time to time.
func shape(message string, open func(word string) bool) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(message, func(r rune) bool { return strings.ContainsRune(" \t\n\"'()[],;:=/-", r) }) {
		if open(word) {
			word = "#"
		}
		b.WriteString(word)
		b.WriteByte(' ')
	}
	return b.String()
}

// varies reports whether a word is a number, a hash or a time: it has a digit, or is
// the random end of a name that happens to have none. Other words make the message.
func varies(word string) bool {
	return strings.ContainsAny(word, "0123456789") || len(word) == randomLength && strings.Trim(word, randomLetters) == ""
}

func number(word string) bool { return strings.Trim(word, "0123456789") == "" }

// kindOf tells changes of replicas from other events.
func kindOf(reason string) Kind {
	switch reason {
	case "ScalingReplicaSet", "SuccessfulRescale", "FailedRescale", "FailedGetResourceMetric", "FailedComputeMetricsReplicas":
		return Scaling
	}
	return Event
}

// typed is an event's type, which old ones lack.
func typed(t string) string { return cmp.Or(t, corev1.EventTypeNormal) }
