// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// starting is how old a pod must be before it counts that it is not ready.
const starting = 30 * time.Second

var _ = family.Add(rules.Rule{
	ID: "KM8022", Slug: "route-without-pods", Severity: finding.Error,
	Short: "Route sends requests to pods of which none is ready",
	Why: `A destination with a weight gets its share of the requests, whether or not anything is there to
answer them: Istio does not move the share to the other destinations. Envoy answers 503 with the flag
UH. It is what a canary leaves behind that was scaled down before its weight was taken back.`,
	Fix:       `Take the weight back first, then look after the pods.`,
	Reference: "https://istio.io/latest/docs/ops/best-practices/traffic-management/",
	Needs: append([]*model.Kind{
		model.VirtualServices.Kind, model.DestinationRules.Kind, model.Services.Kind,
	}, model.WorkloadKinds...),
	Live:   true,
	Check:  checkReady,
	Repair: repairReady,
})

// dead is a destination that nothing answers for.
type dead struct {
	leg
	backing
	subset model.Subset
}

// withoutPods finds the destinations with a weight and no ready pod.
func withoutPods(w *rules.World) []dead {
	type part struct {
		vs *model.Object
		target
	}
	c, counted := newClients(w), map[part]bool{}
	var out []dead
	for _, r := range allRoutes(w) {
		for _, l := range r.Legs {
			key := part{r.vs, target{l.Host, l.Subset}}
			if l.Weight <= 0 || counted[key] {
				continue
			}
			if d, ok := nobody(c, leg{r.vs, r.Route, l}); ok {
				counted[key] = true
				out = append(out, d)
			}
		}
	}
	return out
}

// nobody reports whether no ready pod is behind a destination. It does not say
// so where pods cannot be counted or have only just been made.
func nobody(c *clients, l leg) (dead, bool) {
	w := c.w
	ns, name, _ := w.ServiceName(l.Host)
	svc, found := model.Services.Get(w.Snapshot, ns, name)
	if _, gap := w.Gap(model.Pods.GroupKind, ns); !found || gap || svc.Value.Spec.PublishNotReadyAddresses {
		return dead{}, false
	}
	d := dead{leg: l}
	if l.Subset != "" {
		var ok bool
		if d.subset, ok = c.meant(l); !ok {
			return dead{}, false // rule KM8002
		}
	}
	b, ok := behind(w, svc)
	if !ok {
		return dead{}, false
	}
	want, _ := asked(w, d.subset.Labels)
	maps.Copy(want, svc.Value.Spec.Selector)
	b.Selection = w.Select(ns, labels.SelectorFromSet(want))
	d.backing = b
	fresh := slices.ContainsFunc(b.Pods, func(p model.Item[corev1.Pod]) bool {
		return w.Now.Sub(p.Value.CreationTimestamp.Time) < starting
	})
	return d, b.Ready == 0 && !b.Planned && !fresh
}

// meant is the subset that a leg names, as the callers beside the VirtualService
// see it, or else others.
func (c *clients) meant(l leg) (model.Subset, bool) {
	if s, ok := c.view(l.Host, l.vs.Ref.Namespace).Subset(l.Subset); ok {
		return s, true
	}
	for _, from := range append([]string{c.owner(l.Host)}, c.withRules(l.Host)...) {
		if s, ok := c.view(l.Host, from).Subset(l.Subset); ok {
			return s, true
		}
	}
	return model.Subset{}, false
}

func checkReady(w *rules.World, emit rules.Emit) {
	for _, d := range withoutPods(w) {
		what := "host " + nameOf(w, d.Host, d.vs.Ref.Namespace)
		if d.Subset != "" {
			what = "subset " + d.Subset + " of " + what
		}
		f := emit(d.vs, d.Pointer, "%s of the requests of %s go to %s, which has no ready pod (0 of %d)", share(d.route, d.Leg), d.route.ID(), what, len(d.Pods))
		f.Reason = "no ready pod for " + d.Backend.Host + "/" + d.Subset
		f.Related = append(f.Related, d.svc.Ref)
		if d.Subset != "" {
			f.Related = append(f.Related, d.subset.Rule.Ref)
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: d.subset.Rule.Ref.String(), Value: "subset " + d.Subset + " selects " + pairs(d.subset.Labels)})
		}
		for _, o := range d.Workloads {
			f.Related = append(f.Related, o.Ref)
		}
		f.Of = len(d.Pods)
		for _, p := range d.Pods {
			f.Pods = append(f.Pods, p.Ref.Name)
			f.Related = append(f.Related, p.Ref)
			if c, ok := readiness(p.Value); ok {
				f.Evidence = append(f.Evidence, finding.Evidence{Kind: "condition", Of: p.Ref.String(), Value: "Ready is " + string(c.Status) + " (" + c.Reason + ")", Time: c.LastTransitionTime.Time})
				if c.LastTransitionTime.After(f.Since) {
					f.Since = c.LastTransitionTime.Time
				}
			}
		}
		if len(d.Pods) == 0 {
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "absence", Of: d.svc.Ref.String(), Value: "no pod is selected"})
		}
	}
}

// readiness is the condition Ready of a pod.
func readiness(p *corev1.Pod) (corev1.PodCondition, bool) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c, true
		}
	}
	return corev1.PodCondition{}, false
}

// share is a leg's part of its route, for people.
func share(r traffic.Route, l traffic.Leg) string {
	total := r.Total()
	if total <= 0 || l.Weight == total {
		return "all"
	}
	return fmt.Sprintf("%.3g%%", 100*float64(l.Weight)/float64(total))
}

// repairReady gives the share to the largest destination of the route that has
// ready pods.
func repairReady(w *rules.World, r rules.Result) []rules.Fix {
	all := withoutPods(w)
	i := slices.IndexFunc(all, func(d dead) bool { return d.vs.Ref.Same(r.Object) && d.Pointer == r.Pointer })
	if i < 0 {
		return nil
	}
	d, c, best := all[i], newClients(w), -1
	weights := make([]int, len(d.route.Legs))
	for j, l := range d.route.Legs {
		weights[j] = l.Weight
		_, empty := nobody(c, leg{d.vs, d.route, l})
		if !l.SameTarget(d.Backend) && l.Weight >= 0 && !empty && (best < 0 || l.Weight > weights[best]) {
			best = j
		}
	}
	if best < 0 {
		return nil
	}
	for j, l := range d.route.Legs {
		if l.SameTarget(d.Backend) {
			weights[best], weights[j] = weights[best]+l.Weight, 0
		}
	}
	ops := slices.DeleteFunc(d.route.Router.SetWeights(d.route, weights), func(o patch.Op) bool { return o.Op == patch.Test })
	to := d.route.Legs[best]
	return []rules.Fix{rules.Change(rules.Review, "send the share of "+d.Backend.String()+" to "+to.Backend.String(), d.vs, ops...)}
}
