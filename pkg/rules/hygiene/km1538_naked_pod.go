// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1538", Slug: "naked-pod",
	Short: "Pod has no controller",
	Why: `A pod that nobody made from a template is gone for good when its node goes, is drained, or needs room: nothing
makes it anew. It cannot be scaled or rolled out either.`,
	Fix:       "Write a Deployment, or a Job for what ends.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/pods/#working-with-pods",
	Aliases:   []string{"kubescape:C-0073"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		if !of.Bare() || len(of.Meta().GetOwnerReferences()) > 0 {
			return "", ""
		}
		return "", "nothing makes this pod anew when its node goes"
	}),
})
