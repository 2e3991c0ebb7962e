// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6002", Slug: "serviceaccount-missing", Severity: finding.Error,
	Short: "Workload runs as a ServiceAccount that is not there",
	Why: `Admission refuses a pod whose ServiceAccount does not exist. The workload itself is accepted, so
that all one sees is a Deployment without pods; the reason is in an event of its ReplicaSet. Pods that
run already go on.`,
	Fix: `Create the ServiceAccount in the namespace of the workload, or correct spec.serviceAccountName.
Every namespace has the ServiceAccount default.`,
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
	Aliases: []string{
		"POP307", "POP507", "kube-linter:non-existent-service-account",
		"kubescape:C-0307",
	},
	Needs:    append([]*model.Kind{model.ServiceAccounts.Kind}, model.WorkloadKinds...),
	Explains: []string{"KM1021", "KM2001", "KM2015", "KM3002"},
	Check:    checkServiceAccounts,
	Repair:   repairServiceAccount,
})

func checkServiceAccounts(w *rules.World, emit rules.Emit) {
	for _, wl := range w.Workloads("") {
		name, at := accountOf(wl)
		if name == "" || name == "default" || over(wl) {
			continue
		}
		absence, missing := w.Missing(model.ServiceAccounts.Kind, wl.Ref.Namespace, name)
		if !missing {
			continue
		}
		of := model.ServiceAccounts.Ref(wl.Ref.Namespace, name)
		f := rules.Weigh(emit(wl.Object, at, "%s %s: no pod can be made that runs as it", of, absence), absence)
		f.State = latent(wl, short(wl))
		f.Related = append(f.Related, of)
		f.Hint = rules.DidYouMean(name, w.Names(model.ServiceAccounts.Kind, wl.Ref.Namespace))
		if f.Hint == "" && absence == model.Proven {
			f.Hint = "kubectl -n " + of.Namespace + " create serviceaccount " + name
		}
	}
}

// accountOf is the ServiceAccount a workload names, and where. The old field
// serviceAccount counts when serviceAccountName is not set.
func accountOf(wl *model.Workload) (name, at string) {
	spec := wl.Spec()
	if spec.ServiceAccountName != "" {
		return spec.ServiceAccountName, wl.SpecAt() + "/serviceAccountName"
	}
	return spec.DeprecatedServiceAccount, wl.SpecAt() + "/serviceAccount"
}

func repairServiceAccount(w *rules.World, r rules.Result) []rules.Fix {
	if len(r.Related) == 0 {
		return nil
	}
	of := r.Related[0]
	var fixes []rules.Fix
	if near := ref.Closest(of.Name, w.Names(model.ServiceAccounts.Kind, of.Namespace)); len(near) > 0 {
		fixes = append(fixes, r.Replace(rules.Review, "run as ServiceAccount "+near[0], near[0]))
	}
	return append(fixes, rules.Fix{
		Title: "create " + of.String(), Risk: rules.Review,
		Creates: []map[string]any{{
			"apiVersion": corev1.SchemeGroupVersion.String(), "kind": of.Kind,
			"metadata": map[string]any{"namespace": of.Namespace, "name": of.Name},
		}},
	})
}
