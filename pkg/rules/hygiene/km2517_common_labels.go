// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2517", Slug: "common-labels",
	Short: "Workload or its pods have none of Kubernetes' common labels",
	Why: `Labels under app.kubernetes.io are understood by tools that nobody here has written: Istio names a service in its
metrics by them, Helm and dashboards put together what belongs together.`,
	Fix:       "Label the workload and its template app.kubernetes.io/name: NAME, and app.kubernetes.io/part-of: SYSTEM.",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
	Aliases:   []string{"kubescape:C-0077"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(labelled(func(key string) bool { return slices.Contains(common, key) },
		"none of the labels app.kubernetes.io/name, instance, version, component, part-of, managed-by")),
})

var common = []string{
	"app.kubernetes.io/name", instanceLabel, "app.kubernetes.io/version", "app.kubernetes.io/component",
	"app.kubernetes.io/part-of", "app.kubernetes.io/managed-by", "app.kubernetes.io/created-by",
}
