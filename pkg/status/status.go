// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"cmp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// Facts are what rows are made of, beside the objects.
type Facts struct {
	// Namespace is the one to look at, empty for all.
	Namespace string
	// Groups are golden signals by workload; none where there is no source.
	Groups []signals.Group
	// Trend are requests a second in the past, the latest last, of a workload.
	Trend func(namespace, workload string) []float64
	// Throttled is the share of periods in which a workload wanted more CPU than its
	// limit, nil if unknown.
	Throttled func(namespace, workload string) *float64
	// Now is for ages.
	Now time.Time
}

// Row is one workload, or a service whose requests reached none.
type Row struct {
	Ref ref.Ref
	// Ready and Wanted count pods; nil where unknown.
	Ready, Wanted *int32
	// Group is nil if nobody measured its requests.
	Group *signals.Group
	Trend []float64
	// Usage is nil where there are no pods, not even planned ones.
	Usage *usage.Workload
	// Throttled is a share, nil if unknown.
	Throttled *float64
	// HPA is nil where nothing scales it.
	HPA *HPA
	// Why is the one short cause, empty for nothing.
	Why string
}

// HPA is what scales a workload.
type HPA struct {
	// Current is nil in manifests, which do not say.
	Current  *int32
	Min, Max int32
	// Limited says that it wants more than Max.
	Limited bool
}

// Rows returns a row for each Deployment, StatefulSet and DaemonSet, and for
// requests that reached no workload, in the order of namespaces and names.
func Rows(s *model.Snapshot, f Facts) []Row {
	c := gather(s, f)
	var rows []Row
	for _, w := range s.Workloads(f.Namespace) {
		if !long(w) {
			continue
		}
		at := facts{shared: c, workload: w, Row: c.row(w)}
		at.Why = why(&at)
		rows = append(rows, at.Row)
	}
	for i, g := range f.Groups {
		if !signals.Reached(g.Workload) && (f.Namespace == "" || f.Namespace == g.Namespace) {
			rows = append(rows, Row{
				Ref: model.Services.Ref(g.Namespace, g.Service), Group: &f.Groups[i], Why: signals.Why(g),
			})
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Ref.Namespace, b.Ref.Namespace), cmp.Compare(a.Ref.Name, b.Ref.Name), cmp.Compare(a.Ref.Kind, b.Ref.Kind))
	})
	return rows
}

// long reports whether a workload is one that is to run on.
func long(w *model.Workload) bool {
	switch w.Ref.GroupKind() {
	case model.Deployments.GroupKind, model.StatefulSets.GroupKind, model.DaemonSets.GroupKind:
		return true
	}
	return false
}

// shared is what the rows of a run have in common.
type shared struct {
	Facts
	snapshot *model.Snapshot
	groups   map[place]*signals.Group
	// twins counts the workloads of one name, whose metrics nobody tells apart.
	twins   map[place]int
	usage   map[ref.Ref]*usage.Workload
	scalers map[ref.Ref]*autoscalingv2.HorizontalPodAutoscaler
	nodes   map[string][]string // node -> what is wrong with it
	quotas  []usage.Quota
}

// place is a workload as metrics name it.
type place struct{ namespace, name string }

func gather(s *model.Snapshot, f Facts) *shared {
	c := &shared{
		Facts: f, snapshot: s, groups: map[place]*signals.Group{}, twins: map[place]int{}, usage: map[ref.Ref]*usage.Workload{},
		scalers: map[ref.Ref]*autoscalingv2.HorizontalPodAutoscaler{}, nodes: map[string][]string{},
		quotas: usage.Quotas(s, f.Namespace),
	}
	for i, g := range f.Groups {
		if signals.Reached(g.Workload) {
			c.groups[place{g.Namespace, g.Workload}] = &f.Groups[i]
		}
	}
	for _, w := range s.Workloads(f.Namespace) {
		if at := (place{w.Ref.Namespace, w.Ref.Name}); long(w) {
			c.twins[at]++
			if c.twins[at] > 1 {
				delete(c.groups, at)
			}
		}
	}
	pods := usage.Pods(s)
	all := usage.Workloads(pods)
	for i := range all {
		c.usage[unversioned(all[i].Ref)] = &all[i]
	}
	for _, h := range model.HorizontalPodAutoscalers.In(s, f.Namespace) {
		t := h.Value.Spec.ScaleTargetRef
		c.scalers[unversioned(ref.Of(t.APIVersion, t.Kind, h.Ref.Namespace, t.Name))] = h.Value
	}
	for _, n := range usage.Nodes(s, pods) {
		if n.Ready != nil && !*n.Ready {
			c.nodes[n.Ref.Name] = append(c.nodes[n.Ref.Name], "not ready")
		}
		c.nodes[n.Ref.Name] = append(c.nodes[n.Ref.Name], n.Pressure...)
	}
	return c
}

// unversioned is the name of an object, whatever version it was read in.
func unversioned(r ref.Ref) ref.Ref {
	r.Version = ""
	return r
}

// row fills in what is no judgement.
func (c *shared) row(w *model.Workload) Row {
	namespace, name := w.Ref.Namespace, w.Ref.Name
	r := Row{Ref: w.Ref, Group: c.groups[place{namespace, name}], Usage: c.usage[unversioned(w.Ref)]}
	r.Ready, r.Wanted = counts(c.snapshot, w)
	if c.Trend != nil && c.twins[place{namespace, name}] < 2 {
		r.Trend = c.Trend(namespace, name)
	}
	if c.Throttled != nil {
		r.Throttled = c.Throttled(namespace, name)
	}
	if h := c.scalers[unversioned(w.Ref)]; h != nil {
		r.HPA = &HPA{Min: 1, Max: h.Spec.MaxReplicas}
		if w.Live() {
			r.HPA.Current, r.HPA.Limited = &h.Status.CurrentReplicas, limited(h)
		}
		if h.Spec.MinReplicas != nil {
			r.HPA.Min = *h.Spec.MinReplicas
		}
	}
	return r
}

// limited reports whether an autoscaler wants more than its maximum.
func limited(h *autoscalingv2.HorizontalPodAutoscaler) bool {
	return slices.ContainsFunc(h.Status.Conditions, func(c autoscalingv2.HorizontalPodAutoscalerCondition) bool {
		return c.Type == autoscalingv2.ScalingLimited && c.Status == "True" && c.Reason == "TooManyReplicas"
	})
}

// counts are the pods that are ready and those that are wanted. Of a manifest
// nobody knows whether anything is ready.
func counts(s *model.Snapshot, w *model.Workload) (ready, wanted *int32) {
	if w.Replicas != nil {
		n := *w.Replicas
		wanted = &n
	}
	var n int32
	switch d := w.Object; w.Ref.GroupKind() {
	case model.Deployments.GroupKind:
		item, _ := model.Deployments.Of(d)
		n = item.Value.Status.ReadyReplicas
		wanted = cmp.Or(wanted, one(item.Value.Spec.Replicas, d))
	case model.StatefulSets.GroupKind:
		item, _ := model.StatefulSets.Of(d)
		n = item.Value.Status.ReadyReplicas
		wanted = cmp.Or(wanted, one(item.Value.Spec.Replicas, d))
	case model.DaemonSets.GroupKind:
		item, _ := model.DaemonSets.Of(d)
		n = item.Value.Status.NumberReady
		if d.Live() {
			want := item.Value.Status.DesiredNumberScheduled
			wanted = &want
		}
	}
	if !w.Live() {
		return nil, wanted
	}
	return &n, wanted
}

// one is the number of replicas that the API server fills in.
func one(replicas *int32, o *model.Object) *int32 {
	if replicas != nil || !o.Live() {
		return replicas
	}
	n := int32(1)
	return &n
}

// newest is the ReplicaSet of the newest revision that still has a name.
func newest(w *model.Workload) *model.Item[appsv1.ReplicaSet] {
	if len(w.ReplicaSets) == 0 {
		return nil
	}
	return &w.ReplicaSets[0]
}
