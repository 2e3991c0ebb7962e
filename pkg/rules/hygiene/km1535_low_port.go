// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1535", Slug: "low-port",
	Short: "Container listens on a port below 1024",
	Why: `Only root, or who has the capability NET_BIND_SERVICE, may listen there. That is one more reason to run as root, and
a Service can have port 80 whatever the port of its pods is.`,
	Fix:       "Have the program listen on 8080 or the like, and leave 80 to the Service.",
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
	Aliases:   []string{"kube-linter:privileged-ports"},
	Needs:     model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		for i, p := range c.Ports {
			if p.ContainerPort > 0 && p.ContainerPort < 1024 {
				return patch.Pointer("ports", i, "containerPort"), fmt.Sprintf("listens on port %d, which takes a privilege", p.ContainerPort)
			}
		}
		return "", ""
	}),
})
