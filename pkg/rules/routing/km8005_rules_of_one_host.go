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
	ID: "KM8005", Slug: "rules-of-one-host", Severity: finding.Warning,
	Short: "Several DestinationRules for one host",
	Why: `Istio merges the DestinationRules that a namespace has for one host, the oldest first: subsets are
added up, and of a name that two rules define the older definition counts. Traffic policies are not
merged: the oldest one counts as a whole. A rule with another exportTo is not merged at all; who sees
both gets the older. What is lost is lost without a word.

Two definitions of the same name in files are not merged either: the one that is applied last
replaces the first.`,
	Fix:       `Write one DestinationRule for each host.`,
	Reference: "https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services",
	Aliases:   []string{"KIA0201"},
	Needs:     []*model.Kind{model.DestinationRules.Kind},
	Explains:  []string{"KM8002", "KM8003", "KM8022"},
	Check:     checkRules,
	Repair:    repairReplaced,
})

func checkRules(w *rules.World, emit rules.Emit) {
	for _, same := range sameHost(w) {
		for i := 1; i < len(same); i++ {
			merged(w, emit, same[:i], same[i])
		}
	}
	for _, o := range w.Shadowed() {
		replaced(w, emit, o)
	}
}

// sameHost collects the rules of one host in one namespace, the oldest first,
// where there are several. Rules with a workloadSelector are not merged with
// those without.
func sameHost(w *rules.World) [][]destinationRule {
	type place struct{ namespace, host string }
	at := map[place]int{}
	var all [][]destinationRule
	for _, r := range model.DestinationRules.In(w.Snapshot, "") {
		p := place{r.Ref.Namespace, w.FQDN(r.Value.Spec.GetHost(), r.Ref.Namespace)}
		if p.host == "" || r.Value.Spec.GetWorkloadSelector() != nil {
			continue
		}
		i, known := at[p]
		if !known {
			i = len(all)
			at[p], all = i, append(all, nil)
		}
		all[i] = append(all[i], r)
	}
	for _, rules := range all {
		slices.SortStableFunc(rules, func(a, b destinationRule) int {
			return a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time)
		})
	}
	return all
}

// merged reports what of a rule is lost beside older ones.
func merged(w *rules.World, emit rules.Emit, older []destinationRule, young destinationRule) {
	first := older[0]
	host := nameOf(w, w.FQDN(young.Value.Spec.GetHost(), young.Ref.Namespace), young.Ref.Namespace)
	gone, seen := losses(older, young)
	if !seen {
		return
	}
	known := !first.Value.CreationTimestamp.IsZero() && !young.Value.CreationTimestamp.IsZero()
	var f *finding.Finding
	switch {
	case !contains(scopeOf(young), scopeOf(first)):
		f = emit(young.Object, "/spec/exportTo", "host %s has several DestinationRules with different exportTo: callers that see this one and %s get the older one only", host, first.Ref)
	case len(gone) == 0:
		f = emit(young.Object, "/spec/host", "host %s has several DestinationRules: this one is merged with %s, nothing of it is lost", host, first.Ref)
		f.Severity = finding.Info
	case known:
		f = emit(young.Object, "/spec/host", "host %s has several DestinationRules: of this one Istio ignores %s, as %s %s", host, strings.Join(gone, " and "), first.Ref, precedes(first.Value, young.Value))
	default:
		f = emit(young.Object, "/spec/host", "host %s has several DestinationRules: of this one and %s, the one created later loses its %s", host, first.Ref, strings.Join(gone, " and "))
	}
	for _, r := range older {
		f.Related = append(f.Related, r.Ref)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: r.Where("/spec/host"), Value: r.Value.Spec.GetHost(), Time: r.Value.CreationTimestamp.Time})
	}
	if service, ok := serviceRef(w, w.FQDN(young.Value.Spec.GetHost(), young.Ref.Namespace)); ok {
		f.Related = append(f.Related, service)
	}
}

// losses lists what of a rule does not count beside older ones. Callers that
// see both have to exist.
func losses(older []destinationRule, young destinationRule) (gone []string, seen bool) {
	mine, first := scopeOf(young), scopeOf(older[0])
	var with []destinationRule
	for _, r := range older {
		seen = seen || overlap(scopeOf(r), mine)
		if contains(scopeOf(r), first) {
			with = append(with, r)
		}
	}
	policy, _ := patch.Get(young.Raw(), "/spec/trafficPolicy")
	for _, r := range with {
		if p, err := patch.Get(r.Raw(), "/spec/trafficPolicy"); err == nil && p != nil {
			if policy != nil && !patch.Equal(p, policy) {
				gone = append(gone, "trafficPolicy")
			}
			break
		}
	}
	for name, sub := range subsetsOf(young) {
		for _, r := range with {
			if old, taken := subsetsOf(r)[name]; taken {
				if !patch.Equal(old, sub) {
					gone = append(gone, "subset "+name)
				}
				break
			}
		}
	}
	slices.Sort(gone)
	return gone, seen
}

// scopeOf is where a rule is visible: sorted namespaces, or "*".
func scopeOf(r destinationRule) []string {
	return scope(r.Value.Spec.GetExportTo(), r.Ref.Namespace)
}

func scope(exportTo []string, namespace string) []string {
	out := slices.Clone(exportTo)
	for i, e := range out {
		if e == "." {
			out[i] = namespace
		}
	}
	if len(out) == 0 {
		out = []string{"*"}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// contains reports whether one list has all of another; the merge compares
// lists as they are written.
func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// overlap reports whether somebody sees objects of both scopes.
func overlap(a, b []string) bool {
	return slices.Contains(a, "*") || slices.Contains(b, "*") || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// subsetsOf are the subsets of a rule by name, as decoded JSON.
func subsetsOf(r destinationRule) map[string]any {
	out := map[string]any{}
	for i, sub := range r.Value.Spec.GetSubsets() {
		if raw, err := patch.Get(r.Raw(), patch.Pointer("spec", "subsets", i)); err == nil {
			out[sub.GetName()] = raw
		}
	}
	return out
}
