// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// versionLabel is Istio's convention for the label that tells versions apart.
const versionLabel = "version"

// checkSubsets refuses to send traffic to a subset that no DestinationRule
// defines: Envoy has no cluster for it and answers 503. With Fix it plans the
// subset instead. The stable subset is checked as well, since a route to it may
// never have worked.
func checkSubsets(c inspection) {
	if !c.raising() {
		return
	}
	var missing []traffic.Backend
	for _, b := range c.legs() {
		if b.Subset == "" {
			continue
		}
		d := c.Destination(b.Host, c.Target.Namespace)
		if _, found := d.Subset(b.Subset); found {
			continue
		}
		if len(d.Rules) == 0 && c.unknownRules() != "" {
			c.found("KM8002", finding.Warning, c.first().Object, c.first().Pointer,
				fmt.Sprintf("whether subset %s is defined is unknown: %s", b.Subset, c.unknownRules()), "", "")
			continue
		}
		missing = append(missing, b)
	}
	if len(missing) == 0 {
		return
	}
	if c.in.Fix && c.evidence(missing) {
		*c.fixes = append(*c.fixes, c.define(missing))
		return
	}
	for _, b := range missing {
		c.found("KM8002", finding.Error, c.first().Object, c.first().Pointer,
			fmt.Sprintf("no DestinationRule for %s defines subset %s: its requests would get 503", b.Host, b.Subset),
			fmt.Sprintf("add --fix to define it, or apply a DestinationRule with host %s and the subset {name: %s, labels: {%s: %s}}",
				b.Host, b.Subset, c.labelKey(), b.Subset), "")
	}
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

// labelKey is the label by which the stable subset is selected if its value is
// the subset's name, else Istio's convention.
func (c inspection) labelKey() string {
	sub, _ := c.Destination(c.Pair.Stable.Host, c.Target.Namespace).Subset(c.Pair.Stable.Subset)
	for k, v := range sub.Labels {
		if v == c.Pair.Stable.Subset {
			return k
		}
	}
	return versionLabel
}

// evidence refuses a fix that would define a subset without pods. In a world of
// files there are no pods to look at, and the label is taken on trust.
func (c inspection) evidence(missing []traffic.Backend) bool {
	if c.Partial {
		return true
	}
	ok := true
	for _, b := range missing {
		svc, found := c.service(b)
		ready := c.Backing(svc, map[string]string{c.labelKey(): b.Subset})
		if found && !ready.Unknown() && ready.Total == 0 {
			c.found("KM8003", finding.Error, c.first().Object, c.first().Pointer,
				fmt.Sprintf("--fix cannot define subset %s: no pod of %s has the label %s=%s", b.Subset, svc.Ref, c.labelKey(), b.Subset),
				"give the pods of the new version that label", "")
			ok = false
		}
	}
	return ok
}

// define plans the missing subsets: inside the rule of the same files, or in a
// live cluster as a DestinationRule of our own beside the user's. Istio
// concatenates the subsets of several rules of a host in one namespace and
// keeps the first rule's policy (pilot/pkg/model/destination_rule.go).
func (c inspection) define(missing []traffic.Backend) plan.Change {
	host := missing[0].Host
	var subsets []any
	for _, b := range missing {
		subsets = append(subsets, map[string]any{"name": b.Subset, "labels": map[string]any{c.labelKey(): b.Subset}})
	}
	reason := "defines subset " + missing[len(missing)-1].Subset
	rules := c.Destination(host, c.Target.Namespace).Rules
	if len(rules) > 0 && !rules[0].Live() {
		ops := appendSubsets(rules[0].Raw(), subsets)
		if change, err := plan.New(rules[0].Ref, rules[0].Raw(), ops, reason); err == nil {
			return change
		}
	}
	object := ref.Ref{
		Group: model.IstioNetworking, Version: c.first().Object.Ref.Version, Kind: "DestinationRule",
		Namespace: c.Target.Namespace, Name: "micro-" + c.Target.Name,
	}
	if object.Version == "" || c.first().Object.Ref.Group != model.IstioNetworking {
		object.Version = model.DestinationRules.Versions[0]
	}
	change := plan.Change{Object: object, Verb: plan.Apply, Reason: reason}
	if old, found := c.Object(object); found {
		change.Before = old.Raw()
		kept, _, _ := unstructured.NestedSlice(old.Raw(), "spec", "subsets")
		subsets = append(kept, subsets...)
	}
	spec := map[string]any{"host": host, "subsets": subsets}
	if len(rules) > 0 { // rules are merged only where they are visible to the same clients
		if exportTo, found, _ := unstructured.NestedSlice(rules[0].Raw(), "spec", "exportTo"); found {
			spec["exportTo"] = exportTo
		}
	}
	change.After = map[string]any{
		"apiVersion": object.APIVersion(), "kind": object.Kind,
		"metadata": map[string]any{"name": object.Name, "namespace": object.Namespace},
		"spec":     spec,
	}
	return change
}

// appendSubsets returns the operations that add subsets to a rule.
func appendSubsets(rule map[string]any, subsets []any) []patch.Op {
	if _, err := patch.Get(rule, "/spec/subsets"); err != nil {
		return []patch.Op{{Op: patch.Add, Path: "/spec/subsets", Value: subsets}}
	}
	var ops []patch.Op
	for _, s := range subsets {
		ops = append(ops, patch.Op{Op: patch.Add, Path: "/spec/subsets/-", Value: s})
	}
	return ops
}
