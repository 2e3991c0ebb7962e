// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2514", Slug: "owner-label",
	Short:     "Workload does not say whose it is",
	Why:       "Who finds a fault at night, or a bill, has to find out whom to ask. A label can be selected by, too: all that a team runs.",
	Fix:       "Label the workload owner: TEAM.",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
	Aliases:   []string{"kube-linter:required-label-owner"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		if of.Meta().GetLabels()["owner"] != "" {
			return "", ""
		}
		return "/metadata/labels/owner", "it has no label owner: nobody knows whom to ask"
	}),
})
