// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package posture holds the rules of the security audit: nothing that they find
// is broken, but somebody who breaks in gets further than they had to. They are
// hygiene and run only when they are named, as "secure audit" does.
//
// Level, which the rules about pods rest on, says which of the Pod Security
// Standards a pod meets.
package posture

import (
	"strconv"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// add takes a rule into the family. Its findings are latent: they wait for
// somebody who breaks in.
func add(r rules.Rule) *rules.Rule {
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

// standards is where the Pod Security Standards are.
const standards = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"

func decimal(n int32) string { return strconv.Itoa(int(n)) }
