// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8002", Slug: "subset-missing", Severity: finding.Error,
	Short: "VirtualService routes to a subset that no DestinationRule defines",
	Why: `Istio makes one cluster for each subset of the DestinationRule that the caller sees. A route
to a subset that none defines points at a cluster that does not exist: Envoy answers 503 with the
flag NC to every request the route takes.

Which DestinationRule counts depends on the caller: the one in its own namespace wins over that of
the service's namespace, and that over the root namespace's; exportTo can hide a rule.`,
	Fix: `Define the subset in the DestinationRule of the host, with labels that pods of the Service
carry, or drop the subset from the route.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination",
	Aliases:   []string{"IST0101", "KIA1107"},
	Needs:     subsetNeeds,
	Explains:  []string{"KM8022"},
	Check:     checkSubsets,
	Repair:    repairSubset,
})

// subsetNeeds are the kinds that say whether a subset is defined and what it selects.
var subsetNeeds = append([]*model.Kind{
	model.VirtualServices.Kind, model.DestinationRules.Kind, model.Services.Kind, model.ServiceEntries.Kind,
}, model.WorkloadKinds...)

func checkSubsets(w *rules.World, emit rules.Emit) {
	c := newClients(w)
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for _, p := range grouped(w, vs, routed(&vs.Value.Spec), true) {
			if p.subset == "" || p.fqdn == "" {
				continue
			}
			if !c.defined(vs, p) {
				undefined(c, emit, vs, p)
			} else if _, own := c.view(p.fqdn, vs.Ref.Namespace).Subset(p.subset); own {
				undefinedElsewhere(c, emit, vs, p)
			}
		}
	}
}

// defined reports whether the callers beside a VirtualService have a subset.
// Which namespace the callers at a gateway are in depends on where its pods
// run, so that for them the Service's own rule counts as well.
func (c *clients) defined(vs virtualService, p places) bool {
	if _, ok := c.view(p.fqdn, vs.Ref.Namespace).Subset(p.subset); ok || bound(vs).mesh {
		return ok
	}
	for _, ns := range append(c.withRules(p.fqdn), c.owner(p.fqdn)) {
		if _, ok := c.view(p.fqdn, ns).Subset(p.subset); ok {
			return true
		}
	}
	return false
}

// undefined reports a subset that callers in the namespace of the VirtualService miss.
func undefined(c *clients, emit rules.Emit, vs virtualService, p places) {
	w, d, name := c.w, p.all[0], nameOf(c.w, p.fqdn, vs.Ref.Namespace)
	if c.unknown(p.fqdn, vs.Ref.Namespace) {
		return
	}
	var f *finding.Finding
	if view := c.view(p.fqdn, vs.Ref.Namespace); len(view.Rules) > 0 {
		rule := view.Rules[0]
		f = emit(vs.Object, d.at+"/subset", "subset %q of host %s is not defined: %s defines %s", p.subset, name, rule.Ref, listed(subsetNames(view), "no subset"))
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: rule.Where("/spec/subsets"), Value: listed(subsetNames(view), "no subset")})
		f.Related = append(f.Related, rule.Ref)
		if near := closest(p.subset, subsetNames(view)); len(near) > 0 {
			f.Hint = "did you mean " + near[0] + "?"
		}
	} else {
		absence := w.Absence(model.DestinationRules.Kind, vs.Ref.Namespace)
		f = emit(vs.Object, d.at+"/subset", "subset %q of host %s is not defined: a DestinationRule for the host %s", p.subset, name, absence)
		f.Related = append(f.Related, model.DestinationRules.Ref(vs.Ref.Namespace, name))
		rules.Weigh(f, absence)
	}
	f.Reason = "subset " + p.subset + " of " + p.fqdn
	if service, ok := serviceRef(w, p.fqdn); ok {
		f.Related = append(f.Related, service)
	}
	if hint := invisible(c, vs, p, f); f.Hint == "" && hint != "" {
		f.Hint = hint
	}
	if f.Hint == "" {
		f.Hint = carriedHint(w, p, f)
	}
}

// invisible finds the rule that does define the subset, for other callers.
func invisible(c *clients, vs virtualService, p places, f *finding.Finding) string {
	for _, ns := range c.withRules(p.fqdn) {
		sub, ok := c.view(p.fqdn, ns).Subset(p.subset)
		if !ok {
			continue
		}
		f.Related = append(f.Related, sub.Rule.Ref)
		if !model.Exported(sub.Rule.Value.Spec.GetExportTo(), ns, vs.Ref.Namespace) {
			return sub.Rule.Ref.String() + " defines it, but its exportTo hides it from namespace " + vs.Ref.Namespace
		}
		return sub.Rule.Ref.String() + " defines it, but does not count for callers in namespace " + vs.Ref.Namespace
	}
	return ""
}

// carriedHint says which pods the subset could stand for.
func carriedHint(w *rules.World, p places, f *finding.Finding) string {
	host := w.Resolve(p.fqdn, "")
	ns, name, _ := w.ServiceName(p.fqdn)
	svc, found := model.Services.Get(w.Snapshot, ns, name)
	if host.Entry != nil || ns == "" {
		return ""
	}
	var b backing
	if found {
		b, _ = behind(w, svc)
	}
	if len(b.sets) == 0 {
		return unversioned(w, ns)
	}
	for _, o := range b.Workloads {
		f.Related = append(f.Related, o.Ref)
	}
	want, carried := b.labelled(p.subset)
	versions := b.values(versionLabel)
	switch {
	case carried:
		return "pods of " + svc.Ref.String() + " carry " + pairs(want) + ": define the subset with it"
	case len(versions) > 0:
		return "pods of " + svc.Ref.String() + " carry version " + strings.Join(versions, ", ") + ", none carries " + p.subset
	}
	return "no pod of " + svc.Ref.String() + " carries a label " + versionLabel + ": the pod templates need one before a subset can select by it"
}

// unversioned says so where no pod of a namespace is labelled with a version.
func unversioned(w *rules.World, namespace string) string {
	all := w.Workloads(namespace)
	if len(all) == 0 || slices.ContainsFunc(all, func(o *model.Workload) bool { return o.Template.Labels[versionLabel] != "" }) {
		return ""
	}
	return "no workload of namespace " + namespace + " carries a label " + versionLabel + ": the pod templates need one before a subset can select by it"
}

// undefinedElsewhere reports a subset that callers of other namespaces miss.
func undefinedElsewhere(c *clients, emit rules.Emit, vs virtualService, p places) {
	own, _ := c.view(p.fqdn, vs.Ref.Namespace).Subset(p.subset)
	for _, ns := range c.others(vs, p.fqdn) {
		view := c.view(p.fqdn, ns)
		if _, ok := view.Subset(p.subset); ok || c.unknown(p.fqdn, ns) {
			continue
		}
		name := nameOf(c.w, p.fqdn, vs.Ref.Namespace)
		var f *finding.Finding
		switch {
		case len(view.Rules) > 0:
			rule := view.Rules[0]
			f = emit(vs.Object, p.all[0].at+"/subset", "subset %q of host %s is not defined for callers in namespace %s: there %s wins and defines %s",
				p.subset, name, ns, rule.Ref, listed(subsetNames(view), "no subset"))
			f.Related = append(f.Related, rule.Ref)
			f.Hint = "define the subset in " + rule.Ref.String() + " too, or limit exportTo of " + vs.Ref.String()
		case c.w.Partial:
			continue // the rule that answers for the others may be in other files
		default:
			f = emit(vs.Object, p.all[0].at+"/subset", "subset %q of host %s is defined for callers in namespace %s only: others do not see %s",
				p.subset, name, own.Rule.Ref.Namespace, own.Rule.Ref)
			f.Severity = finding.Warning
			f.Hint = "define the subset in namespace " + ns + ", the Service's own, or limit exportTo of " + vs.Ref.String() + ` to "."`
		}
		f.Confidence = finding.Likely
		f.Reason = "subset " + p.subset + " of " + p.fqdn + " in " + ns
		f.Related = append(f.Related, own.Rule.Ref)
	}
}
