// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// grant is what is added for a workload that somebody has closed, without
// closing anything.
type grant struct {
	of      *model.Workload
	in, out []netRule
	access  []accessRule
	whys    []string
}

func (g *generator) granted(of *model.Workload, why string) *grant {
	x := g.grants[of]
	if x == nil {
		x = &grant{of: of}
		g.grants[of] = x
	}
	if !slices.Contains(x.whys, why) {
		x.whys = append(x.whys, why)
	}
	return x
}

// granting are the grants, in the order of the workloads.
func (g *generator) granting() []*grant {
	return slices.SortedFunc(maps.Values(g.grants), func(a, b *grant) int { return ref.Compare(a.of.Ref, b.of.Ref) })
}

// replaced is the name of our policy for a workload if a draft replaces it, so
// that it does not count as closing anything; empty otherwise.
func (g *generator) replaced(of *model.Workload) string {
	if d := g.byWorkload[of]; d != nil {
		return d.name
	}
	return ""
}

// grant adds a rule for a direction that somebody has closed, as far as no other
// policy lets it through.
func (g *generator) grant(of *model.Workload, d direction, rule netRule, why string) {
	if g.closing || !g.o.Layers.has(Network) || len(rule.peers) == 0 {
		return
	}
	closing := g.isolating(of, d, g.replaced(of))
	if rule = g.lacking(of, d, closing, rule); len(closing) == 0 || len(rule.peers) == 0 {
		return
	}
	x := g.granted(of, why)
	if d == ingress {
		x.in = append(x.in, rule)
	} else {
		x.out = append(x.out, rule)
	}
}

// grantAccess adds a rule where AuthorizationPolicies let in only whom they name.
// Where one names the caller already, its limits are meant: whole is true for a
// rule that was asked for in so many words.
func (g *generator) grantAccess(of *model.Workload, rule accessRule, why string, whole bool) {
	if g.closing || !g.o.Layers.has(Authorization) {
		return
	}
	limiting := g.authorizing(of, allow, g.replaced(of))
	all := slices.DeleteFunc(slices.Clone(limiting), func(p authorization) bool {
		return !matchesAll(labels.SelectorFromSet(p.Value.Spec.GetSelector().GetMatchLabels()), of)
	})
	if len(limiting) == 0 || admitted(all, rule, whole) {
		return
	}
	x := g.granted(of, why)
	x.access = append(x.access, rule)
}

// writeGrant adds the rules to our policy if there is one, else makes one.
func (g *generator) writeGrant(x *grant) {
	by, err := g.selector(x.of)
	if err != nil {
		g.errs = append(g.errs, err)
		return
	}
	ns, name := x.of.Ref.Namespace, g.policyName(x.of)
	if len(x.in)+len(x.out) > 0 {
		spec := map[string]any{"podSelector": selects(by)}
		var kinds []any
		if len(x.in) > 0 {
			kinds, spec["ingress"] = append(kinds, string(ingress)), netValues(x.in, "from", ns)
		}
		if len(x.out) > 0 {
			kinds, spec["egress"] = append(kinds, string(egress)), netValues(x.out, "to", ns)
		}
		spec["policyTypes"] = kinds
		g.extend(object(model.NetworkPolicies.Kind, ns, name, spec, workloadAnnotation, endOf(x.of).text(ns)), x.whys, "ingress", "egress", "policyTypes")
	}
	if len(x.access) > 0 {
		spec := map[string]any{"action": "ALLOW", "selector": map[string]any{"matchLabels": texts(by)}, "rules": accessValues(x.access)}
		g.extend(object(model.AuthorizationPolicies.Kind, ns, name, spec, workloadAnnotation, endOf(x.of).text(ns)), x.whys, "rules")
	}
}

// extend adds an object, or where we have made one of the name, what the lists
// of its spec lack.
func (g *generator) extend(o Object, whys []string, lists ...string) {
	old, exists := g.Object(o.Ref)
	if !exists || !ours(old) {
		g.add(o, whys)
		return
	}
	c, err := extension(old, o, whys, lists...)
	if err != nil {
		g.errs = append(g.errs, err)
		return
	}
	if !c.Noop() {
		g.set.Changes = append(g.set.Changes, c)
	}
}

// extension is the patch that adds what lists of a spec lack. It tests each list
// it adds to, so that it fails when somebody has changed it since.
func extension(old *model.Object, o Object, whys []string, lists ...string) (plan.Change, error) {
	raw := old.Raw()
	spec := o.Value["spec"].(map[string]any)
	var ops []patch.Op
	for _, field := range lists {
		want, _ := spec[field].([]any)
		at := "/spec/" + field
		have, err := patch.Get(raw, at)
		got, isList := have.([]any)
		if err == nil && have != nil && !isList {
			return plan.Change{}, fault.Failedf("expected a list in %s of %s", field, old.Ref).At(old.Where(at))
		}
		missing := slices.DeleteFunc(slices.Clone(want), func(v any) bool {
			return slices.ContainsFunc(got, func(other any) bool { return patch.Equal(v, other) })
		})
		if len(missing) == 0 {
			continue
		}
		if isList {
			ops = append(ops, patch.Op{Op: patch.Test, Path: at, Value: have})
		}
		ops = append(ops, patch.Op{Op: patch.Add, Path: at, Value: slices.Concat(got, missing)})
	}
	why := ""
	if len(whys) > 0 {
		why = whys[0]
	}
	return plan.New(old.Ref, raw, ops, why)
}
