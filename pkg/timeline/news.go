// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// News finds the rollouts of later Snapshots: no event tells of one, but that its
// ReplicaSet is scaled up.
type News struct {
	told map[rolledOut]bool
	// last is the ReplicaSet that each Deployment scaled up last.
	last map[ref.Ref]grown
}

// grown is a ReplicaSet that was scaled up; first if it had no pods before.
type grown struct {
	set   string
	first bool
}

// rolledOut is what names a rollout: of what, which ReplicaSet, as which revision.
type rolledOut struct {
	object      ref.Ref
	set, number string
}

// NewNews takes the rollouts of a Snapshot in a namespace (all if empty) as told.
func NewNews(s *model.Snapshot, namespace string) *News {
	n := &News{told: map[rolledOut]bool{}, last: map[ref.Ref]grown{}}
	n.Of(s, namespace)
	return n
}

// Due reports whether an event may be the first of a rollout: a Deployment scales
// up another ReplicaSet than it did last, or takes away all pods of that; or of any,
// if the last one had pods before, which alone tells of no rollout. Then Of, given a
// Snapshot that was made since, knows it.
func (n *News) Due(event Entry) bool {
	up, down, first := scaled(event)
	object := bare(event.Object)
	last := n.last[object]
	switch {
	case up != "" && up != last.set:
		n.last[object] = grown{up, first}
		return true
	case down != "" && (!last.first || down == last.set):
		delete(n.last, object)
		return true
	}
	return false
}

// Of returns the rollouts in a Snapshot that were not returned before.
func (n *News) Of(s *model.Snapshot, namespace string) []Entry {
	var out []Entry
	for _, e := range rollouts(s, namespace, Events(s, namespace)) {
		number, _, _ := strings.Cut(e.Message, ":")
		k := rolledOut{bare(e.Object), e.Source, number}
		if !n.told[k] {
			n.told[k] = true
			out = append(out, e)
		}
	}
	Sort(out)
	return out
}
