// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2519", Slug: "governing-service",
	Short: "StatefulSet has no headless Service",
	Why: `The pods of a StatefulSet have names of their own in DNS, by which they find each other: store-0.store. It is the
headless Service that serviceName names which gives them these; without it, with an address of its own, or with
another selector there are none.`,
	Fix:       "Add a Service of that name with clusterIP: None and the labels of the pods.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
	Aliases:   []string{"kube-score:statefulset-has-servicename"},
	Needs:     append([]*model.Kind{model.Services.Kind}, model.WorkloadKinds...),
	Check:     checkGoverningService,
})

func checkGoverningService(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		set, ok := model.StatefulSets.Of(of.Object)
		if !ok || set.Value == nil {
			continue
		}
		name := set.Value.Spec.ServiceName
		svc, found := model.Services.Get(w.Snapshot, of.Ref.Namespace, name)
		at, text, absence := rules.Nearest(of.Object, "/spec/serviceName"), "", model.Proven
		switch {
		case name == "":
			text = "it has no serviceName: its pods have no names in DNS"
		case !found:
			if absence = w.Absence(model.Services.Kind, of.Ref.Namespace); absence == model.Unknown {
				continue
			}
			text = model.Services.Ref(of.Ref.Namespace, name).String() + " " + absence.String() + ": its pods have no names in DNS"
		case svc.Value.Spec.ClusterIP != corev1.ClusterIPNone:
			text = svc.Ref.String() + " is not headless: its pods have no names in DNS"
		case len(svc.Value.Spec.Selector) == 0 || !labels.SelectorFromSet(svc.Value.Spec.Selector).Matches(labels.Set(of.Template.Labels)):
			text = svc.Ref.String() + " does not select its pods"
		default:
			continue
		}
		f := rules.Weigh(emit(of.Object, at, "%s", text), absence)
		if name != "" {
			f.Related = append(f.Related, model.Services.Ref(of.Ref.Namespace, name))
		}
	}
}
