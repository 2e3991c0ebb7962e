// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3001", Slug: "selector-without-pods", Severity: finding.Error,
	Short: "Service selects no pod",
	Why: `A Service sends its traffic to the pods of its namespace that carry every label of its
selector. When none does, it has no endpoints: connections are refused or time out, Ingresses and
meshes answer 503.

Most often the selector and the labels of the pod template were written by different people
("myapp" and "my-app", "app" and "app.kubernetes.io/name"). The labels that count are those of the
pod template, not those of the Deployment.`,
	Fix: `Write the labels of the pods into the selector. The selector of a Deployment cannot be changed
later, that of a Service can.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
	Aliases: []string{
		"POP1100", "kube-linter:dangling-service", "kube-score:service-targets-pod",
		"kubescape:C-0293",
	},
	Needs:    slices.Concat(model.WorkloadKinds, []*model.Kind{model.Services.Kind}),
	Explains: []string{"KM3002", "KM3015", "KM4001", "KM6008", "KM6009", "KM8003", "KM8022"},
	Check:    checkSelectors,
	Repair:   repairSelector,
})

func checkSelectors(w *rules.World, emit rules.Emit) {
	for _, svc := range model.Services.In(w.Snapshot, "") {
		ns, labels := svc.Ref.Namespace, svc.Value.Spec.Selector
		if !finds(svc) || system(ns) || fresh(w, &svc.Value.ObjectMeta, grace) || !w.Behind(svc).Empty() {
			continue
		}
		selector, _ := selectorOf(svc)
		if waits(w, ns, labels) || w.Foreign(ns, selector) {
			continue
		}
		absence := podAbsence(w, ns)
		if absence == model.Unknown {
			continue
		}
		f := emit(svc.Object, "/spec/selector", "selector %s matches no pod in namespace %s", selector, ns)
		if absence != model.Proven {
			f.Message = "selector " + selector.String() + " matches the pods of no workload in these files"
		}
		rules.Weigh(f, absence)
		if near, found := nearest(w, ns, labels); found {
			f.Hint = near.String()
			f.Related = append(f.Related, near.Ref)
		} else if c, found := outside(w, ns, selector); found {
			f.Hint = c.Ref.String() + " has these labels, but its pod template has not"
			f.Related = append(f.Related, c.Ref)
		}
	}
}

// system reports whether a namespace is Kubernetes' own. Add-ons put Services
// there that select static pods, which a provider may keep elsewhere.
func system(namespace string) bool {
	return namespace == "kube-system" || namespace == "kube-public" || namespace == "kube-node-lease"
}

func repairSelector(w *rules.World, r rules.Result) []rules.Fix {
	svc, ok := model.Services.Of(r.On)
	if !ok {
		return nil
	}
	near, found := nearest(w, svc.Ref.Namespace, svc.Value.Spec.Selector)
	if !found || near.tied {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "select the pods of "+near.Ref.String(), r.On, near.edits()...)}
}
