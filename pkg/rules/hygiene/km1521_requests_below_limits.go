// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1521", Slug: "requests-below-limits",
	Short: "Container may use more than it requests",
	Why: `What lies between request and limit is there only as long as the neighbours do not want it. A service that was
measured with it is slower, or ended, on a full node. With both the same a pod has the quality of
service Guaranteed, and behaves the same everywhere.`,
	Fix:       "Set the request to the limit.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/",
	Aliases: []string{
		"kube-score:container-resource-requests-equal-limits", "kube-score:container-cpu-requests-equal-limits",
		"kube-score:container-memory-requests-equal-limits", "kube-score:container-ephemeral-storage-request-equals-limit",
	},
	Needs:  model.WorkloadKinds,
	Check:  eachContainer(unequal),
	Repair: requestTheLimit,
})

// guaranteed are the resources that are compared.
var guaranteed = []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage}

func unequal(_ *model.Workload, c *corev1.Container) (field, text string) {
	for _, name := range guaranteed {
		request, requested := c.Resources.Requests[name]
		limit, limited := c.Resources.Limits[name]
		if requested && limited && request.Cmp(limit) != 0 {
			return patch.Join("/resources/requests", string(name)), fmt.Sprintf("requests %s of %s and may use %s", request.String(), name, limit.String())
		}
	}
	return "", ""
}

// requestTheLimit requests as much as may be used.
func requestTheLimit(w *rules.World, r rules.Result) []rules.Fix {
	limit, err := patch.Get(r.On.Raw(), strings.Replace(r.Pointer, "/resources/requests/", "/resources/limits/", 1))
	if err != nil || !editable(w, r) {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "request as much as may be used", limit)}
}
