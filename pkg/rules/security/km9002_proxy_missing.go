// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

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
	ID: "KM9002", Slug: "proxy-missing", Severity: finding.Warning, Live: true,
	Short: "Pods run without the proxy that their namespace asks for",
	Why: `Sidecars are put in when a pod is made. Pods that are older than the label of their namespace, or that
were made while the webhook was away, run on without one: they have no identity, no policy holds for
them, and workloads that demand mutual TLS refuse their requests.`,
	Fix:       `Restart the workload, so that its pods are made anew, once a webhook of a running istiod takes them. Label it sidecar.istio.io/inject=false if it is to stay outside the mesh.`,
	Reference: "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#automatic-sidecar-injection",
	Aliases:   []string{"IST0103"},
	Needs: slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{
		model.MutatingWebhookConfigurations.Kind,
	}),
	Explains: []string{"KM9009", "KM9004", "KM9030", "KM9034"},
	Check:    checkProxies,
	Repair:   restart,
})

// youngPod is an age at which pods may still be on their way.
const youngPod = 30 * time.Second

func checkProxies(w *rules.World, emit rules.Emit) {
	hooks := newInjectors(w)
	for _, x := range proxyless(w) {
		what := asked(x.ns.Value.Labels, x.pods[0])
		f := emit(x.of.Object, "", "%d of %d pods: no proxy, though the labels ask for one: %s", len(x.pods), x.running, what)
		f.Reason = "no proxy, though the labels ask for one: " + what
		f.Confidence, f.Of = finding.Likely, x.running
		f.Related = []ref.Ref{x.ns.Ref}
		f.Hint = "they were made before the label, or while the webhook was away: restart the workload"
		if !hooks.inject(w, x.ns.Value.Labels, x.of.Template.Labels) {
			f.Hint = "new pods would get no proxy either, so that a restart does not help: no webhook of a running istiod takes them"
		}
		for _, p := range x.pods {
			f.Pods = append(f.Pods, p.Name)
			if made := p.CreationTimestamp.Time; f.Since.IsZero() || made.Before(f.Since) {
				f.Since = made
			}
		}
		first := x.pods[0]
		f.Evidence = []finding.Evidence{{Kind: "absence", Of: "Pod " + x.of.Ref.Namespace + "/" + first.Name, Value: "no container istio-proxy", Time: first.CreationTimestamp.Time}}
	}
}

// unproxied is a workload with pods that lack the proxy they ask for.
type unproxied struct {
	of *model.Workload
	ns model.Item[corev1.Namespace]
	// pods are those that lack it, of so many that run.
	pods    []*corev1.Pod
	running int
}

func proxyless(w *rules.World) []unproxied {
	var out []unproxied
	for _, of := range w.Workloads("") {
		ns, found := model.Namespaces.Get(w.Snapshot, "", of.Ref.Namespace)
		if !found || of.Ends() || of.Ref.Namespace == "kube-system" || of.Ref.Namespace == w.RootNamespace {
			continue
		}
		x := unproxied{of: of, ns: ns}
		for _, p := range of.Pods {
			if !counts(w, p.Value) {
				continue
			}
			x.running++
			if wants(ns.Value.Labels, p.Value) && !model.InMesh(p.Value) {
				x.pods = append(x.pods, p.Value)
			}
		}
		if len(x.pods) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// counts reports whether a pod is one that could have a proxy by now.
func counts(w *rules.World, p *corev1.Pod) bool {
	switch {
	case p.DeletionTimestamp != nil, p.Spec.HostNetwork, model.PodEnded(p):
		return false
	case w.Now.Sub(p.CreationTimestamp.Time) < youngPod:
		return false
	}
	_, static := p.Annotations["kubernetes.io/config.mirror"]
	return !static
}

// wants reports whether the labels of a pod and its namespace ask for a sidecar;
// those of the pod go first, but cannot overrule a namespace that is disabled.
func wants(namespace map[string]string, p *corev1.Pod) bool {
	inject := p.Labels[injectLabel]
	if inject == "" {
		inject = p.Annotations[injectLabel]
	}
	switch {
	case inject == "false" || namespace[injectionLabel] == "disabled" || p.Labels[dataplaneLabel] != "":
		return false
	case asks(namespace):
		return true
	}
	return namespace[dataplaneLabel] == "" && (p.Labels[injectLabel] == "true" || p.Labels[revisionLabel] != "")
}

// asked is the label that asks.
func asked(namespace map[string]string, p *corev1.Pod) string {
	switch {
	case namespace[injectionLabel] == "enabled":
		return injectionLabel + "=enabled of Namespace " + p.Namespace
	case asks(namespace):
		return revisionLabel + "=" + namespace[revisionLabel] + " of Namespace " + p.Namespace
	case p.Labels[injectLabel] == "true":
		return injectLabel + "=true of the pod"
	}
	return revisionLabel + "=" + p.Labels[revisionLabel] + " of the pod"
}

// restart makes the pods anew, where a controller does that and istiod would
// give the new ones a proxy.
func restart(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || !slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet"}, r.Object.Kind) {
		return nil
	}
	ns, found := model.Namespaces.Get(w.Snapshot, "", of.Ref.Namespace)
	if !found || !newInjectors(w).inject(w, ns.Value.Labels, of.Template.Labels) {
		return nil
	}
	command := fmt.Sprintf("kubectl rollout restart %s/%s -n %s", strings.ToLower(r.Object.Kind), r.Object.Name, r.Object.Namespace)
	return []rules.Fix{{Title: "restart " + r.Object.String(), Risk: rules.Disruptive, Command: command}}
}
