// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"fmt"
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
	ID: "KM1017", Slug: "terminating-stuck", Severity: finding.Warning,
	Short: "Pod or claim does not go away after it was deleted",
	Why: `A deleted pod is gone once its kubelet has stopped it, and a minute after its grace period at the
latest. It stays Terminating when the kubelet cannot do so or say so (the node is not ready or gone),
when something in the pod cannot be ended, and when it carries finalizers: names that controllers put
there in order to do something first. A controller that does not run any more never takes its
finalizer off.

A StatefulSet makes no pod of the same name before the old one is gone.`,
	Fix: `Mend the node, or the controller that owns the finalizer. ` + "`kubectl delete pod --force`" + ` only makes the API
server forget the pod: make sure that the node is off before, or two pods may use the same volume.`,
	Reference: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.Nodes.Kind, model.PersistentVolumeClaims.Kind, model.Events.Kind,
	}),
	Live:     true,
	Explains: []string{"KM2001", "KM3002"},
	Check:    checkTerminating,
	Repair:   repairTerminating,
})

// overdue is how long after the end of its grace period, which is what the
// deletionTimestamp names, an object may still be there.
const overdue = time.Minute

// owners are who takes well-known finalizers off.
var owners = map[string]string{
	"batch.kubernetes.io/job-tracking": "the Job controller",
	"foregroundDeletion":               "the garbage collector, after what the object owns",
	"orphan":                           "the garbage collector",
	"kubernetes.io/pvc-protection":     "kube-controller-manager, once no pod uses the claim",
	"snapshot.storage.kubernetes.io/pvc-as-source-protection": "the snapshot controller, once no snapshot is made of the claim",
	"external-provisioner.volume.kubernetes.io/finalizer":     "the CSI external-provisioner",
	"provisioner.storage.kubernetes.io/cloning-protection":    "the CSI external-provisioner, once no clone is made of the claim",
	"kueue.x-k8s.io/managed":                                  "Kueue",
	"elbv2.k8s.aws/resources":                                 "the AWS Load Balancer Controller",
	"resource.kubernetes.io/delete-protection":                "the resource claim controller",
	"kubernetes": "the namespace controller",
	"service.kubernetes.io/load-balancer-cleanup": "the cloud controller manager",
}

// held is why an object is still there.
type held struct {
	why     string
	hint    string
	related []ref.Ref
	// lost is true when nobody on the node can end the pod.
	lost bool
	// finalizers are what has to be taken off; empty for other reasons.
	finalizers []string
}

func checkTerminating(w *rules.World, emit rules.Emit) {
	for _, of := range w.Workloads("") {
		tellStuck(w, of, emit)
	}
	var using map[ref.Ref][]string
	for _, c := range model.PersistentVolumeClaims.In(w.Snapshot, "") {
		at := c.Value.DeletionTimestamp
		if at == nil || !c.Live() || w.Now.Sub(at.Time) <= overdue || len(c.Value.Finalizers) == 0 {
			continue
		}
		if using == nil {
			using = mounted(w)
		}
		h := finalized(c.Value.Finalizers)
		if users := using[c.Ref]; len(users) > 0 && slices.Contains(c.Value.Finalizers, "kubernetes.io/pvc-protection") {
			h = held{why: fmt.Sprintf("pods use it (%s)", few(users)), hint: "it goes once they are gone; until then it works as before"}
			for _, name := range users {
				if of, found := w.Workload(model.Pods.Ref(c.Ref.Namespace, name)); found {
					h.related = add(h.related, of.Ref)
				}
			}
		}
		f := emit(c.Object, "/metadata/finalizers", "was deleted and is still there: %s", h.why)
		f.Hint, f.Related, f.Since = h.hint, h.related, at.Time
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: c.Where("/metadata/finalizers"), Value: strings.Join(c.Value.Finalizers, ", "), Time: at.Time})
	}
}

// mounted lists the pods that use each claim.
func mounted(w *rules.World) map[ref.Ref][]string {
	out := map[ref.Ref][]string{}
	for _, of := range w.Workloads("") {
		for _, p := range of.Pods {
			if model.PodEnded(p.Value) {
				continue
			}
			for _, v := range p.Value.Spec.Volumes {
				if v.PersistentVolumeClaim != nil {
					r := model.PersistentVolumeClaims.Ref(p.Ref.Namespace, v.PersistentVolumeClaim.ClaimName)
					out[r] = append(out[r], p.Ref.Name)
				}
			}
		}
	}
	return out
}

// tellStuck reports the pods of a workload that do not go away, by reason.
func tellStuck(w *rules.World, of *model.Workload, emit rules.Emit) {
	said := map[string]*finding.Finding{}
	for _, p := range of.Pods {
		at := p.Value.DeletionTimestamp
		if at == nil || w.Now.Sub(at.Time) <= overdue {
			continue
		}
		h := holding(w, p)
		if f := said[h.why]; f != nil {
			f.Pods = append(f.Pods, p.Ref.Name)
			f.Related = add(f.Related, h.related...)
			if at.Time.Before(f.Since) {
				f.Since = at.Time
			}
			continue
		}
		f := emit(of.Object, "", "")
		f.Reason, f.Hint, f.Related, f.Since = h.why, h.hint, h.related, at.Time
		f.Pods, f.Of = []string{p.Ref.Name}, len(of.Pods)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: p.Ref.String(), Value: "deletionTimestamp " + at.Time.UTC().Format(time.RFC3339), Time: at.Time})
		for _, e := range w.EventsOf(p.Ref) {
			if e.Value.Type == corev1.EventTypeWarning {
				f.Evidence = append(f.Evidence, rules.Seen(p.Ref, e.Value))
				break
			}
		}
		if of.Ref.Kind == model.StatefulSets.Kind.Kind {
			f.Severity = finding.Error // its successor waits for the name
		}
		said[h.why] = f
	}
	for _, f := range said {
		count := "a pod was deleted and is still there"
		if len(f.Pods) > 1 {
			count = fmt.Sprintf("%d pods were deleted and are still there", len(f.Pods))
		}
		f.Message = count + ": " + f.Reason
	}
}

// holding finds out why a pod is still there.
func holding(w *rules.World, p pod) held {
	name := p.Value.Spec.NodeName
	if absence, missing := w.Missing(model.Nodes.Kind, "", name); missing && absence == model.Proven && name != "" {
		return held{why: "node " + name + " is gone", related: []ref.Ref{model.Nodes.Ref("", name)}, lost: true}
	}
	if n, found := model.Nodes.Get(w.Snapshot, "", name); found && !nodeReady(n.Value) {
		return held{
			why: "node " + name + " is not ready, so that nobody can end what runs there", related: []ref.Ref{n.Ref}, lost: true,
			hint: "mend the node; if it is off for good, kubectl delete node " + name,
		}
	}
	if len(p.Value.Finalizers) > 0 {
		return finalized(p.Value.Finalizers)
	}
	related := []ref.Ref{}
	if name != "" {
		related = add(related, model.Nodes.Ref("", name))
	}
	for _, c := range p.Value.Status.ContainerStatuses {
		if c.State.Running == nil {
			continue
		}
		i := slices.IndexFunc(p.Value.Spec.Containers, func(x corev1.Container) bool { return x.Name == c.Name })
		if i >= 0 && p.Value.Spec.Containers[i].Lifecycle != nil && p.Value.Spec.Containers[i].Lifecycle.PreStop != nil {
			return held{why: "container " + c.Name + " still runs, which has a preStop hook", related: related,
				hint: "a preStop hook counts as part of the grace period; see the kubelet of the node"}
		}
		return held{why: "container " + c.Name + " still runs", related: related, hint: "the kubelet cannot end it: a process that hangs in the kernel (NFS), or a container runtime that does not answer"}
	}
	return held{why: "its containers have ended, but the kubelet has not finished with it", related: related, hint: "often a volume that cannot be unmounted: see the kubelet of the node"}
}

func nodeReady(n *corev1.Node) bool {
	return !slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue
	})
}

// finalized says whom an object waits for.
func finalized(finalizers []string) held {
	var waits []string
	for _, name := range finalizers {
		by := owners[name]
		if by == "" {
			by = "whoever set it"
			if domain, _, ok := strings.Cut(name, "/"); ok {
				by = "the controller of " + domain
			}
		}
		waits = append(waits, fmt.Sprintf("finalizer %s (taken off by %s)", name, by))
	}
	return held{
		why: strings.Join(waits, ", ") + " is on it", finalizers: finalizers,
		hint: "see whether that controller runs and what its log says; taking the finalizer off by hand skips what it was to do",
	}
}

// repairTerminating shows the commands; only a person knows that a node is off.
func repairTerminating(w *rules.World, r rules.Result) []rules.Fix {
	if len(r.Pods) == 0 {
		return nil
	}
	p, found := model.Pods.Get(w.Snapshot, r.Object.Namespace, r.Pods[0])
	if !found {
		return nil
	}
	h := holding(w, p)
	switch {
	case h.lost:
		return []rules.Fix{{
			Title: "forget the pods, if the node is off", Risk: rules.Disruptive,
			Command: fmt.Sprintf("kubectl delete pod -n %s %s --force --grace-period=0", p.Ref.Namespace, strings.Join(r.Pods, " ")),
		}}
	case len(h.finalizers) > 0:
		var commands []string
		for _, name := range r.Pods {
			commands = append(commands, fmt.Sprintf(`kubectl patch pod -n %s %s --type=json -p='[{"op":"remove","path":"/metadata/finalizers"}]'`, p.Ref.Namespace, name))
		}
		return []rules.Fix{{
			Title: "take the finalizers off, if their controller is gone", Risk: rules.Disruptive, Command: strings.Join(commands, "\n"),
		}}
	}
	return nil
}
