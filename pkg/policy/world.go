// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// world is a Snapshot with what policies are made from.
type world struct {
	*model.Snapshot
	o Options
	// trust is the mesh's trust domain.
	trust string
	// meshed is true when the world holds objects of Istio.
	meshed bool
	// bound are the accounts that have rights, hooked what the API server calls.
	bound  func() map[account]bool
	hooked func() []hook
	// edges are the calls that manifests tell of, callers and calls the same by
	// what is called and by what runs the caller.
	edges          func() []edge
	callers, calls func() map[*model.Workload][]edge
	// resolving are the needs for DNS, controlled is that for istiod.
	resolving  func() []need
	controlled func() need
	// sources are those that were asked for. A world is for one goroutine.
	sources map[end]sourced
	index   index
}

// sourced is the answer of world.source.
type sourced struct {
	source
	err error
}

func newWorld(s *model.Snapshot, o Options) *world {
	w := &world{Snapshot: s, o: o, trust: trustDomain(s, o), sources: map[end]sourced{}, index: newIndex()}
	w.meshed = slices.ContainsFunc(s.Objects(), func(o *model.Object) bool { return strings.HasSuffix(o.Ref.Group, ".istio.io") })
	w.bound, w.hooked, w.edges = sync.OnceValue(w.findBound), sync.OnceValue(w.findHooks), sync.OnceValue(w.findEdges)
	w.callers, w.calls = sync.OnceValue(w.indexCallers), sync.OnceValue(w.indexCalls)
	w.resolving, w.controlled = sync.OnceValue(w.dns), sync.OnceValue(w.istiod)
	return w
}

// trustDomain is the one that certificates carry: that of the mesh configuration,
// else the cluster's domain, which is Istio's default.
func trustDomain(s *model.Snapshot, o Options) string {
	if o.TrustDomain != "" {
		return o.TrustDomain
	}
	var mesh struct {
		TrustDomain string `json:"trustDomain"`
	}
	if cm, found := model.ConfigMaps.Get(s, s.RootNamespace, "istio"); found {
		_ = yaml.Unmarshal([]byte(cm.Value.Data["mesh"]), &mesh) // istiod would run with its defaults too
	}
	return cmp.Or(mesh.TrustDomain, s.ClusterDomain)
}

// principal is the identity of an account as policies have it, without "spiffe://".
func (w *world) principal(namespace, account string) string {
	return w.trust + "/ns/" + namespace + "/sa/" + account
}

func (w *world) findDataplane(of *model.Workload) (d Dataplane, sure bool) {
	if of.Spec().HostNetwork {
		return NoMesh, true
	}
	if w.o.Mesh != Detect {
		return w.o.Mesh, true
	}
	for _, p := range of.Pods {
		if model.PodEnded(p.Value) {
			continue
		}
		switch {
		case model.Ambient(p.Value):
			return Ambient, true
		case model.InMesh(p.Value):
			return Sidecar, true
		}
		return NoMesh, true
	}
	if model.InMesh(&corev1.Pod{ObjectMeta: of.Template.ObjectMeta, Spec: of.Template.Spec}) {
		return Sidecar, true
	}
	l, a := of.Template.Labels, of.Template.Annotations
	inject := cmp.Or(l["sidecar.istio.io/inject"], a["sidecar.istio.io/inject"])
	ns, found := model.Namespaces.Get(w.Snapshot, "", of.Ref.Namespace)
	var nl map[string]string
	if found {
		nl = ns.Value.Labels
	}
	mode := cmp.Or(l["istio.io/dataplane-mode"], nl["istio.io/dataplane-mode"])
	switch {
	case inject == "true" || strings.HasPrefix(a["inject.istio.io/templates"], "gateway"):
		return Sidecar, true
	case inject != "false" && (nl["istio-injection"] == "enabled" || nl["istio.io/rev"] != "" && nl["istio-injection"] != "disabled" && mode != "ambient"):
		return Sidecar, true
	case mode == "ambient":
		return Ambient, true
	case inject == "false" || found || !w.Partial:
		return NoMesh, found || inject == "false"
	case w.meshed: // files with Istio objects but without their Namespaces
		return Sidecar, false
	}
	return NoMesh, false
}

// unstable are labels that differ between pods of one workload, or between its
// versions: what selects by them loses pods at the next rollout.
var unstable = []string{
	"version", "app.kubernetes.io/version", "pod-template-hash", "controller-revision-hash", "rollouts-pod-template-hash",
	"pod-template-generation", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "job-name", "controller-uid",
	"batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-completion-index", "helm.sh/chart", "istio.io/rev",
	"security.istio.io/tlsMode", "service.istio.io/canonical-revision", "service.istio.io/canonical-name",
}

// selector finds the labels that policies select a workload by: those of its
// immutable selector, and where it has none, of its template. AuthorizationPolicies
// know no expressions, so that these become the label that the template has.
func selector(of *model.Workload) (map[string]string, error) {
	from := map[string]string{}
	if of.Selector == nil {
		maps.Copy(from, of.Template.Labels)
	} else {
		maps.Copy(from, of.Selector.MatchLabels)
		for _, e := range of.Selector.MatchExpressions {
			if value, has := of.Template.Labels[e.Key]; has && (e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpExists) {
				from[e.Key] = value
			}
		}
	}
	out := maps.Clone(from)
	maps.DeleteFunc(out, func(key, _ string) bool { return slices.Contains(unstable, key) })
	if len(out) == 0 {
		return nil, fault.Failedf("%s carries no label that policies could select it by", of.Ref).At(of.Where(of.At)).
			Try("give its pods a label such as app: %s", of.Ref.Name)
	}
	return out, nil
}

// namesake are other workloads of the namespace that the selector of one selects
// too, but for its other versions: those whose selector, without the labels that
// change, is the same.
func (w *world) namesakes(of *model.Workload, by map[string]string) []*model.Workload {
	var out []*model.Workload
	for _, other := range w.Select(of.Ref.Namespace, labels.SelectorFromSet(by)).Workloads {
		if theirs, err := w.selector(other); other != of && err == nil && !maps.Equal(theirs, by) {
			out = append(out, other)
		}
	}
	return out
}

// prefix begins the names of our objects.
const prefix = "micro-"

// managedBy marks our objects, together with the prefix.
const managedBy, us = "app.kubernetes.io/managed-by", "kubectl-micro"

// ours reports whether we made an object.
func ours(o *model.Object) bool {
	return strings.HasPrefix(o.Ref.Name, prefix) && o.Meta().GetLabels()[managedBy] == us
}

// mention names workloads for people.
func mention(workloads []*model.Workload) string { return mentioned(model.Refs(workloads)) }
