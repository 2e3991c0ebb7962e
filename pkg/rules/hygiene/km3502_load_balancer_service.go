// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM3502", Slug: "load-balancer-service",
	Short: "Service has a load balancer of its own",
	Why: `Each Service of this type gets an address of its own, most often a public one, and a bill of its own. What comes in
there has met no gateway: no TLS, no routes, no limits.`,
	Fix:       "Use a ClusterIP, and a route of a gateway for callers from outside. If the address is meant, say so in kube-linter's annotation.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
	Aliases:   []string{"kube-linter:exposed-services"},
	Needs:     []*model.Kind{model.Services.Kind},
	Check:     eachServiceOf(corev1.ServiceTypeLoadBalancer, "it has a load balancer of its own, past the gateway"),
})
