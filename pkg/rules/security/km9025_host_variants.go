// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9025", Slug: "host-variants", Severity: finding.Warning,
	Short: "AuthorizationPolicy names a host in one of the ways that clients write it",
	Why: `A host in a policy is compared with what the client sends, port and all. A request for
shop.example.com:443 does not match shop.example.com, so that a DENY rule for the name is passed by with
a port. A Service has several names: cart, cart.shop, cart.shop.svc and the whole; an ALLOW rule for one
of them keeps out who uses another.`,
	Fix:       "Name each host twice, with and without a port: shop.example.com and shop.example.com:*.",
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/#host-match-policies",
	Needs:     []*model.Kind{model.AuthorizationPolicies.Kind, model.Services.Kind},
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkHosts,
	Repair:    repairHosts,
})

func checkHosts(w *rules.World, emit rules.Emit) {
	for _, p := range every(w) {
		for _, l := range lists(p.spec()) {
			if !l.is("hosts") {
				continue
			}
			if p.keepsOut(l) {
				if lack := withoutPort(l.Texts); len(lack) > 0 {
					f := emit(p.Object, l.At, "%s of %s does not match a request that names a port: it passes by with Host: %s", l.Field, shorten(lack), lack[0]+":80")
					f.Confidence = finding.Likely
					f.Hint = "add " + lack[0] + ":*"
				}
				continue
			}
			if p.letsIn(l) {
				checkServiceNames(w, p, l, emit)
			}
		}
	}
}

// withoutPort are the hosts of a list that nothing in it matches with a port.
func withoutPort(hosts []string) []string {
	return slices.DeleteFunc(slices.Clone(hosts), func(h string) bool {
		return h == "" || strings.ContainsAny(h, ":*") || anyOf(hosts, func(other string) truth { return known(h+":80", other) }) == yes
	})
}

// checkServiceNames looks for names of the same Service that a list leaves out.
func checkServiceNames(w *rules.World, p policy, l list, emit rules.Emit) {
	for i, text := range l.Texts {
		host, _, _ := strings.Cut(text, ":")
		svc, found := w.ServiceNamed(host, p.Ref.Namespace)
		if !found {
			continue
		}
		lack := slices.DeleteFunc(namesOf(w, svc.Ref), func(name string) bool {
			return anyOf(l.Texts, func(other string) truth { return known(name, strings.TrimSuffix(other, ":*")) }) == yes
		})
		if len(lack) == 0 {
			return
		}
		f := emit(p.Object, l.At+patch.Pointer(i), "callers that use another name of %s are not let in: %s", svc.Ref, strings.Join(lack, ", "))
		f.Severity, f.Confidence = finding.Info, finding.Possible
		f.Related = []ref.Ref{svc.Ref}
		f.Hint = "the workload is selected already: leave hosts out, or name all of them"
		return // once a list
	}
}

// namesOf are the ways to write a Service.
func namesOf(w *rules.World, svc ref.Ref) []string {
	long := svc.Name + "." + svc.Namespace
	return []string{svc.Name, long, long + ".svc", w.ServiceFQDN(svc.Namespace, svc.Name)}
}

func repairHosts(_ *rules.World, r rules.Result) []rules.Fix {
	if r.Severity == finding.Info {
		return nil
	}
	value, err := patch.Get(r.On.Raw(), r.Pointer)
	all, isList := value.([]any)
	if err != nil || !isList {
		return nil
	}
	var texts []string
	for _, v := range all {
		text, _ := v.(string)
		texts = append(texts, text)
	}
	var ops []patch.Op
	for _, host := range withoutPort(texts) {
		ops = append(ops, patch.Op{Op: patch.Add, Path: r.Pointer + "/-", Value: host + ":*"})
	}
	if len(ops) == 0 {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "name the hosts with any port too", r.On, ops...)}
}
