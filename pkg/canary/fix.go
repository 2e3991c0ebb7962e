// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// versionLabel is Istio's convention for the label that tells versions apart.
const versionLabel = "version"

// gap is the subsets of one host that the pair needs and no rule defines.
type gap struct {
	host    string
	subsets []string
	// known is what is defined for the host so far.
	known model.Destination
}

// checkSubsets refuses to send traffic to a subset that no DestinationRule
// defines: Envoy has no cluster for it and answers 503. With Fix it plans the
// subset instead. The stable subset is checked as well, since a route to it may
// never have worked.
func checkSubsets(c inspection) {
	if !c.raising() {
		return
	}
	for _, g := range c.undefined() {
		object, at := c.place(c.Pair.Canary)
		reason := c.unknownRules()
		switch {
		case len(g.known.Rules) == 0 && reason != "" && (!c.in.Fix || !c.Partial):
			c.found(ruleSubset, finding.Warning, object, at,
				fmt.Sprintf("whether a DestinationRule defines subset %s is unknown: %s", strings.Join(g.subsets, " and "), reason), "", "")
		case c.in.Fix && c.fixable(g):
			*c.fixes = append(*c.fixes, c.define(g))
		case !c.in.Fix:
			c.found(ruleSubset, finding.Error, object, at,
				fmt.Sprintf("no DestinationRule for %s defines subset %s: its requests would get 503", g.host, strings.Join(g.subsets, " or ")),
				c.wanted(g), "")
		}
	}
}

// undefined groups the missing subsets of the pair by host. A host that stands
// for nothing is its own finding.
func (c inspection) undefined() []gap {
	var out []gap
	for _, b := range c.legs() {
		known := c.Destination(b.Host, c.Target.Namespace)
		o, _ := c.place(b)
		_, found := known.Subset(b.Subset)
		if found || b.Subset == "" || c.Resolve(b.Host, o.Ref.Namespace).Problem != "" {
			continue
		}
		if i := slices.IndexFunc(out, func(g gap) bool { return g.host == b.Host }); i >= 0 {
			out[i].subsets = append(out[i].subsets, b.Subset)
		} else {
			out = append(out, gap{b.Host, []string{b.Subset}, known})
		}
	}
	return out
}

// unknownRules says why DestinationRules may exist that are not in the Snapshot.
func (c inspection) unknownRules() string {
	if g, gap := c.Gap(model.DestinationRules.GroupKind, ""); gap {
		return g.Reason
	}
	if c.Partial {
		return "the files hold no DestinationRule for it"
	}
	return ""
}

// wanted says what --fix would add.
func (c inspection) wanted(g gap) string {
	if change := c.define(g); change.Verb == plan.Apply {
		text, _ := yaml.Marshal(change.After) // decoded JSON always encodes
		return "add --fix to apply this:\n" + strings.TrimSuffix(string(text), "\n")
	}
	return fmt.Sprintf("add --fix to define it in %s at %s", g.known.Rules[0].Ref, g.known.Rules[0].Where("/spec"))
}

// labelKey is the label by which the stable subset is selected if its value is
// the subset's name, else Istio's convention.
func (c inspection) labelKey() string {
	sub, _ := c.Destination(c.Pair.Stable.Host, c.Target.Namespace).Subset(c.Pair.Stable.Subset)
	for _, k := range slices.Sorted(maps.Keys(sub.Labels)) {
		if sub.Labels[k] == c.Pair.Stable.Subset {
			return k
		}
	}
	return versionLabel
}

// fixable refuses a fix that would break more than it cures: a subset without
// pods, or a rule of our own that hides a wildcard rule and its policy. In a
// world of files pods are judged by their templates, which may be elsewhere.
func (c inspection) fixable(g gap) bool {
	object, at := c.place(c.Pair.Canary)
	if len(g.known.Rules) > 0 && c.FQDN(g.known.Rules[0].Value.Spec.Host, g.known.Rules[0].Ref.Namespace) != g.host {
		c.found(ruleSubset, finding.Error, object, at,
			fmt.Sprintf("--fix cannot define subset %s: %s covers %s by a wildcard, and a rule for the host alone would hide its policy",
				g.subsets[0], g.known.Rules[0].Ref, g.host), "write a DestinationRule for the host with that policy and the subsets", "")
		return false
	}
	ok := true
	for _, subset := range g.subsets {
		if empty, severity := c.withoutPods(g.host, subset); empty {
			c.found(ruleSubsetPods, severity, object, at,
				fmt.Sprintf("subset %s as --fix defines it selects nothing: no pod behind %s has the label %s=%s", subset, g.host, c.labelKey(), subset),
				"give the pods of that version the label", "")
			ok = ok && severity != finding.Error
		}
	}
	return ok
}

// withoutPods reports whether a subset would select nothing, and how bad that
// is: certain where there are endpoints, a warning where there are but templates.
func (c inspection) withoutPods(host, subset string) (bool, finding.Severity) {
	ns, name, _ := c.ServiceName(host)
	svc, found := model.Services.Get(c.Snapshot, ns, name)
	if !found {
		return false, finding.Info
	}
	if c.Partial {
		templates := templatesBehind(c.Snapshot, svc)
		match := slices.ContainsFunc(templates, func(labels map[string]string) bool { return labels[c.labelKey()] == subset })
		return len(templates) > 0 && !match, finding.Warning
	}
	ready := c.Backing(svc, map[string]string{c.labelKey(): subset})
	return !ready.Unknown() && ready.Total == 0, finding.Error
}

// define plans the missing subsets: inside the rule of the same files, or in a
// live cluster as a DestinationRule of our own beside the user's. Istio
// concatenates the subsets of several rules of a host in one namespace and
// keeps the first rule's policy (pilot/pkg/model/destination_rule.go).
func (c inspection) define(g gap) plan.Change {
	var subsets []any
	for _, name := range g.subsets {
		subsets = append(subsets, map[string]any{"name": name, "labels": map[string]any{c.labelKey(): name}})
	}
	reason := "defines subset " + strings.Join(g.subsets, " and ")
	for _, rule := range g.known.Rules {
		if !rule.Live() {
			if change, err := plan.New(rule.Ref, rule.Raw(), appendSubsets(rule.Raw(), subsets), reason); err == nil {
				return change
			}
		}
	}
	return c.ownRule(g, subsets, reason)
}

// ownRule names the DestinationRule that --fix makes for a target.
func (t Target) ownRule() string { return "micro-" + t.Name }

// ownRule applies a DestinationRule that is wholly ours, in the namespace of
// the user's: rules of two namespaces are not merged, the nearer one counts.
func (c inspection) ownRule(g gap, subsets []any, reason string) plan.Change {
	object := ref.Ref{
		Group: model.IstioNetworking, Version: model.DestinationRules.Versions[0], Kind: model.DestinationRules.Kind.Kind,
		Namespace: c.Target.Namespace, Name: c.Target.ownRule(),
	}
	if o := c.first().Object.Ref; o.Group == model.IstioNetworking {
		object.Version = cmp.Or(o.Version, object.Version)
	}
	spec := map[string]any{"host": g.host}
	if len(g.known.Rules) > 0 {
		object.Namespace = g.known.Rules[0].Ref.Namespace
		// Only rules that the same clients see are merged.
		if exportTo, found, _ := unstructured.NestedSlice(g.known.Rules[0].Raw(), "spec", "exportTo"); found {
			spec["exportTo"] = exportTo
		}
	}
	change := plan.Change{Object: object, Verb: plan.Apply, Reason: reason}
	if old, found := c.Object(object); found {
		change.Before = old.Raw()
		kept, _, _ := unstructured.NestedSlice(old.Raw(), "spec", "subsets")
		subsets = append(kept, subsets...)
	}
	spec["subsets"] = subsets
	change.After = map[string]any{
		"apiVersion": object.APIVersion(), "kind": object.Kind,
		"metadata": map[string]any{"name": object.Name, "namespace": object.Namespace},
		"spec":     spec,
	}
	return change
}

// appendSubsets returns the operations that add subsets to a rule.
func appendSubsets(rule map[string]any, subsets []any) []patch.Op {
	if list, err := patch.Get(rule, "/spec/subsets"); err != nil || list == nil {
		return []patch.Op{{Op: patch.Add, Path: "/spec/subsets", Value: subsets}}
	}
	var ops []patch.Op
	for _, s := range subsets {
		ops = append(ops, patch.Op{Op: patch.Add, Path: "/spec/subsets/-", Value: s})
	}
	return ops
}

// checkLeftRule tells of the DestinationRule that --fix made: it stays after an
// abort, because its subsets may be in use by now.
func checkLeftRule(c inspection) {
	name := c.Target.ownRule()
	for _, r := range model.DestinationRules.In(c.Snapshot, "") {
		if r.Ref.Name == name && c.FQDN(r.Value.Spec.Host, r.Ref.Namespace) == c.Pair.Canary.Host {
			c.found(ruleSubset, finding.Info, r.Object, "",
				fmt.Sprintf("--fix made it and it stays; when nothing uses its subsets: kubectl delete destinationrule %s -n %s", name, r.Ref.Namespace), "", "")
		}
	}
}
