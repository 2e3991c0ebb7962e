// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1509", Slug: "secret-literal", Severity: finding.Info, Hygiene: true,
	Short: "Secret stands in the manifest of a workload",
	Why: `Whoever may read the workload, its pods or its history reads the secret as well, and so does everybody with the
repository it came from: rights to Secrets do not come into it. It stays in every ReplicaSet and
every backup after it was changed. Arguments show in the list of processes, too.`,
	Fix: `Put the value into a Secret, take it from there by valueFrom.secretKeyRef or as a file, and change the secret:
it is known by now.`,
	Reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
	Aliases: []string{
		"kube-linter:env-var-secret", "polaris:sensitiveContainerEnvVar", "kubescape:C-0012",
		"kubescape:C-0259",
	},
	Needs: model.WorkloadKinds,
	Check: checkSecretLiterals,
})

func checkSecretLiterals(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		for at, c := range of.Containers() {
			say := func(pointer, what, where string) {
				f := emit(of.Object, pointer, "container %s has %s in %s", c.Name, what, where)
				f.Confidence = finding.Likely
				f.Hint = "valueFrom.secretKeyRef takes it from a Secret"
			}
			for i, v := range c.Env {
				pointer := at + patch.Pointer("env", i, "value")
				if what := shaped(v.Value); what != "" {
					say(pointer, what, "variable "+v.Name)
				} else if named(v.Name, v.Value) {
					say(pointer, "a secret, by its name,", "variable "+v.Name)
				}
			}
			for _, list := range []struct {
				field string
				words []string
			}{{"command", c.Command}, {"args", c.Args}} {
				before := ""
				for i, word := range list.words {
					if what := secretWord(before, word); what != "" {
						say(at+patch.Pointer(list.field, i), what, "its "+list.field)
					}
					before = word
				}
			}
		}
	}
}
