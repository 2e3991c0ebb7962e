// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package hygiene holds what the linters of manifests ask for and no other
// family has: together with those it is the union of kube-linter, kube-score,
// Polaris and the controls of kubescape that can judge files. Package lint says
// which rule stands for which of their checks. A few rules are our own.
//
// Nothing that they find is broken, so that they run only when they are named, as
// "scaffold lint" does. A rule says by its aliases who asks for it; linters that
// mean the same are one rule, and where one of them asks for more than the others
// there is a second one for the rest.
package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// add takes a rule into the family. Its findings are notes, and latent: nothing
// hurts now.
func add(r rules.Rule) *rules.Rule {
	r.Hygiene, r.Severity = true, finding.Info
	check := r.Check
	r.Check = func(w *rules.World, emit rules.Emit) {
		check(w, func(on *model.Object, pointer, format string, args ...any) *finding.Finding {
			f := emit(on, pointer, format, args...)
			f.State = finding.Latent
			return f
		})
	}
	return family.Add(r)
}
