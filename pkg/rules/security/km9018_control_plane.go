// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9018", Slug: "control-plane", Severity: finding.Error, Live: true,
	Short: "Istiod is down, missing or too far from its proxies",
	Why: `Istiod answers the injection webhook, signs the certificates of mutual TLS and tells proxies what to do.
Without it, new pods are refused or start without a proxy, proxies that start get no configuration and
never become ready, and those that run keep their last one until their certificate expires. Proxies may
be two minor versions older than istiod; further apart they are not tested together.`,
	Fix: `Find out from their events and logs why istiod's pods are not ready. Restart the workloads with old
proxies, so that they are injected anew.`,
	Reference: "https://istio.io/latest/docs/releases/supported-releases/",
	Needs: slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{
		model.MutatingWebhookConfigurations.Kind,
	}),
	Explains: []string{"KM1014", "KM1015", "KM6008", "KM9002"},
	Check:    checkControlPlane,
	Repair:   restartOld,
})

// istiod selects the pods of the control plane, in every way to install it.
var istiod = labels.SelectorFromSet(labels.Set{"app": "istiod"})

func checkControlPlane(w *rules.World, emit rules.Emit) {
	ns := w.RootNamespace
	if w.PodAbsence(ns) != model.Proven {
		return
	}
	planes := w.Select(ns, istiod).Workloads
	if len(planes) == 0 {
		noControlPlane(w, emit)
		return
	}
	hooks := newInjectors(w)
	for _, of := range planes {
		down(w, of, hooks, emit)
	}
	skew(w, planes, emit)
}

// down reports an istiod of which no pod is ready.
func down(w *rules.World, of *model.Workload, hooks injectors, emit rules.Emit) {
	ready, young := 0, 0
	var names []string
	for _, p := range of.Pods {
		switch {
		case model.PodReady(p.Value):
			ready++
		case counts(w, p.Value):
			names = append(names, p.Ref.Name)
		default:
			young++
		}
	}
	if ready > 0 || len(names) == 0 && young > 0 || !of.Live() && len(of.Pods) == 0 {
		return
	}
	d, isDeployment := model.Deployments.Of(of.Object)
	if isDeployment && (d.Value.DeletionTimestamp != nil || w.Now.Sub(d.Value.CreationTimestamp.Time) < youngPod) {
		return
	}
	f := emit(of.Object, "", "istiod: 0 of %d pods are ready: no new pod of the mesh gets a proxy, a certificate or its configuration", len(names))
	f.Reason = "istiod has no ready pod"
	f.Hint = "kubectl describe pods -l app=istiod -n " + of.Ref.Namespace
	switch {
	case of.Replicas != nil && *of.Replicas == 0:
		f.Hint = "kubectl scale " + of.Ref.Short() + " --replicas 1 -n " + of.Ref.Namespace
		f.Message = "istiod is scaled to 0: no new pod of the mesh gets a proxy, a certificate or its configuration"
	case len(of.Pods) == 0:
		f.Hint = "kubectl describe replicasets -l app=istiod -n " + of.Ref.Namespace
		f.Message = "istiod has no pods: no new pod of the mesh gets a proxy, a certificate or its configuration"
	}
	f.Pods, f.Of = names, len(names)
	f.Related = append(f.Related, hooks.of(of)...)
	if isDeployment {
		f.Evidence = unavailable(d.Value)
		for _, e := range f.Evidence {
			f.Since = e.Time
		}
	}
	for _, x := range proxyless(w) {
		if slices.ContainsFunc(x.pods, func(p *corev1.Pod) bool { return !p.CreationTimestamp.Time.Before(f.Since) }) {
			f.Related = append(f.Related, x.of.Ref) // what was made before it went down lacks the proxy for another reason
		}
	}
}

// of are the webhooks that an istiod of a revision answers, and its Service.
func (x injectors) of(istiod *model.Workload) []ref.Ref {
	out := []ref.Ref{model.Services.Ref(istiod.Ref.Namespace, istiod.Ref.Name)}
	for _, c := range x.configs {
		if rev := c.Value.Labels[revisionLabel]; rev == "" || rev == istiod.Template.Labels[revisionLabel] {
			out = append(out, c.Ref)
		}
	}
	return out
}

// unavailable is the condition of a Deployment that has no pods to serve.
func unavailable(d *appsv1.Deployment) []finding.Evidence {
	for _, c := range d.Status.Conditions {
		if c.Type == appsv1.DeploymentAvailable && c.Status == corev1.ConditionFalse {
			return []finding.Evidence{{Kind: "condition", Of: "Available", Value: c.Reason + ": " + c.Message, Time: c.LastTransitionTime.Time}}
		}
	}
	return nil
}

// noControlPlane reports that the root namespace holds no istiod though others
// ask for sidecars. A control plane elsewhere, which a webhook with an address
// gives away, is none of our business.
func noControlPlane(w *rules.World, emit rules.Emit) {
	hooks := newInjectors(w)
	if !hooks.known || hooks.remote(w.RootNamespace) {
		return
	}
	asking := slices.DeleteFunc(slices.Clone(model.Namespaces.In(w.Snapshot, "")), func(ns model.Item[corev1.Namespace]) bool {
		return !asks(ns.Value.Labels)
	})
	if len(asking) == 0 {
		return
	}
	var names []string
	for _, ns := range asking {
		names = append(names, ns.Ref.Name)
	}
	who := "Namespace " + names[0] + " asks"
	if len(names) > 1 {
		who = "Namespaces " + rules.Few(names, 3) + " ask"
	}
	// One finding tells of all: what is missing is one thing.
	f := emit(asking[0].Object, "/metadata/labels", "%s for sidecars, and no istiod runs in namespace %s", who, w.RootNamespace)
	f.Severity, f.Confidence = finding.Warning, finding.Likely
	f.Reason = "no istiod runs in namespace " + w.RootNamespace
	f.Evidence = []finding.Evidence{{Kind: "absence", Of: "namespace " + w.RootNamespace, Value: "no workload with the label app=istiod"}}
	for _, c := range hooks.configs {
		f.Related = append(f.Related, c.Ref)
	}
	for _, ns := range asking[1:] {
		f.Related = append(f.Related, ns.Ref)
	}
	for _, x := range proxyless(w) {
		f.Related = append(f.Related, x.of.Ref)
	}
	f.Hint = "if Istio's root namespace has another name, say so with --root-namespace"
}

// remote reports whether a webhook leads out of the root namespace.
func (x injectors) remote(root string) bool {
	for _, c := range x.configs {
		for _, h := range c.Value.Webhooks {
			if s := h.ClientConfig.Service; s == nil || s.Namespace != root {
				return true
			}
		}
	}
	return false
}

// outdated is a workload whose proxies are too far from every istiod.
type outdated struct {
	of      *model.Workload
	version string
	pods    []string
}

// skew reports proxies that are more than two minor versions from every istiod.
func skew(w *rules.World, planes []*model.Workload, emit rules.Emit) {
	var minors []int
	var versions []string
	for _, of := range planes {
		for _, c := range of.Spec().Containers {
			if minor, version, ok := minorOf(c.Image); ok && c.Name == "discovery" {
				minors, versions = append(minors, minor), append(versions, version)
			}
		}
	}
	if len(minors) == 0 {
		return
	}
	old := outdatedProxies(w, minors)
	if len(old) == 0 {
		return
	}
	f := emit(planes[0].Object, "", "istiod is %s, and %d pods run a proxy that is more than two minor versions away: %s has %s",
		strings.Join(slices.Compact(versions), ", "), podsIn(old), old[0].of.Ref, old[0].version)
	f.Severity, f.State = finding.Warning, finding.Latent
	f.Reason = "proxies are more than two minor versions away"
	f.Hint = "restart the workloads with old proxies"
	for _, o := range old {
		f.Related = append(f.Related, o.of.Ref)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: o.of.Ref.String(), Value: fmt.Sprintf("%d pods with istio-proxy %s", len(o.pods), o.version)})
	}
}

func podsIn(list []outdated) int {
	n := 0
	for _, o := range list {
		n += len(o.pods)
	}
	return n
}

func outdatedProxies(w *rules.World, minors []int) []outdated {
	var out []outdated
	for _, of := range w.Workloads("") {
		o := outdated{of: of}
		for _, p := range of.Pods {
			if p.Value.DeletionTimestamp != nil || p.Value.Status.Phase != corev1.PodRunning {
				continue
			}
			for _, c := range slices.Concat(p.Value.Spec.Containers, p.Value.Spec.InitContainers) {
				minor, version, ok := minorOf(c.Image)
				if c.Name != "istio-proxy" || !ok || slices.ContainsFunc(minors, func(m int) bool { return m-minor <= 2 && minor-m <= 2 }) {
					continue
				}
				o.version, o.pods = version, append(o.pods, p.Ref.Name)
			}
		}
		if len(o.pods) > 0 {
			out = append(out, o)
		}
	}
	return out
}

// minorOf reads the minor version from the tag of an image of Istio 1.
func minorOf(image string) (minor int, version string, ok bool) {
	image, _, _ = strings.Cut(image, "@")
	_, tag, found := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	parts := strings.SplitN(tag, ".", 3)
	if !found || len(parts) < 2 || parts[0] != "1" {
		return 0, "", false
	}
	digits, _, _ := strings.Cut(parts[1], "-")
	minor, err := strconv.Atoi(digits)
	return minor, tag, err == nil
}

// restartOld makes pods with old proxies anew.
func restartOld(w *rules.World, r rules.Result) []rules.Fix {
	if r.State != finding.Latent {
		return nil // istiod is what has to be mended
	}
	var commands []string
	for _, of := range r.Related {
		if slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet"}, of.Kind) {
			commands = append(commands, fmt.Sprintf("kubectl rollout restart %s -n %s", of.Short(), of.Namespace))
		}
	}
	if len(commands) == 0 {
		return nil
	}
	return []rules.Fix{{Title: "restart the workloads with old proxies", Risk: rules.Disruptive, Command: strings.Join(commands, "\n")}}
}
