// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM3501", Slug: "node-port-service",
	Short: "Service opens a port on every node",
	Why: `A NodePort takes connections on each node of the cluster, past the gateway with its TLS, its routes and its limits,
and from wherever nodes can be reached.`,
	Fix:       "Use a ClusterIP, and a route of a gateway for callers from outside. If the port is meant, say so in the annotations of the linters.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
	Aliases:   []string{"kube-linter:exposed-services", "kube-score:service-type"},
	Needs:     []*model.Kind{model.Services.Kind},
	Check:     eachServiceOf(corev1.ServiceTypeNodePort, "it takes connections at a port of every node"),
})

// eachServiceOf is the check of a rule about a type of Service.
func eachServiceOf(kind corev1.ServiceType, text string) check {
	return func(w *rules.World, emit rules.Emit) {
		for _, svc := range model.Services.In(w.Snapshot, "") {
			if svc.Value.Spec.Type == kind && !rules.System(svc.Ref.Namespace) {
				emit(svc.Object, "/spec/type", "%s", text)
			}
		}
	}
}
