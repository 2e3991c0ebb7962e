// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1530", Slug: "restart-policy",
	Short: "Restart policy is not written down, or is Never",
	Why: `What is not written is Always, which is what a service needs, and which a Job may not have. A pod that is never
restarted is gone after its first fault.`,
	Fix:       "Write restartPolicy: Always; for Jobs and CronJobs OnFailure.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy",
	Aliases:   []string{"kube-linter:restart-policy", "kube-score:cronjob-restartpolicy"},
	Needs:     model.WorkloadKinds,
	Check: eachPod(func(_ *model.Workload, spec *corev1.PodSpec) (field, text string) {
		switch spec.RestartPolicy {
		case "":
			return "/restartPolicy", "its pods have no restartPolicy"
		case corev1.RestartPolicyNever:
			return "/restartPolicy", "its pods have restartPolicy Never: nothing is tried twice on the same node"
		}
		return "", ""
	}),
	Repair: writeRestartPolicy,
})

// writeRestartPolicy writes down what holds anyhow.
func writeRestartPolicy(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || of.Ends() || of.Spec().RestartPolicy != "" {
		return nil
	}
	return inPod(rules.Safe, "write the restart policy that holds anyhow", "/restartPolicy", string(corev1.RestartPolicyAlways))(w, r)
}
