// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1504", Slug: "privilege-escalation", Severity: finding.Info, Hygiene: true,
	Short: "Container may gain more privileges than it started with",
	Why: `A setuid program in the image, sudo or an old mount for one, gives whoever runs it the rights of root, although
the container started as somebody else. allowPrivilegeEscalation: false has the kernel ignore the bit. The
default is true.`,
	Fix:       "Set allowPrivilegeEscalation: false in the security context of every container.",
	Reference: standards + "#restricted",
	Aliases:   []string{"kube-linter:privilege-escalation-container", "polaris:privilegeEscalationAllowed", "kubescape:C-0016"},
	Needs:     model.WorkloadKinds,
	Check:     unmet(PrivilegeEscalation),
	Repair:    harden("keep the container from gaining privileges", "/allowPrivilegeEscalation", false),
})
