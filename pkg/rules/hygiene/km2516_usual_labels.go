// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"maps"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2516", Slug: "usual-labels",
	Short:     "Workload or its pods have none of the labels app, tier, phase, version, owner, env",
	Why:       "Policies, queries and people find pods by labels. One that has none of the usual ones is found by its name alone.",
	Fix:       "Label the workload and its template: app: NAME is enough.",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
	Aliases:   []string{"kubescape:C-0076"},
	Needs:     model.WorkloadKinds,
	Check:     eachWorkload(labelled(usual, "none of the labels app, tier, phase, version, owner and env")),
})

// labelled is the verdict that neither a workload nor its pods may do without one
// of some labels.
func labelled(has func(key string) bool, text string) func(*rules.World, *model.Workload) (string, string) {
	return func(_ *rules.World, of *model.Workload) (pointer, _ string) {
		any := func(set map[string]string) bool { return slices.ContainsFunc(slices.Collect(maps.Keys(set)), has) }
		switch {
		case !any(of.Meta().GetLabels()):
			return "/metadata/labels", "it has " + text
		case !any(of.Template.Labels):
			return of.At + "/metadata/labels", "its pods have " + text
		}
		return "", ""
	}
}

// usual reports whether a label is one of those that kubescape recommends.
func usual(key string) bool {
	return slices.Contains([]string{"app", "tier", "phase", "version", "owner", "env"}, key)
}
