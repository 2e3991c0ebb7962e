// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1542", Slug: "security-context",
	Short: "Security context leaves out SELinux, fsGroup or its policy",
	Why: `The CIS benchmark wants each of them decided by somebody. SELinux keeps pods off each other's files on nodes that
have it; an empty seLinuxOptions leaves the choice to the runtime. fsGroup makes volumes readable for the group of
the program, and fsGroupChangePolicy: OnRootMismatch spares a large volume from being walked at each start.

OpenShift sets these itself, and refuses pods that want something else.`,
	Fix:       "Set seLinuxOptions: {} for the containers, and fsGroup and fsGroupChangePolicy for the pod.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
	Aliases:   []string{"kubescape:C-0211"},
	Needs:     model.WorkloadKinds,
	Check:     eachPod(undecided),
})

func undecided(of *model.Workload, spec *corev1.PodSpec) (field, text string) {
	s := spec.SecurityContext
	if s == nil {
		s = &corev1.PodSecurityContext{}
	}
	bare := s.SELinuxOptions == nil && slices.ContainsFunc(spec.Containers, func(c corev1.Container) bool {
		return c.SecurityContext == nil || c.SecurityContext.SELinuxOptions == nil
	})
	switch {
	case bare:
		return "/securityContext/seLinuxOptions", "nothing says what SELinux lets its containers do: no seLinuxOptions"
	case s.FSGroup == nil:
		return "/securityContext/fsGroup", "its pods have no fsGroup"
	case s.FSGroupChangePolicy == nil:
		return "/securityContext/fsGroupChangePolicy", "its pods have no fsGroupChangePolicy"
	case slices.Contains(s.SupplementalGroups, 0):
		return "/securityContext/supplementalGroups", "its pods are in the group of root"
	}
	return "", ""
}
