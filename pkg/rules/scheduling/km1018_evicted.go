// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1018", Slug: "evicted", Severity: finding.Warning,
	Short: "Pods were evicted by their node or preempted by others",
	Why: `A kubelet that runs short of memory, disk space or process ids ends pods to save its node, first
those that use more than they asked for. It also ends a pod that writes more to its own disk than its
limit for ephemeral-storage or the size of an emptyDir allows. The scheduler ends pods of low priority
to make room for others.

Where a controller made the pod, another takes its place; what is left of the old one stays as a
record until somebody deletes it.`,
	Fix: `Ask for what the pods use: requests for memory and ephemeral-storage decide who goes first. Raise the
limit that was exceeded, or write less: logs and temporary files count. A PriorityClass protects from
preemption.`,
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/",
	Aliases:   []string{"POP207"},
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Events.Kind}),
	Live:      true,
	Explains:  []string{"KM2001", "KM3002"},
	Check:     checkEvicted,
	Repair:    repairEvicted,
})

// evictions tell why by what the kubelet says:
// https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/eviction/helpers.go.
var evictions = []struct {
	says *regexp.Regexp
	// means completes "2 pods were evicted: ...".
	means string
	// own is true where the pod broke a limit of its own: it will again.
	own bool
}{
	{regexp.MustCompile(`Usage of EmptyDir volume "([^"]+)" exceeds the limit "([^"]+)"`), "the emptyDir $1 grew over its limit of $2", true},
	{regexp.MustCompile(`Container (\S+) exceeded its local ephemeral storage limit "([^"]+)"`), "container $1 wrote more than its ephemeral-storage limit of $2", true},
	{regexp.MustCompile(`ephemeral local storage usage exceeds the total limit of containers (\S+?)\.?(?:\s|$)`), "the containers wrote more than their ephemeral-storage limits, $1 together", true},
	{regexp.MustCompile(`(?:node|had) was low on resource: \[?([^\].]+)`), "the node ran short of $1", false},
	{regexp.MustCompile(`had condition: \[?([^\].]+)`), "the node was under $1", false},
	{regexp.MustCompile(`in order to admit critical pod`), "the node made room for a critical pod", false},
	{regexp.MustCompile(`node shutdown`), "the node was shut down", false},
}

// eviction are the pods of one workload that were thrown out for one reason.
type eviction struct {
	of        *model.Workload
	verb, why string
	own       bool
	pods      []string
	related   []ref.Ref
	evidence  []finding.Evidence
	// since is when the latest of them was, zero if that is not known.
	since time.Time
}

// bygone is how long an eviction may be the reason for pods that are missing.
const bygone = time.Hour

func checkEvicted(w *rules.World, emit rules.Emit) {
	var preempted map[ref.Ref][]model.Item[event]
	for _, of := range w.Workloads("") {
		if preempted == nil {
			preempted = preemptions(w)
		}
		var groups []*eviction
		for _, p := range of.Pods {
			if e, ok := evicted(of, p); ok {
				groups = gather(groups, e)
			}
		}
		for _, e := range preempted[of.Ref] {
			groups = gather(groups, preemption(of, e.Value))
		}
		for _, e := range groups {
			e.tell(w, emit)
		}
	}
}

// gather adds an eviction to those for the same reason.
func gather(groups []*eviction, e eviction) []*eviction {
	i := slices.IndexFunc(groups, func(g *eviction) bool { return g.why == e.why && g.verb == e.verb })
	if i < 0 {
		return append(groups, &e)
	}
	groups[i].pods = append(groups[i].pods, e.pods...)
	groups[i].related = add(groups[i].related, e.related...)
	if e.since.After(groups[i].since) {
		groups[i].since = e.since
	}
	return groups
}

// evicted reads the status of a pod that is left over.
func evicted(of *model.Workload, p pod) (eviction, bool) {
	s := p.Value.Status
	if s.Phase != corev1.PodFailed || !slices.Contains([]string{"Evicted", "Preempting", "Terminated", "NodeShutdown", "Shutdown"}, s.Reason) {
		return eviction{}, false
	}
	out := eviction{of: of, verb: "evicted", why: rules.OneLine(s.Message), pods: []string{p.Ref.Name}}
	for _, e := range evictions {
		if m := e.says.FindStringSubmatchIndex(s.Message); m != nil {
			out.why, out.own = string(e.says.ExpandString(nil, e.means, s.Message, m)), e.own
			break
		}
	}
	if out.why == "" {
		out.why = "the node says " + s.Reason
	}
	if n := p.Value.Spec.NodeName; n != "" {
		out.related = add(out.related, model.Nodes.Ref("", n))
	}
	for _, c := range s.Conditions {
		if c.Type == corev1.DisruptionTarget {
			out.since = c.LastTransitionTime.Time
		}
	}
	out.evidence = append(out.evidence, finding.Evidence{Kind: "status", Of: p.Ref.String(), Value: rules.OneLine(s.Reason + ": " + s.Message)})
	return out, true
}

// preemptions are the events about pods that the scheduler ended, by workload.
// The pods are gone: their names lead to what made them.
func preemptions(w *rules.World) map[ref.Ref][]model.Item[event] {
	out := map[ref.Ref][]model.Item[event]{}
	for _, e := range model.Events.In(w.Snapshot, "") {
		of := e.Value.InvolvedObject
		if e.Value.Reason != "Preempted" || of.Kind != model.Pods.Kind.Kind {
			continue
		}
		i := strings.LastIndexByte(of.Name, '-')
		if i < 0 {
			continue
		}
		for _, k := range []*model.Kind{model.ReplicaSets.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind, model.Jobs.Kind} {
			if maker, found := w.Workload(k.Ref(of.Namespace, of.Name[:i])); found {
				out[maker.Ref] = append(out[maker.Ref], e)
				break
			}
		}
	}
	return out
}

var onNode = regexp.MustCompile(` on node (\S+)$`)

func preemption(of *model.Workload, e *event) eviction {
	p := model.Pods.Ref(of.Ref.Namespace, e.InvolvedObject.Name)
	out := eviction{of: of, verb: "preempted", why: "the scheduler needed the room for pods of higher priority", pods: []string{p.Name}, evidence: []finding.Evidence{rules.Seen(p, e)}, since: model.EventTime(e)}
	if m := onNode.FindStringSubmatch(e.Message); m != nil {
		out.related = add(out.related, model.Nodes.Ref("", m[1]))
	}
	return out
}

func (e *eviction) tell(w *rules.World, emit rules.Emit) {
	count := fmt.Sprintf("%d pods were", len(e.pods))
	if len(e.pods) == 1 {
		count = "a pod was"
	}
	if recovered(w, e.of) {
		now := "all that are wanted are ready again"
		if e.of.Ends() {
			now = "nothing waits for it any more"
		}
		f := emit(e.of.Object, "", "%s %s: %s; %s", count, e.verb, e.why, now)
		f.Severity, f.State, f.Reason = finding.Info, finding.Latent, e.verb+": "+e.why
		f.Related = e.related
		return
	}
	f := emit(e.of.Object, e.of.SpecAt(), "%s %s: %s", count, e.verb, e.why)
	f.Reason, f.Pods, f.Related, f.Evidence = e.verb+": "+e.why, e.pods, e.related, e.evidence
	f.Of = max(len(e.of.Pods), len(e.pods))
	if e.own || e.of.Bare() {
		f.Severity = finding.Error // nobody makes another, or the next meets the same end
	}
	if e.own {
		f.Hint = "raise the limit, or write less: logs and files outside of volumes count"
	} else if strings.HasPrefix(e.why, "the node ran short") {
		f.Hint = "pods that use more than they request are the first to go"
	}
	if f.Since = e.since; f.Severity == finding.Warning && !e.since.IsZero() && w.Now.Sub(e.since) > bygone {
		f.Severity, f.State = finding.Info, finding.Latent // that pods are missing has other reasons by now
	}
}

// recovered reports whether a workload has all the pods it wants, and ready.
func recovered(w *rules.World, of *model.Workload) bool {
	ready := int32(0)
	for _, p := range of.Pods {
		if model.PodReady(p.Value) {
			ready++
		}
	}
	if d, ok := model.DaemonSets.Of(of.Object); ok {
		return d.Value.Status.NumberReady >= d.Value.Status.DesiredNumberScheduled
	}
	if j, ok := model.Jobs.Of(of.Object); ok {
		return model.JobEnded(j.Value) != nil || ready > 0
	}
	wanted := int32(1)
	switch {
	case of.Replicas != nil:
		wanted = *of.Replicas
	case of.Ref.Kind == model.CronJobs.Kind.Kind:
		wanted = 0 // the next run starts anew
	}
	return ready >= wanted
}

// repairEvicted deletes what is left over, once it says nothing any more.
func repairEvicted(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || r.Severity != finding.Info {
		return nil
	}
	var names []string
	for _, p := range of.Pods {
		if _, ok := evicted(of, p); ok {
			names = append(names, p.Ref.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []rules.Fix{{
		Title: "delete what is left of the pods", Risk: rules.Review,
		Command: "kubectl delete pod -n " + r.Object.Namespace + " " + strings.Join(names, " "),
	}}
}
