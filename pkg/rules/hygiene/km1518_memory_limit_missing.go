// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1518", Slug: "memory-limit-missing",
	Short: "Container has no memory limit",
	Why: `A leak in a container without a limit takes the memory of its node, and the kernel ends whatever it finds there,
which need not be the one that leaks.`,
	Fix:       "Set a limit, and request the same: memory that was handed out cannot be taken back.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/",
	Aliases:   []string{"kube-linter:unset-memory-requirements", "kube-score:container-resources", "polaris:memoryLimitsMissing", "kubescape:C-0271"},
	Needs:     model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		if lacking(c.Resources.Limits, corev1.ResourceMemory) == "" {
			return "", ""
		}
		return "/resources/limits", "has no limit of memory: a leak takes that of the node"
	}),
	Repair: limitMemory,
})

// limitMemory limits memory to what is requested.
func limitMemory(w *rules.World, r rules.Result) []rules.Fix {
	at := container.FindString(r.Pointer)
	requested, err := patch.Get(r.On.Raw(), at+"/resources/requests/memory")
	if at == "" || err != nil || !editable(w, r) {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "limit memory to what is requested", r.On, rules.Set(r.On, at+"/resources/limits/memory", requested))}
}
