// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6514", Slug: "default-namespace",
	Short: "Object is in the namespace default, or names none",
	Why: `What names no namespace goes to wherever the kubeconfig of the one who applies it points: to default, most often,
where policies, quotas and rights of one system are those of all.`,
	Fix:       "Write metadata.namespace, with a namespace of the system's own.",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#when-to-use-multiple-namespaces",
	Aliases:   []string{"kube-linter:use-namespace", "kubescape:C-0061"},
	Needs:     append([]*model.Kind{model.Services.Kind}, model.WorkloadKinds...),
	Check: func(w *rules.World, emit rules.Emit) {
		var objects []*model.Object
		for _, of := range w.Judged("") {
			objects = append(objects, of.Object)
		}
		for _, svc := range model.Services.In(w.Snapshot, "") {
			own := svc.Ref.Namespace == "default" && svc.Ref.Name == "kubernetes"
			if !own && !rules.System(svc.Ref.Namespace) {
				objects = append(objects, svc.Object)
			}
		}
		for _, o := range objects {
			switch o.Meta().GetNamespace() {
			case "":
				emit(o, "/metadata", "it names no namespace: it goes to wherever the one who applies it is")
			case "default":
				emit(o, rules.Nearest(o, "/metadata/namespace"), "it is in the namespace default")
			}
		}
	},
})
