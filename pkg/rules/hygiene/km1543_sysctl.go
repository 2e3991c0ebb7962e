// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1543", Slug: "sysctl",
	Short: "Pod sets a kernel parameter",
	Why: `Parameters of the kernel that have no namespace of their own are those of the node, and of all pods on it. Some are
safe to set, as the Pod Security Standards list them; kube-linter asks for none of net.*, kernel.msg*,
kernel.sem*, kernel.shm* and fs.mqueue.* at all.`,
	Fix:       "Leave the parameter out, or say in an annotation why it is needed.",
	Reference: "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/",
	Aliases:   []string{"kube-linter:unsafe-sysctls"},
	Needs:     model.WorkloadKinds,
	Check: eachPod(func(_ *model.Workload, spec *corev1.PodSpec) (field, text string) {
		if spec.SecurityContext == nil {
			return "", ""
		}
		for i, s := range spec.SecurityContext.Sysctls {
			if slices.ContainsFunc(kernelWide, func(prefix string) bool { return strings.HasPrefix(s.Name, prefix) }) {
				return patch.Pointer("securityContext", "sysctls", i, "name"), "its pods set the kernel parameter " + s.Name
			}
		}
		return "", ""
	}),
})

// kernelWide are the prefixes of parameters that kube-linter calls unsafe.
var kernelWide = []string{"kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.", "net."}
