// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6505", Slug: "exec-allowed", Severity: finding.Info, Hygiene: true,
	Short: "Role allows running commands in pods, or calling kubelets",
	Why: `Who may exec into a pod, attach to it, add a container to it or forward its ports is that pod: its account, its
Secrets, its place in the network, past every policy. nodes/proxy gives the same on every pod of a node, by
way of the kubelet, and no audit log sees what was run. The verb get is enough for exec.`,
	Fix:       "Give these to people, for a time, and not to what runs in the cluster.",
	Reference: rbacPractices + "#kubernetes-rbac-privilege-escalation-risks",
	Aliases: []string{
		"polaris:rolePodExecAttach", "polaris:clusterrolePodExecAttach", "kubescape:C-0002",
		"polaris:clusterrolebindingPodExecAttach", "polaris:rolebindingClusterRolePodExecAttach", "polaris:rolebindingRolePodExecAttach", "kubescape:C-0063",
	},
	Needs: withKinds(roleKinds, bindingKinds...),
	Check: granting(execs),
})

func execs(r rbacv1.PolicyRule) (field, text string) {
	if have, found := onResource(r, "", "pods/exec", "pods/attach", "pods/portforward", "pods/*"); found {
		if verb, any := withVerb(r, "create", "get"); any {
			return "resources", "it allows " + verb + " of " + have
		}
	}
	if have, found := onResource(r, "", "pods/ephemeralcontainers"); found {
		if verb, any := withVerb(r, "update", "patch"); any {
			return "resources", "it allows " + verb + " of " + have
		}
	}
	if have, found := onResource(r, "", "nodes/proxy"); found && len(r.Verbs) > 0 {
		return "resources", "it allows " + rules.Few(r.Verbs, 3) + " of " + have
	}
	return "", ""
}
