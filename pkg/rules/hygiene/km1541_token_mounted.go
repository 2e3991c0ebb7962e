// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1541", Slug: "token-mounted",
	Short: "Pod is given a token for the API server",
	Why: `Unless somebody says no, each pod carries a token that speaks for its ServiceAccount. Few services call the API
server; who breaks into one of the others finds the token.`,
	Fix:       "Set automountServiceAccountToken: false in the pod template and in the ServiceAccount. What calls the API server takes a token with a projected volume, for an audience and a time.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
	Aliases:   []string{"polaris:automountServiceAccountToken", "kubescape:C-0034", "kubescape:C-0261"},
	Needs:     append([]*model.Kind{model.ServiceAccounts.Kind}, model.WorkloadKinds...),
	Check: eachWorkload(func(w *rules.World, of *model.Workload) (pointer, text string) {
		at := of.SpecAt() + "/automountServiceAccountToken"
		if says := of.Spec().AutomountServiceAccountToken; says != nil {
			if *says {
				return at, "its pods ask for a token for the API server"
			}
			return "", ""
		}
		account, found := model.ServiceAccounts.Get(w.Snapshot, of.Ref.Namespace, of.Account())
		if found && no(account.Value.AutomountServiceAccountToken) {
			return "", ""
		}
		return at, "its pods get a token for the API server, as neither they nor their ServiceAccount say no"
	}),
	Repair: inPod(rules.Review, "do not mount a token", "/automountServiceAccountToken", false),
})
