// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"maps"
	"slices"
	"strings"
	"sync"

	networkingv1 "istio.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8003", Slug: "subset-empty", Severity: finding.Error,
	Short: "Subset selects no pod of the Service",
	Why: `A subset stands for the endpoints of the host's Service whose pods carry its labels as well. Where
no pod of that Service does, the subset has no endpoint, and Envoy answers 503 with the flag UH to
every request that is routed to it. Pods of other Services that happen to carry the labels do not
count.

Of files, a subset of another version that no route leads to, beside one that has pods, is only a
note: its Deployment may be in files that were not given.`,
	Fix:       `Give the subset labels that the pods carry, or label the pod templates.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset",
	Aliases:   []string{"IST0173", "KIA0203"},
	Needs:     subsetNeeds,
	Explains:  []string{"KM8022"},
	Check:     checkSubsetPods,
	Repair:    repairSubsetPods,
})

// checkSubsetPods looks at subsets of Services that select something: what a
// Service itself selects is the business of other rules, unless nothing is there.
func checkSubsetPods(w *rules.World, emit rules.Emit) {
	routes := sync.OnceValue(func() routedTo { return newRouted(w) })
	for _, dr := range model.DestinationRules.In(w.Snapshot, "") {
		host := w.Resolve(dr.Value.Spec.GetHost(), dr.Ref.Namespace)
		if host.Service == nil {
			continue
		}
		b, ok := behind(w, *host.Service)
		if !ok || uncounted(w, b) {
			continue
		}
		for i, sub := range dr.Value.Spec.GetSubsets() {
			want, certain := asked(w, sub.GetLabels())
			if len(want) == 0 || !certain || b.carry(want) || b.foreign(w, want) {
				continue
			}
			at := patch.Pointer("spec", "subsets", i, "labels")
			f := emit(dr.Object, at, "subset %s selects no pod of %s: none carries %s", sub.GetName(), b.svc.Ref, pairs(want))
			if len(b.sets) == 0 {
				f.Message = "subset " + sub.GetName() + " selects no pod of " + b.svc.Ref.String() + ", which selects none itself"
			}
			f.Related = append(f.Related, b.svc.Ref)
			for _, o := range b.Workloads {
				f.Related = append(f.Related, o.Ref)
			}
			f.Related = append(f.Related, routes().users(host.FQDN, sub.GetName())...)
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: dr.Where(at), Value: pairs(want)})
			f.Hint = nearLabels(b, want)
			if !routes().weighted(host.FQDN, sub.GetName()) {
				f.Severity, f.State = finding.Warning, finding.Latent
			}
			if w.Partial {
				rules.Weigh(f, model.NotInSet)
				if len(routes().users(host.FQDN, sub.GetName())) == 0 && b.carryAny(dr.Value.Spec.GetSubsets()) && !b.slip(want) {
					f.Severity = finding.Info // of a version whose Deployment is in other files, or yet to come
				}
			}
		}
	}
}

// uncounted reports whether nobody can tell what a Service selects. Jobs are
// not looked at for one object, and no Service is about theirs.
func uncounted(w *rules.World, b backing) bool {
	for _, k := range model.WorkloadKinds {
		if _, gap := w.Gap(k.GroupKind, b.svc.Ref.Namespace); gap && k.Group != model.Jobs.Group {
			return true
		}
	}
	return w.Partial && len(b.sets) == 0 // its workload may be in other files
}

// asked are the labels of a subset that pods must carry. They cannot be judged
// where only a controller would add them.
func asked(w *rules.World, of map[string]string) (want map[string]string, certain bool) {
	want = map[string]string{}
	maps.Copy(want, of)
	for _, k := range fromPlace {
		delete(want, k)
	}
	for k := range want {
		if w.Offline && slices.Contains(fromController, k) {
			return want, false
		}
	}
	return want, true
}

// carryAny reports whether pods of the Service are in one of the subsets.
func (b backing) carryAny(subsets []*networkingv1.Subset) bool {
	return slices.ContainsFunc(subsets, func(s *networkingv1.Subset) bool { return b.carry(s.GetLabels()) })
}

// slip reports whether labels look like those of a pod of the Service that were
// written in another way; other values, such as another version, do not.
func (b backing) slip(want map[string]string) bool {
	for k, v := range want {
		values := b.values(k)
		if _, carried := b.labelled(v); carried || len(values) == 0 || len(closest(v, values)) > 0 {
			return true
		}
	}
	return false
}

// nearLabels says what the pods carry instead.
func nearLabels(b backing, want map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if b.carry(map[string]string{k: want[k]}) {
			continue
		}
		switch values := b.values(k); {
		case len(values) > 0:
			out = append(out, "pods of "+b.svc.Ref.String()+" have "+k+"="+strings.Join(values, ", "+k+"="))
		case len(b.sets) > 0:
			line := "pods of " + b.svc.Ref.String() + " have no label " + k
			if got, carried := b.labelled(want[k]); carried {
				line += ", but " + pairs(got)
			}
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// repairSubsetPods selects by the label that carries the value, or labels the
// one workload that can be meant.
func repairSubsetPods(w *rules.World, r rules.Result) []rules.Fix {
	dr, ok := model.DestinationRules.Of(r.On)
	if !ok {
		return nil
	}
	sub, ok := subsetAt(dr, r.Pointer)
	host := w.Resolve(dr.Value.Spec.GetHost(), dr.Ref.Namespace)
	if !ok || host.Service == nil {
		return nil
	}
	b, _ := behind(w, *host.Service)
	want, _ := asked(w, sub.GetLabels())
	if len(want) != 1 || len(b.sets) == 0 {
		return nil
	}
	for k, v := range want {
		if got, carried := b.labelled(v); carried {
			return []rules.Fix{r.Replace(rules.Review, "select pods by "+pairs(got), rules.Decoded(got))}
		}
		if near := closest(v, b.values(k)); len(near) == 1 {
			return []rules.Fix{rules.Change(rules.Review, "select pods with "+k+"="+near[0], dr.Object, patch.Op{Op: patch.Replace, Path: patch.Join(r.Pointer, k), Value: near[0]})}
		}
		if o, ok := b.meant(k, v, len(dr.Value.Spec.GetSubsets())); ok {
			op := patch.Op{Op: patch.Add, Path: patch.Join(o.At+"/metadata/labels", k), Value: v}
			return []rules.Fix{rules.Change(rules.Review, "label the pods of "+o.Ref.String()+" "+k+"="+v, o.Object, op)}
		}
	}
	return nil
}

// subsetAt returns the subset that a pointer to its labels is of.
func subsetAt(dr destinationRule, pointer string) (*networkingv1.Subset, bool) {
	for i, sub := range dr.Value.Spec.GetSubsets() {
		if patch.Pointer("spec", "subsets", i, "labels") == pointer {
			return sub, true
		}
	}
	return nil, false
}

// meant is the workload without a label that a subset by it must stand for: the
// one whose name ends like the value, or the only one of an only subset.
func (b backing) meant(key, value string, subsets int) (*model.Workload, bool) {
	var out []*model.Workload
	for _, o := range b.Workloads {
		if _, has := o.Template.Labels[key]; has || len(o.Template.Labels) == 0 || o.Bare() {
			continue
		}
		if strings.HasSuffix(o.Ref.Name, "-"+value) || (subsets == 1 && len(b.Workloads) == 1) {
			out = append(out, o)
		}
	}
	if len(out) != 1 {
		return nil, false
	}
	return out[0], true
}
