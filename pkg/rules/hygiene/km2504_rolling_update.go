// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	appsv1 "k8s.io/api/apps/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2504", Slug: "rolling-update",
	Short: "Rollout strategy is not RollingUpdate, or not written down",
	Why: `Recreate ends all pods before the first new one starts: each deployment is an outage. OnDelete does nothing until
somebody deletes pods. RollingUpdate is what a Deployment does when nothing is said; kubescape wants it said.`,
	Fix:       "Write strategy.type: RollingUpdate, with maxUnavailable: 0 and maxSurge: 1 for what must not lose a pod.",
	Reference: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
	Aliases:   []string{"kube-linter:no-rolling-update-strategy", "kube-score:deployment-strategy", "kubescape:C-0305"},
	Needs:     model.WorkloadKinds,
	Check:     eachWorkload(unrolled),
	Repair:    rollOut,
})

func unrolled(_ *rules.World, of *model.Workload) (pointer, text string) {
	if d, ok := model.Deployments.Of(of.Object); ok && d.Value != nil {
		switch d.Value.Spec.Strategy.Type {
		case appsv1.RollingUpdateDeploymentStrategyType:
		case "":
			return "/spec/strategy/type", "it does not say that pods are replaced one after the other"
		default:
			return "/spec/strategy/type", "all of its pods end before the first new one starts: its strategy is " + string(d.Value.Spec.Strategy.Type)
		}
	}
	manual := "its pods stay as they are until somebody deletes them: its update strategy is OnDelete"
	if s, ok := model.StatefulSets.Of(of.Object); ok && s.Value != nil && s.Value.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		return "/spec/updateStrategy/type", manual
	}
	if d, ok := model.DaemonSets.Of(of.Object); ok && d.Value != nil && d.Value.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
		return "/spec/updateStrategy/type", manual
	}
	return "", ""
}

// rollOut writes down what holds anyhow.
func rollOut(_ *rules.World, r rules.Result) []rules.Fix {
	if d, ok := model.Deployments.Of(r.On); !ok || d.Value.Spec.Strategy.Type != "" {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Safe, "write the strategy that holds anyhow", r.On,
		rules.Set(r.On, "/spec/strategy/type", string(appsv1.RollingUpdateDeploymentStrategyType)))}
}
