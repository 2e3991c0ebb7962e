// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1517", Slug: "requests-missing",
	Short: "Container requests no CPU or no memory",
	Why: `The scheduler places pods by what they request. One that requests nothing goes to any node, however full, gets
what is left there, and is the first to be ended when memory runs out. An autoscaler that goes by the
use of what is requested has nothing to go by.`,
	Fix:       "Request what the container needs in normal operation, as its metrics show it.",
	Reference: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
	Aliases: []string{
		"kube-linter:unset-cpu-requirements", "kube-score:container-resources", "polaris:cpuRequestsMissing", "polaris:memoryRequestsMissing",
		"kubescape:C-0268", "kubescape:C-0269",
	},
	Needs: model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		if missing := lacking(c.Resources.Requests, corev1.ResourceCPU, corev1.ResourceMemory); missing != "" {
			return "/resources/requests", "requests no " + missing
		}
		return "", ""
	}),
})

// lacking names the resources that a list has not: "cpu and no memory".
func lacking(have corev1.ResourceList, asked ...corev1.ResourceName) string {
	var out []string
	for _, name := range asked {
		if q, found := have[name]; !found || q.IsZero() {
			out = append(out, string(name))
		}
	}
	return strings.Join(out, " and no ")
}
