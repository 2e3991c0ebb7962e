// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8004", Slug: "rule-without-host", Severity: finding.Warning,
	Short: "DestinationRule has no effect",
	Why: `A DestinationRule for a host that is neither a Service nor in a ServiceEntry configures nothing: its
load balancing, limits, TLS settings and subsets are not in any proxy.

A rule counts for callers in its own namespace, for all callers if it is in the namespace of the
Service, and as the last resort if it is in the root namespace. Anywhere else, nobody reads it.`,
	Fix:       `Correct the host, or move the rule to the namespace of the Service.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule",
	Aliases:   []string{"IST0174", "KIA0202"},
	Needs: append([]*model.Kind{
		model.DestinationRules.Kind, model.Services.Kind, model.ServiceEntries.Kind, model.Namespaces.Kind,
	}, model.WorkloadKinds...),
	Explains: []string{"KM8002"},
	Check:    checkRuleHosts,
	Repair:   repairRuleHost,
})

func checkRuleHosts(w *rules.World, emit rules.Emit) {
	known, mesh := newHosts(w), map[string]bool{}
	for _, dr := range model.DestinationRules.In(w.Snapshot, "") {
		host := dr.Value.Spec.GetHost()
		gone, ok := known.missing(host, dr.Ref.Namespace)
		if !ok {
			unread(w, emit, dr, mesh)
			continue
		}
		f := emit(dr.Object, "/spec/host", "the rule for host %s has no effect: %s", host, gone.why)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "absence", Of: gone.fqdn, Value: gone.why})
		if gone.service.Name != "" {
			f.Related = append(f.Related, gone.service)
		}
		if near := known.near(gone, dr.Ref.Namespace); len(near) > 0 {
			f.Hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
		rules.Weigh(f, gone.absence)
	}
}

// unread reports a rule beside the Service's namespace where no caller can be.
func unread(w *rules.World, emit rules.Emit, dr destinationRule, mesh map[string]bool) {
	ns := dr.Ref.Namespace
	host := w.Resolve(dr.Value.Spec.GetHost(), ns)
	if host.Service == nil || host.Service.Ref.Namespace == ns || ns == w.RootNamespace {
		return
	}
	absence := w.Absence(model.Pods.Kind, ns)
	for _, k := range model.WorkloadKinds {
		if _, gap := w.Gap(k.GroupKind, ns); gap {
			return
		}
	}
	if _, asked := mesh[ns]; !asked {
		mesh[ns] = slices.ContainsFunc(w.Workloads(ns), func(o *model.Workload) bool { return w.Partial || w.Mesh(o) != rules.MeshOut })
	}
	if mesh[ns] {
		return
	}
	where := "which has no workload in the mesh"
	if w.Partial {
		where = "which has no workload in these files"
	}
	f := emit(dr.Object, "/spec/host", "the rule counts for callers in namespace %s only, %s: %s is in namespace %s",
		ns, where, host.Service.Ref, host.Service.Ref.Namespace)
	f.Related = append(f.Related, host.Service.Ref)
	f.Hint = "move it to namespace " + host.Service.Ref.Namespace
	rules.Weigh(f, absence)
}

// repairRuleHost corrects a host where one Service's name is near.
func repairRuleHost(w *rules.World, r rules.Result) []rules.Fix {
	dr, ok := model.DestinationRules.Of(r.On)
	if !ok {
		return nil
	}
	known := newHosts(w)
	gone, missing := known.missing(dr.Value.Spec.GetHost(), dr.Ref.Namespace)
	near := known.near(gone, dr.Ref.Namespace)
	if !missing || len(near) != 1 {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "make it the rule of host "+near[0], dr.Object, patch.Op{Op: patch.Replace, Path: "/spec/host", Value: near[0]})}
}
