// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6512", Slug: "old-account-field",
	Short:     "Pod names its account in the old field serviceAccount",
	Why:       "serviceAccountName took its place in the first year of Kubernetes. Tools that read manifests look there alone, and take the pod for one of the account default.",
	Fix:       "Rename the field to serviceAccountName.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
	Aliases:   []string{"kube-linter:deprecated-service-account-field", "kubescape:C-0294"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		if of.Live() || of.Spec().DeprecatedServiceAccount == "" { // the API server fills in both
			return "", ""
		}
		return of.SpecAt() + "/serviceAccount", "its account is in the old field serviceAccount: it is serviceAccountName now"
	}),
	Repair: func(w *rules.World, r rules.Result) []rules.Fix {
		of, found := w.Workload(r.On.Ref)
		name, isText := r.Text()
		if !found || !isText {
			return nil
		}
		ops := []patch.Op{{Op: patch.Remove, Path: r.Pointer}}
		if of.Spec().ServiceAccountName == "" {
			ops = append(ops, patch.Op{Op: patch.Add, Path: of.SpecAt() + "/serviceAccountName", Value: name})
		}
		return []rules.Fix{rules.Change(rules.Safe, "name the account in serviceAccountName", r.On, ops...)}
	},
})
