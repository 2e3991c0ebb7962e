// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Annotations of the Deployment controller on its ReplicaSets: the number of the
// revision, and those that it had before it was rolled back to, the oldest first.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/deployment/util/deployment_util.go
const (
	revisionOf  = "deployment.kubernetes.io/revision"
	revisionsOf = "deployment.kubernetes.io/revision-history"
)

// rollouts returns an entry for each revision of each Deployment that there still
// is a ReplicaSet of: when it was made, and which images differ from the revision
// before. A ReplicaSet that was rolled back to has another entry for that, where
// an event tells when it was.
func rollouts(s *model.Snapshot, namespace string, events []Entry) []Entry {
	var out []Entry
	for _, w := range s.Workloads(namespace) {
		if w.Ref.GroupKind() != model.Deployments.GroupKind {
			continue
		}
		var before turn
		var latest time.Time
		for _, t := range turns(w.ReplicaSets) {
			at := t.set.Value.CreationTimestamp.UTC()
			if t.again {
				at = t.since(latest, before, w.Ref, events)
			}
			if !at.IsZero() {
				latest = at
				out = append(out, Entry{
					Kind: Rollout, First: at, Last: at, Count: 1, Type: corev1.EventTypeNormal, Reason: "Rollout", Object: w.Ref,
					Source:  "replicaset/" + t.set.Ref.Name,
					Message: t.String() + ": " + changed(before.pods(), t.pods()),
				})
			}
			before = t
		}
	}
	return out
}

// turn is a ReplicaSet at the time when its Deployment turned to it.
type turn struct {
	set model.Item[appsv1.ReplicaSet]
	// number is that of the revision, 0 if it has none.
	number int
	// again says that it was made for a revision before.
	again bool
}

// turns are those of the ReplicaSets of a Deployment in their order.
func turns(sets []model.Item[appsv1.ReplicaSet]) []turn {
	sets = slices.Clone(sets)
	slices.SortStableFunc(sets, func(a, b model.Item[appsv1.ReplicaSet]) int {
		// Times are whole seconds; two revisions may share one.
		return cmp.Or(a.Value.CreationTimestamp.Compare(b.Value.CreationTimestamp.Time), cmp.Compare(revisions(a.Value)[0], revisions(b.Value)[0]))
	})
	var out []turn
	for _, s := range sets {
		out = append(out, turn{set: s, number: revisions(s.Value)[0]})
	}
	for _, s := range sets {
		for _, n := range revisions(s.Value)[1:] {
			i := slices.IndexFunc(out, func(t turn) bool { return t.number > n })
			if i < 0 {
				i = len(out)
			}
			out = slices.Insert(out, i, turn{s, n, true})
		}
	}
	return out
}

// since is when the Deployment turned to the ReplicaSet after an instant; zero if no
// event tells, or if it turned away and to it again since then. The first sign is
// that this one gets its first pods; where some were still there, that nothing is left
// of the one before: more pods alone may be an autoscaler's, long after.
func (t turn) since(after time.Time, before turn, of ref.Ref, events []Entry) time.Time {
	var at time.Time
	if all := revisions(t.set.Value); t.number != all[len(all)-1] {
		return at
	}
	for _, e := range events {
		up, down, first := scaled(e)
		// Times are whole seconds: in the one of the turn before, this one may still have been scaled up.
		sign := first && up == t.set.Ref.Name && e.Last.After(after) ||
			before.set.Value != nil && down == before.set.Ref.Name && !e.Last.Before(after)
		if sign && e.Object.Same(of) && (at.IsZero() || e.Last.Before(at)) {
			at = e.Last
		}
	}
	return at
}

func (t turn) pods() *corev1.PodSpec {
	if t.set.Value == nil {
		return nil
	}
	return &t.set.Value.Spec.Template.Spec
}

// String is the revision in words.
func (t turn) String() string {
	switch {
	case t.again:
		return fmt.Sprintf("revision %d, back to revision %d", t.number, revisions(t.set.Value)[0])
	case t.number > 0:
		return fmt.Sprintf("revision %d", t.number)
	}
	return "a revision without a number"
}

// scaling is what an event of a Deployment tells of a ReplicaSet. From how many pods
// old controllers do not say, later ones say last, and those of today first.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/deployment/sync.go
var scaling = regexp.MustCompile(`^Scaled (up|down) replica set (\S+)(?: from (\d+))? to (\d+)(?: from (\d+))?$`)

// scaled is the ReplicaSet that an event of a Deployment tells to have got more pods,
// and the one that has none any more; empty for other events. First is false if the
// one with more is known to have had some before.
func scaled(e Entry) (up, down string, first bool) {
	m := scaling.FindStringSubmatch(e.Message)
	switch {
	case e.Reason != "ScalingReplicaSet" || m == nil:
	case m[1] == "up":
		from := cmp.Or(m[3], m[5])
		return m[2], "", from == "" || from == "0"
	case m[4] == "0":
		return "", m[2], false
	}
	return "", "", false
}

// revisions are the numbers of a ReplicaSet, the oldest first; at least one, 0 if
// it has none.
func revisions(r *appsv1.ReplicaSet) []int {
	var out []int
	for text := range strings.SplitSeq(r.Annotations[revisionsOf]+","+r.Annotations[revisionOf], ",") {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		out = []int{0}
	}
	return out
}

// changed says which images differ from those of the revision before.
func changed(before, after *corev1.PodSpec) string {
	old := images(before)
	var parts []string
	seen := map[string]bool{}
	for _, c := range slices.Concat(after.InitContainers, after.Containers) {
		was, known := old[c.Name]
		seen[c.Name] = true
		switch {
		case before == nil:
			parts = append(parts, c.Name+" "+c.Image)
		case !known:
			parts = append(parts, "new container "+c.Name+" "+c.Image)
		case was != c.Image:
			parts = append(parts, c.Name+" "+was+" → "+c.Image)
		}
	}
	if before != nil {
		for _, c := range slices.Concat(before.InitContainers, before.Containers) {
			if !seen[c.Name] {
				parts = append(parts, "without container "+c.Name)
			}
		}
	}
	if len(parts) == 0 {
		return "the images stay, the template changed"
	}
	return strings.Join(parts, ", ")
}

func images(spec *corev1.PodSpec) map[string]string {
	out := map[string]string{}
	if spec != nil {
		for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
			out[c.Name] = c.Image
		}
	}
	return out
}
