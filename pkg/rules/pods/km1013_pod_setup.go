// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1013", Slug: "pod-setup", Severity: finding.Error,
	Short: "Node cannot set a pod up: its network or a volume",
	Why: `After a pod has been bound to a node and before its first container starts, the kubelet makes its
sandbox with a network (FailedCreatePodSandBox) and mounts its volumes (FailedMount,
FailedAttachVolume). While that fails, the containers wait with the reason ContainerCreating, which
says nothing; the events of the pod do.`,
	Fix: `For volumes: create the ConfigMap or Secret that is missing, or free the disk that another node
holds. For the network: look at the CNI plugin's pods on that node, and at the addresses left in its
range.`,
	Reference: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/#my-pod-stays-waiting",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Events.Kind, model.ConfigMaps.Kind, model.Secrets.Kind}),
	Live:      true,
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkSetup,
})

// setups are the reasons of events about the making of a pod.
var setups = []string{"FailedCreatePodSandBox", "NetworkNotReady", "FailedMount", "FailedAttachVolume", "FailedMapVolume"}

const (
	// retried is how long an event counts: the kubelet tries again every two
	// minutes or so, and says so each time.
	retried = 10 * time.Minute
	// hurried is how long a pod may take to be set up, failures included.
	hurried = 2 * time.Minute
)

// setupTroubles tell what failed by what the kubelet, container runtimes and
// plugins say, the more exact first.
var setupTroubles = []struct {
	says        *regexp.Regexp
	means, hint string
}{
	{regexp.MustCompile(`(?i)multi-attach error`), "the disk is attached to another node", "a disk of mode ReadWriteOnce moves only when no pod on the other node uses it: see strategy Recreate, or a node that is gone"},
	{regexp.MustCompile(`(?i)non-existent (config|secret) key`), "a key that it lists does not exist", "correct the key in items, or mark the volume optional"},
	{regexp.MustCompile(`(?i)hostPath type check failed`), "the path on the node is not of the type that hostPath.type asks for", ""},
	{regexp.MustCompile(`(?i)not found in the list of registered CSI drivers`), "its CSI driver does not run on the node", "see the DaemonSet of the driver"},
	{regexp.MustCompile(`(?i)no IP addresses available|no available IP|assign an IP address|no more IPs|range.*exhausted|IPAM`), "the node has no address left for it", "the range of pod addresses of the node or the subnet is used up"},
	{regexp.MustCompile(`(?i)cni plugin not initialized|cni config uninitialized|no networks found in|failed to find plugin`), "the CNI plugin of the node is not installed or not ready", "see the CNI plugin's pods on that node"},
	{regexp.MustCompile(`(?i)istio-cni`), "istio-cni fails to set its network up", "see the pods of the DaemonSet istio-cni-node"},
	{regexp.MustCompile(`(?i)failed to (get|pull) sandbox image`), "the image of the sandbox (pause) cannot be pulled", "see the registry that the node's container runtime is set to"},
	{regexp.MustCompile(`(?i)no runtime for "`), "the node does not have the handler of its RuntimeClass", ""},
	{regexp.MustCompile(`(?i)access denied by server|permission denied|not authorized`), "access is denied", ""},
	{regexp.MustCompile(`(?i)deadline exceeded|timed out|timeout`), "it takes too long", ""},
	{regexp.MustCompile(`(?i)connection refused`), "a daemon on the node does not answer", "see the CNI and CSI plugins' pods on that node"},
}

var volumeName = regexp.MustCompile(`(?:for volume|unmounted volumes=\[)\s*"?([^"\s,\]]+)`)

func checkSetup(w *rules.World, emit rules.Emit) {
	var all []sighting
	for _, of := range w.Workloads("") {
		for _, pod := range of.Pods {
			if !counts(w, pod) || w.Now.Sub(pod.Value.CreationTimestamp.Time) < grace || !creating(pod.Value) {
				continue
			}
			all = append(all, setupOf(w, of, pod)...)
		}
	}
	report(w, emit, all)
}

// creating reports whether a pod is on a node and none of its containers has run.
func creating(p *corev1.Pod) bool {
	if p.Status.Phase != corev1.PodPending || p.Spec.NodeName == "" {
		return false
	}
	waits := func(s corev1.ContainerStatus) bool {
		return s.State.Running == nil && s.State.Terminated == nil && s.LastTerminationState.Terminated == nil &&
			(s.State.Waiting == nil || slices.Contains([]string{"", "ContainerCreating", "PodInitializing"}, s.State.Waiting.Reason))
	}
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if !waits(s) {
			return false
		}
	}
	return true
}

// setupOf are the troubles of one pod, one for each kind.
func setupOf(w *rules.World, of *model.Workload, pod model.Item[corev1.Pod]) []sighting {
	var out []sighting
	for _, e := range w.EventsOf(pod.Ref) {
		at := model.EventTime(e.Value)
		if !slices.Contains(setups, e.Value.Reason) || !at.IsZero() && w.Now.Sub(at) > retried {
			continue
		}
		s := sighting{
			container: container{of: of, pod: pod, status: &corev1.ContainerStatus{}, spec: &corev1.Container{}},
			severity:  finding.Error, since: pod.Value.CreationTimestamp.Time, at: of.SpecAt(),
			evidence: []finding.Evidence{rules.Seen(pod.Ref, e.Value)},
			related:  []ref.Ref{model.Nodes.Ref("", pod.Value.Spec.NodeName)},
		}
		if w.Now.Sub(s.since) < hurried {
			s.severity, s.confidence, s.state = finding.Warning, finding.Likely, finding.Progressing
		}
		if !s.setup(w, e.Value) || slices.ContainsFunc(out, func(o sighting) bool { return o.at == s.at && o.reason == s.reason }) {
			continue
		}
		out = append(out, s)
	}
	if len(out) > 1 { // the kubelet's summary adds nothing to what it sums up
		out = slices.DeleteFunc(out, func(s sighting) bool {
			return strings.Contains(s.evidence[0].Value, "Unable to attach or mount volumes")
		})
	}
	return out
}

// setup fills in what an event says; false if it does not hold any more.
func (s *sighting) setup(w *rules.World, e *corev1.Event) bool {
	what := "the network of the pod cannot be set up"
	if e.Reason != "FailedCreatePodSandBox" && e.Reason != "NetworkNotReady" {
		what = "a volume of the pod cannot be mounted"
		if m := volumeName.FindStringSubmatch(e.Message); m != nil {
			what = s.volume(m[1])
		}
	}
	if x, missing := wanted(e.Message); missing {
		object := x.kind.Ref(s.pod.Ref.Namespace, x.name)
		if _, there := keysOf(w, object); there || s.relieved(x) {
			return false
		}
		s.related = append(s.related, object)
		s.reason = fmt.Sprintf("%s: %s does not exist", what, object)
		s.hint = "optional: true in the volume would let the pod start without it"
		if near := rules.DidYouMean(x.name, w.Names(x.kind, object.Namespace)); near != "" {
			s.hint = near + "\n" + s.hint
		}
		return true
	}
	if _, passing := firstOf(e.Message, "not registered", "failed to sync"); passing {
		return false // the kubelet is catching up with the API server
	}
	s.reason = what + " (" + e.Reason + ")"
	for _, t := range setupTroubles {
		if t.says.MatchString(e.Message) {
			s.reason, s.hint = what+": "+t.means, t.hint
			break
		}
	}
	return true
}

// volume finds the volume that an event names in the template, and says what it
// is. Where the pod names a claim, events name its PersistentVolume: then all
// claims of the pod take part.
func (s *sighting) volume(name string) string {
	claim := func(v corev1.Volume) {
		if c := v.PersistentVolumeClaim; c != nil {
			s.related = append(s.related, model.PersistentVolumeClaims.Ref(s.pod.Ref.Namespace, c.ClaimName))
		}
	}
	for i, v := range s.of.Spec().Volumes {
		if v.Name == name {
			s.at = s.of.SpecAt() + patch.Pointer("volumes", i)
			claim(v)
			return "volume " + v.Name + " cannot be mounted"
		}
	}
	for _, v := range s.pod.Value.Spec.Volumes {
		claim(v)
	}
	return "a volume of the pod cannot be mounted"
}

// relieved reports whether the volume of the template does not ask for x any
// more, or gets along without it.
func (s *sighting) relieved(x want) bool {
	for i, v := range s.of.Spec().Volumes {
		if s.at != s.of.SpecAt()+patch.Pointer("volumes", i) {
			continue
		}
		switch {
		case v.ConfigMap != nil:
			return v.ConfigMap.Name != x.name || v.ConfigMap.Optional != nil && *v.ConfigMap.Optional
		case v.Secret != nil:
			return v.Secret.SecretName != x.name || v.Secret.Optional != nil && *v.Secret.Optional
		}
	}
	return false
}
