// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1524", Slug: "duplicate-variable",
	Short: "Variable is set twice",
	Why: `The last one counts, and kubectl apply, which merges the list by name, may put them into another order or drop
one: what the program gets depends on how it was deployed.`,
	Fix:       "Remove all but the one that is meant.",
	Reference: "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",
	Aliases:   []string{"kube-linter:duplicate-env-var", "kube-score:environment-variable-key-duplication", "kubescape:C-0295"},
	Needs:     model.WorkloadKinds,
	Check:     checkDuplicateVariables,
	Repair:    dropDuplicate,
})

func checkDuplicateVariables(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		for at, c := range of.Containers() {
			seen := map[string]bool{}
			for i, v := range c.Env {
				if v.Name != "" && seen[v.Name] {
					emit(of.Object, at+patch.Pointer("env", i), "container %s has variable %s twice: the last one counts", c.Name, v.Name)
				}
				seen[v.Name] = true
			}
		}
	}
}

// dropDuplicate removes a variable that says the same as an earlier one.
func dropDuplicate(w *rules.World, r rules.Result) []rules.Fix {
	list, _ := patch.Split(r.Pointer)
	all, _ := patch.Get(r.On.Raw(), list)
	this, err := patch.Get(r.On.Raw(), r.Pointer)
	items, isList := all.([]any)
	if err != nil || !isList || !editable(w, r) {
		return nil
	}
	same := slices.DeleteFunc(slices.Clone(items), func(other any) bool { return !patch.Equal(other, this) })
	if len(same) < 2 {
		return nil // which of the two is meant, nobody can tell
	}
	return []rules.Fix{rules.Change(rules.Safe, "remove the variable that is there twice", r.On, patch.Op{Op: patch.Remove, Path: r.Pointer})}
}
