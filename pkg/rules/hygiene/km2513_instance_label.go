// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2513", Slug: "instance-label",
	Short: "Label app.kubernetes.io/instance is not the name of the workload",
	Why: `Tools put together what belongs to one installation by this label: dashboards, queries, controllers of GitOps.
Polaris wants it to be the name of the workload.`,
	Fix:       "Label the workload app.kubernetes.io/instance with its name.",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
	Aliases:   []string{"polaris:metadataAndInstanceMismatched"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		at := patch.Pointer("metadata", "labels", instanceLabel)
		switch is := of.Meta().GetLabels()[instanceLabel]; is {
		case of.Ref.Name:
			return "", ""
		case "":
			return at, "it has no label " + instanceLabel + ", which should be its name"
		default:
			return at, "its label " + instanceLabel + " is " + is + " and not its name"
		}
	}),
	Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
		at := patch.Pointer("metadata", "labels", instanceLabel)
		return []rules.Fix{rules.Change(rules.Review, "label it with its name", r.On, rules.Set(r.On, at, r.On.Ref.Name))}
	},
})

const instanceLabel = "app.kubernetes.io/instance"
