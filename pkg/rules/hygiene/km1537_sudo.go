// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1537", Slug: "sudo",
	Short: "Container calls sudo in its command",
	Why: `sudo is there to become root. A container that needs it has to keep the right to gain privileges, and whoever runs
code in it can use it as well.`,
	Fix:       "Run the program as the user that it needs, with the one capability that it needs.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
	Aliases:   []string{"kubescape:C-0062"},
	Needs:     model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		for i, word := range c.Command {
			if strings.Contains(word, "sudo") {
				return patch.Pointer("command", i), "calls sudo in its command"
			}
		}
		return "", ""
	}),
})
