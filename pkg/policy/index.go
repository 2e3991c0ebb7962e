// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"maps"
	"slices"

	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// memo keeps answers: the same few questions are asked of every workload, by
// every end of it.
type memo[K comparable, V any] map[K]V

func (m memo[K, V]) get(k K, find func() V) V {
	v, known := m[k]
	if !known {
		v = find()
		m[k] = v
	}
	return v
}

// index is what a world remembers of its objects.
type index struct {
	fronts    memo[*model.Workload, []model.Item[corev1.Service]]
	labels    memo[*model.Workload, chosen]
	planes    memo[*model.Workload, plane]
	names     memo[string, map[*model.Workload]string]
	network   memo[string, []netPolicy]
	access    memo[string, []accessPolicy]
	served    memo[*model.Workload, []port]
	monitored memo[*model.Workload, []scrape]
}

func newIndex() index {
	return index{
		fronts: memo[*model.Workload, []model.Item[corev1.Service]]{}, labels: memo[*model.Workload, chosen]{}, planes: memo[*model.Workload, plane]{},
		names: memo[string, map[*model.Workload]string]{}, network: memo[string, []netPolicy]{}, access: memo[string, []accessPolicy]{},
		served: memo[*model.Workload, []port]{}, monitored: memo[*model.Workload, []scrape]{},
	}
}

// chosen is the answer of world.selector, plane that of world.dataplane.
type chosen struct {
	by  map[string]string
	err error
}

type plane struct {
	d    Dataplane
	sure bool
}

// netPolicy and accessPolicy are policies with their selectors compiled.
type netPolicy struct {
	model.Item[networkingv1.NetworkPolicy]
	by    labels.Selector
	types []direction
}

type accessPolicy struct {
	authorization
	by labels.Selector
}

// InFront are the Services that lead to a workload.
func (w *world) InFront(of *model.Workload) []model.Item[corev1.Service] {
	return w.index.fronts.get(of, func() []model.Item[corev1.Service] { return w.Snapshot.InFront(of) })
}

// selector are the labels that policies select a workload by; shared.
func (w *world) selector(of *model.Workload) (map[string]string, error) {
	c := w.index.labels.get(of, func() chosen {
		by, err := selector(of)
		return chosen{by, err}
	})
	return c.by, c.err
}

// dataplane is how the traffic of a workload meets the mesh. sure is false where
// the labels that decide are not in view.
func (w *world) dataplane(of *model.Workload) (d Dataplane, sure bool) {
	p := w.index.planes.get(of, func() plane {
		d, sure := w.findDataplane(of)
		return plane{d, sure}
	})
	return p.d, p.sure
}

// networkIn are the NetworkPolicies of a namespace whose selectors mean something.
func (w *world) networkIn(namespace string) []netPolicy {
	return w.index.network.get(namespace, func() []netPolicy {
		var out []netPolicy
		for _, p := range model.NetworkPolicies.In(w.Snapshot, namespace) {
			if by, err := metav1.LabelSelectorAsSelector(&p.Value.Spec.PodSelector); err == nil {
				out = append(out, netPolicy{p, by, types(p.Value)})
			}
		}
		return out
	})
}

// accessIn are the AuthorizationPolicies of a namespace that are about pods.
func (w *world) accessIn(namespace string) []accessPolicy {
	return w.index.access.get(namespace, func() []accessPolicy {
		var out []accessPolicy
		for _, p := range model.AuthorizationPolicies.In(w.Snapshot, namespace) {
			if aboutPods(p.Value) {
				out = append(out, accessPolicy{p, labels.SelectorFromSet(p.Value.Spec.GetSelector().GetMatchLabels())})
			}
		}
		return out
	})
}

func aboutPods(p *istiosecv1.AuthorizationPolicy) bool {
	return p.Spec.GetTargetRef() == nil && len(p.Spec.GetTargetRefs()) == 0 && p.Annotations["istio.io/dry-run"] != "true"
}

// policyName is the name of our policies for a workload: micro-NAME, with the
// kind where two workloads share a name. Versions of one workload, which are
// selected by the same labels, share one policy: named by their app label.
func (w *world) policyName(of *model.Workload) string {
	return w.index.names.get(of.Ref.Namespace, func() map[*model.Workload]string { return w.findNames(of.Ref.Namespace) })[of]
}

func (w *world) findNames(namespace string) map[*model.Workload]string {
	all := w.Workloads(namespace)
	count, versions := map[string]int{}, map[string][]*model.Workload{}
	for _, of := range all {
		count[of.Ref.Name]++
		if by, err := w.selector(of); err == nil {
			versions[labels.FormatLabels(by)] = append(versions[labels.FormatLabels(by)], of)
		}
	}
	out := map[*model.Workload]string{}
	for _, of := range all {
		out[of] = prefix + of.Ref.Name
		if count[of.Ref.Name] > 1 && of.Ref.Kind != model.Deployments.Kind.Kind {
			out[of] = prefix + endOf(of).resource.Resource + "-" + of.Ref.Name
		}
	}
	for _, key := range slices.Sorted(maps.Keys(versions)) {
		if group := versions[key]; len(group) > 1 {
			name := out[group[0]]
			by, _ := w.selector(group[0])
			for _, label := range []string{"app", "app.kubernetes.io/name"} {
				if app := by[label]; app != "" && count[app] == 0 {
					name = prefix + app
				}
			}
			for _, of := range group {
				out[of] = name
			}
		}
	}
	return out
}
