// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9022", Slug: "service-account-syntax", Severity: finding.Error,
	Short: "AuthorizationPolicy names ServiceAccounts in a way that Istio does not take",
	Why: `The values of serviceAccounts are NAMESPACE/NAME, or NAME for one of the policy's namespace. There are
no wildcards, there may be 16 of them, and principals and namespaces have no place beside them in one
source. Istio's webhook refuses what is not so; where it is not asked, the value matches nobody.`,
	Fix:       "Write shop/cart. Give principals and namespaces an element of from of their own, and use principals for wildcards.",
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source",
	Needs:     []*model.Kind{model.AuthorizationPolicies.Kind},
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkAccountSyntax,
	Repair:    repairAccountSyntax,
})

// maxAccounts is the limit of the API for one list.
const maxAccounts = 16

func checkAccountSyntax(w *rules.World, emit rules.Emit) {
	for _, p := range every(w) {
		all := lists(p.spec())
		for _, l := range all {
			if !l.is("serviceAccounts", "source.serviceAccount") {
				continue
			}
			for i, text := range l.Texts {
				if why, instead := wrongAccount(text); why != "" {
					f := emit(p.Object, l.At+patch.Pointer(i), "%s %q: %s", l.Field, text, why)
					if instead != "" {
						f.Hint = "write " + instead
					}
				}
			}
			if len(l.Texts) > maxAccounts && l.is("serviceAccounts") {
				f := emit(p.Object, l.At, "%s has %d values, the API takes %d", l.Field, len(l.Texts), maxAccounts)
				f.Hint = "spread them over several elements of from"
			}
			source, _ := patch.Split(l.At)
			for _, other := range all {
				if at, _ := patch.Split(other.At); at == source && l.is("serviceAccounts") && other.is("principals", "namespaces") {
					f := emit(p.Object, l.At, "%s and %s are in one source, which the API refuses", l.Field, other.Field)
					f.Hint = "give each an element of from of its own: these are joined by or"
				}
			}
		}
	}
}

// wrongAccount says why a value names no ServiceAccount, and what to write.
func wrongAccount(text string) (why, instead string) {
	if p, ok := parsePrincipal(strings.TrimPrefix(text, spiffe)); ok {
		return "this is a principal, a ServiceAccount is NAMESPACE/NAME", p.Namespace + "/" + p.Account
	}
	namespace, name, qualified := strings.Cut(text, "/")
	switch {
	case strings.Contains(text, "*"):
		return "there are no wildcards, it matches nobody", ""
	case strings.Contains(name, "/"), text == "", qualified && (namespace == "" || name == ""):
		return "expected NAME or NAMESPACE/NAME", ""
	case strings.HasPrefix(text, "system:serviceaccount:"):
		return "this is a name of RBAC, a ServiceAccount is NAMESPACE/NAME", strings.ReplaceAll(strings.TrimPrefix(text, "system:serviceaccount:"), ":", "/")
	}
	return "", ""
}

func repairAccountSyntax(_ *rules.World, r rules.Result) []rules.Fix {
	text, _ := r.Text()
	if _, instead := wrongAccount(text); text != "" && instead != "" {
		return []rules.Fix{r.Replace(rules.Review, fmt.Sprintf("write %s", instead), instead)}
	}
	return nil
}
