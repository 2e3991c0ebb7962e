// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9008", Slug: "source-namespace-missing", Severity: finding.Warning,
	Short: "AuthorizationPolicy names a namespace that does not exist",
	Why: `A source's namespaces are compared with the one in the caller's identity. A namespace that does not
exist has no callers: an ALLOW rule lets nobody in by it, a DENY rule stops nobody.`,
	Fix:       `Write the name of the namespace that the callers are in.`,
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source",
	Aliases:   []string{"KIA0101"},
	Needs:     append(slices.Clone(model.WorkloadKinds), model.AuthorizationPolicies.Kind, model.Namespaces.Kind),
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkSourceNamespaces,
	Repair:    repairSourceNamespace,
})

// knownNamespaces are those that are there, or that workloads are in, sorted.
func knownNamespaces(w *rules.World) []string {
	out := workloadNamespaces(w)
	for _, ns := range model.Namespaces.In(w.Snapshot, "") {
		out = append(out, ns.Ref.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func checkSourceNamespaces(w *rules.World, emit rules.Emit) {
	known := knownNamespaces(w)
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		for _, v := range identities(&ap.Value.Spec) {
			if identityFields[v.Field] != "namespace" || v.Text == "" || strings.Contains(v.Text, "*") {
				continue
			}
			if _, found := slices.BinarySearch(known, v.Text); found {
				continue
			}
			absence, missing := w.Missing(model.Namespaces.Kind, "", v.Text)
			near := ref.Closest(v.Text, known)
			if !missing || absence == model.Outside && len(near) == 0 {
				continue // files without Namespaces say nothing
			}
			f := emit(ap.Object, v.At, "%s %q: Namespace %s %s", v.Field, v.Text, v.Text, absence)
			f.Related = []ref.Ref{model.Namespaces.Ref("", v.Text)}
			f.Hint = rules.DidYouMean(v.Text, known)
			switch {
			case absence == model.Proven:
			case len(near) > 0:
				f.Confidence = finding.Likely
			default:
				f.Severity, f.Confidence = finding.Info, finding.Possible
			}
		}
	}
}

func repairSourceNamespace(w *rules.World, r rules.Result) []rules.Fix {
	name, isText := r.Text()
	if !isText {
		return nil
	}
	near := ref.Closest(name, knownNamespaces(w))
	if len(near) == 0 {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "write "+near[0], near[0])}
}
