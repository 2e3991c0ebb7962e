// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9020", Slug: "spiffe-prefix", Severity: finding.Error,
	Short: "AuthorizationPolicy writes a principal with spiffe://",
	Why: `A principal in a policy is what comes after spiffe:// in the identity of the certificate. Istio puts the
prefix in front by itself, so that a value which has it already never matches: an ALLOW rule lets
nobody in by it, a DENY rule stops nobody.`,
	Fix:       "Write cluster.local/ns/shop/sa/cart, without spiffe://.",
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source",
	Needs:     []*model.Kind{model.AuthorizationPolicies.Kind},
	Explains:  []string{"KM9007", "KM9009", "KM9010", "KM9013"},
	Check:     checkPrefixes,
	Repair:    repairPrefix,
})

const spiffe = "spiffe://"

func checkPrefixes(w *rules.World, emit rules.Emit) {
	for _, p := range every(w) {
		for _, l := range lists(p.spec()) {
			if !l.is("principals", "source.principal") {
				continue
			}
			for i, text := range l.Texts {
				if instead, has := strings.CutPrefix(text, spiffe); has {
					f := emit(p.Object, l.At+patch.Pointer(i), "%s %q never matches: principals are written without %s", l.Field, text, spiffe)
					f.Hint = "write " + instead
				}
			}
		}
	}
}

func repairPrefix(_ *rules.World, r rules.Result) []rules.Fix {
	text, _ := r.Text()
	instead, has := strings.CutPrefix(text, spiffe)
	if !has {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "write "+instead, instead)}
}
