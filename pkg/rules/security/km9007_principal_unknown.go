// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9007", Slug: "principal-unknown", Severity: finding.Warning,
	Short: "AuthorizationPolicy names an identity that nobody has",
	Why: `A workload's identity is made of the mesh's trust domain, its namespace and the ServiceAccount its
pods run as: cluster.local/ns/shop/sa/cart. Pods that name no ServiceAccount run as default,
whatever their Deployment is called.

A value that no workload matches lets nobody in, and as the first ALLOW policy turns the default to
deny, it keeps everybody else out as well. In a DENY policy it stops nobody.`,
	Fix: `Give the caller a ServiceAccount of its own and set serviceAccountName in its pod template, or
write the identity that the caller has.`,
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source",
	Aliases:   []string{"KIA0106", "KIA0107"},
	Needs:     slices.Concat(accountKinds, []*model.Kind{model.AuthorizationPolicies.Kind}),
	Explains:  []string{"KM9009", "KM9010", "KM9013"},
	Check:     checkPrincipals,
	Repair:    repairPrincipal,
})

// doubt is why nobody matches a value.
type doubt struct {
	text, hint string
	absence    model.Absence
	// certain is false where the value may be meant for what is not in view.
	certain bool
	// account is the one named, if the value could be read.
	account account
	near    []*model.Workload
	// instead is what to write, empty if that is not known.
	instead string
}

func checkPrincipals(w *rules.World, emit rules.Emit) {
	who := newAccounts(w)
	view := newAuthz(w)
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		if ap.Value.Spec.GetAction() == securityv1.AuthorizationPolicy_CUSTOM {
			continue
		}
		dead := map[string]bool{}
		var found []*finding.Finding
		for _, v := range identities(&ap.Value.Spec) {
			d, doubtful := who.judge(v, ap.Ref.Namespace)
			if !doubtful {
				continue
			}
			dead[v.At] = true
			f := emit(ap.Object, v.At, "%s", d.text)
			f.Hint, f.Confidence = d.hint, finding.Likely
			f.Related = related(d)
			rules.Weigh(f, d.absence)
			if d.absence == model.Outside && len(d.near) > 0 {
				f.Severity = finding.Warning // what is meant is in the files, under another name
			}
			if d.absence == model.Proven && d.certain {
				found = append(found, f)
			}
		}
		if len(found) > 0 && locksOut(view, ap, dead) {
			for _, f := range found {
				f.Severity = finding.Error
				f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: ap.Where("/spec/rules"), Value: "no rule can match: every request is denied"})
			}
		}
	}
}

// related are the account that is missing and who may have been meant.
func related(d doubt) []ref.Ref {
	var out []ref.Ref
	if d.account.name != "" {
		out = append(out, d.account.ref())
	}
	return append(out, model.Refs(d.near)...)
}

// judge looks at one value of a policy of a namespace.
func (x *accounts) judge(v value, namespace string) (doubt, bool) {
	switch identityFields[v.Field] {
	case "account":
		ns, name, qualified := strings.Cut(v.Text, "/")
		if !qualified {
			ns, name = namespace, v.Text
		}
		if ns == "" || name == "" || strings.ContainsAny(v.Text, "*") {
			return doubt{}, false
		}
		return x.judgeAccount(v, account{ns, name}, func(a account) string { return a.namespace + "/" + a.name })
	case "principal":
		return x.judgePrincipal(v)
	}
	return doubt{}, false
}

func (x *accounts) judgePrincipal(v value) (doubt, bool) {
	if strings.HasPrefix(v.Text, "spiffe://") || v.Text == "" {
		return doubt{}, false // another mistake
	}
	p, ok := parsePrincipal(v.Text)
	if !ok {
		return x.judgeForm(v)
	}
	if p.TrustDomain != "*" && !strings.Contains(p.TrustDomain, "*") && !slices.Contains(x.trust, p.TrustDomain) {
		near := ref.Closest(p.TrustDomain, x.trust)
		if !x.trustKnown && len(near) == 0 {
			return doubt{}, false
		}
		d := doubt{absence: model.NotInSet, account: account{}}
		if x.trustKnown {
			d.absence = model.Proven
		}
		d.text = fmt.Sprintf("%s %q: trust domain %q is not the mesh's, which is %q", v.Field, v.Text, p.TrustDomain, x.trust[0])
		d.instead = principal{x.trust[0], p.Namespace, p.Account}.String()
		d.hint = fmt.Sprintf("write %s, unless the caller is in another mesh", d.instead)
		return d, true
	}
	if strings.Contains(p.Namespace+p.Account, "*") {
		return doubt{}, false
	}
	return x.judgeAccount(v, account{p.Namespace, p.Account}, func(a account) string {
		return principal{p.TrustDomain, a.namespace, a.name}.String()
	})
}

// judgeForm looks at a principal that is not of Istio's form. Another issuer of
// identities may use other paths; without any path, or with the beginning of
// Istio's own, it is certainly a mistake.
func (x *accounts) judgeForm(v value) (doubt, bool) {
	if strings.Contains(v.Text, "*") {
		return doubt{}, false
	}
	d := doubt{absence: model.Proven}
	d.text = fmt.Sprintf("%s %q is not the identity of a workload: expected %s", v.Field, v.Text, principal{"TRUST-DOMAIN", "NAMESPACE", "SERVICEACCOUNT"})
	var guess account
	switch parts := strings.FieldsFunc(v.Text, func(r rune) bool { return r == '/' || r == ':' }); {
	case strings.HasPrefix(v.Text, "system:serviceaccount:") && len(parts) == 4:
		guess, d.certain = account{parts[2], parts[3]}, true
	case strings.HasPrefix(v.Text, "ns/") && len(parts) == 4 && parts[2] == "sa":
		guess, d.certain = account{parts[1], parts[3]}, true
	case !strings.Contains(v.Text, "/"):
		d.certain = true
	}
	if guess.name != "" {
		d.instead = x.principal(guess).String()
		d.hint = "write " + d.instead
	}
	return d, true
}

// judgeAccount looks at a value that names a ServiceAccount; spell writes such
// a value for another account.
func (x *accounts) judgeAccount(v value, a account, spell func(account) string) (doubt, bool) {
	absence, exists, missing := x.missing(a)
	if !missing {
		return doubt{}, false
	}
	d := doubt{absence: absence, account: a, certain: true, near: x.near(a)}
	d.text = fmt.Sprintf("%s %q: %s %s, and no workload runs as it", v.Field, v.Text, a.ref(), absence)
	if exists {
		d.text = fmt.Sprintf("%s %q: no workload runs as %s", v.Field, v.Text, a.ref())
	}
	if len(d.near) > 0 {
		of := d.near[0]
		runs := account{of.Ref.Namespace, of.Account()}
		d.hint = fmt.Sprintf("%s runs as %s", of.Ref, x.principal(runs))
		if runs.name == a.name {
			d.instead = spell(runs)
		} else {
			d.hint += ": set serviceAccountName: " + a.name
		}
	} else if other, ok := x.closest(a); ok {
		d.hint, d.instead = "did you mean "+other.name+"?", spell(other)
	}
	return d, true
}

// locksOut reports whether an ALLOW policy that selects something has no rule
// left that could match, when the values at these places match nobody.
func locksOut(view *authz, ap model.Item[istiosecv1.AuthorizationPolicy], dead map[string]bool) bool {
	i := slices.IndexFunc(view.all, func(p policy) bool { return p.Object == ap.Object })
	if i < 0 || !view.all[i].allows() || len(view.workloads(view.all[i])) == 0 {
		return false
	}
	for r, rule := range ap.Value.Spec.GetRules() {
		if len(rule.GetFrom()) == 0 {
			return false
		}
		for j, from := range rule.GetFrom() {
			at := patch.Pointer("spec", "rules", r, "from", j, "source")
			s := from.GetSource()
			if !allDead(dead, at+"/principals", s.GetPrincipals()) && !allDead(dead, at+"/serviceAccounts", s.GetServiceAccounts()) {
				return false
			}
		}
	}
	return true
}

func allDead(dead map[string]bool, at string, values []string) bool {
	for i := range values {
		if !dead[at+patch.Pointer(i)] {
			return false
		}
	}
	return len(values) > 0
}

func repairPrincipal(w *rules.World, r rules.Result) []rules.Fix {
	ap, ok := model.AuthorizationPolicies.Of(r.On)
	if !ok {
		return nil
	}
	who := newAccounts(w)
	for _, v := range identities(&ap.Value.Spec) {
		if v.At != r.Pointer {
			continue
		}
		d, _ := who.judge(v, ap.Ref.Namespace)
		switch {
		case d.instead != "":
			return []rules.Fix{rules.Change(rules.Review, "write "+d.instead, r.On, patch.Op{Op: patch.Replace, Path: v.At, Value: d.instead})}
		case len(d.near) > 0:
			return []rules.Fix{runAs(w, d.near[0], d.account)}
		}
	}
	return nil
}

// runAs gives a workload a ServiceAccount of its own.
func runAs(w *rules.World, of *model.Workload, a account) rules.Fix {
	op := patch.Op{Op: patch.Add, Path: of.SpecAt() + "/serviceAccountName", Value: a.name}
	if of.Spec().ServiceAccountName != "" {
		op.Op = patch.Replace
	}
	fix := rules.Change(rules.Review, fmt.Sprintf("run %s as ServiceAccount %s", of.Ref, a.name), of.Object, op)
	if _, found := model.ServiceAccounts.Get(w.Snapshot, a.namespace, a.name); !found {
		fix.Creates = []map[string]any{{
			"apiVersion": "v1", "kind": "ServiceAccount",
			"metadata": map[string]any{"name": a.name, "namespace": a.namespace},
		}}
	}
	return fix
}
