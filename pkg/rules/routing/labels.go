// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// versionLabel is the one Istio's documents and telemetry tell versions apart by.
const versionLabel = "version"

// fromPlace are labels that istiod adds to every endpoint, whatever its pod
// carries (pilot/pkg/serviceregistry/util/label).
var fromPlace = []string{
	"topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone",
	"topology.istio.io/cluster", "topology.istio.io/network", "kubernetes.io/hostname",
}

// fromController are labels that controllers add to pods, so that no template
// in a file carries them.
var fromController = []string{
	"pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name",
	"apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "job-name", "controller-uid",
}

// backing is what a Service selects.
type backing struct {
	svc model.Item[corev1.Service]
	model.Selection
	// sets are the labels of its pods, and of the templates of new ones.
	sets []labels.Set
}

// behind returns what a Service selects; ok is false when it has no selector,
// so that its endpoints are somebody else's business.
func behind(w *rules.World, svc model.Item[corev1.Service]) (backing, bool) {
	if len(svc.Value.Spec.Selector) == 0 || svc.Value.Spec.Type == corev1.ServiceTypeExternalName {
		return backing{}, false
	}
	b := backing{svc: svc, Selection: w.Behind(svc)}
	b.sets = make([]labels.Set, 0, len(b.Workloads)+len(b.Pods))
	for _, o := range b.Workloads {
		if has(o.Template.Labels, svc.Value.Spec.Selector) {
			b.sets = append(b.sets, o.Template.Labels)
		}
	}
	for _, p := range b.Pods {
		b.sets = append(b.sets, p.Value.Labels)
	}
	return b, true
}

// carry reports whether a pod of the Service has the labels.
func (b backing) carry(want map[string]string) bool {
	return slices.ContainsFunc(b.sets, func(s labels.Set) bool { return has(s, want) })
}

// has reports whether a set has all labels that are wanted.
func has(set, want map[string]string) bool {
	for k, v := range want {
		if got, found := set[k]; !found || got != v {
			return false
		}
	}
	return true
}

// foreign reports whether pods of the Service with the labels are made by
// something that is no workload.
func (b backing) foreign(w *rules.World, want map[string]string) bool {
	all := maps.Clone(b.svc.Value.Spec.Selector)
	maps.Copy(all, want)
	return w.Foreign(b.svc.Ref.Namespace, labels.SelectorFromSet(all))
}

// values are the values of a label on the pods, sorted.
func (b backing) values(key string) []string {
	var out []string
	for _, s := range b.sets {
		if v, ok := s[key]; ok && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// labelled returns the labels that a subset of this name should select: those
// that pods of the Service carry, if carried, else what is usual.
func (b backing) labelled(subset string) (want map[string]string, carried bool) {
	want = map[string]string{versionLabel: subset}
	if b.carry(want) {
		return want, true
	}
	for _, s := range b.sets {
		for _, k := range slices.Sorted(maps.Keys(s)) {
			_, selects := b.svc.Value.Spec.Selector[k]
			if s[k] == subset && !selects && !slices.Contains(fromController, k) {
				return map[string]string{k: subset}, true
			}
		}
	}
	return want, false
}

// pairs writes labels for people: "app=cart, version=v2".
func pairs(set map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(set)) {
		out = append(out, k+"="+set[k])
	}
	return strings.Join(out, ", ")
}

// closest is ref.Closest for names that people give after a scheme: only slips
// of a letter or two count, or a name that has another in it. v1 is not a
// misspelt v2, nor user-service a misspelt lb-service.
func closest(name string, candidates []string) []string {
	return slices.DeleteFunc(ref.Closest(name, candidates), func(c string) bool { return !slip(strings.ToLower(name), strings.ToLower(c)) })
}

// slip reports whether two names differ in one place, by two letters at most, or
// the second has the first in it.
func slip(a, b string) bool {
	if len(a) > 2 && strings.Contains(b, a) {
		return true
	}
	a, b = differing(a, b)
	digits := strings.Trim(a+b, "0123456789") == "" && a != b
	return len(a) <= 2 && len(b) <= 2 && !digits
}

// typo reports whether two names differ in the letters of one long word of
// several, by two at most. Of names that follow a scheme it is stricter than
// slip: cart is no misspelt cart-b, nor cart-a, nor shop-east a misspelt shop-west.
func typo(a, b string) bool {
	x, y := strings.Split(a, "-"), strings.Split(b, "-")
	if len(x) != len(y) {
		return false
	}
	wrong := 0
	for i := range x {
		if x[i] == y[i] {
			continue
		}
		p, q := differing(x[i], y[i])
		if len(x[i]) < 4 || len(p) > 2 || len(q) > 2 || strings.ContainsAny(p+q, "0123456789") || len(ref.Closest(x[i], y[i:i+1])) == 0 {
			return false
		}
		wrong++
	}
	return wrong == 1
}

// differing cuts what two texts begin and end with alike.
func differing(a, b string) (string, string) {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}
