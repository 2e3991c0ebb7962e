// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9021", Slug: "star-inside", Severity: finding.Warning,
	Short: "AuthorizationPolicy has a star where it stands for itself",
	Why: `A star counts at the beginning or at the end of a value, and only one of them: abc*, *abc, or * alone.
Anywhere else it is a letter like any other, so that the value matches next to nothing. Namespaces are
the exception: there it stands for anything wherever it is. Paths have templates for what is in the
middle: {*} for one segment, {**} for all that is left.`,
	Fix:       "Write a template for a path (/users/{*}/orders), and name the values one by one elsewhere.",
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule",
	Needs:     []*model.Kind{model.AuthorizationPolicies.Kind},
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkStars,
	Repair:    repairStar,
})

func checkStars(w *rules.World, emit rules.Emit) {
	for _, p := range every(w) {
		for _, l := range lists(p.spec()) {
			if l.is("namespaces", "source.namespace", "serviceAccounts", "source.serviceAccount", "ports", "destination.port") {
				continue // regular expressions, or their own rules
			}
			for i, text := range l.Texts {
				if !literalStar(text) || l.is("paths") && strings.Contains(text, "{") {
					continue
				}
				f := emit(p.Object, l.At+patch.Pointer(i), "%s %q: a star counts at the beginning or at the end only, here it is taken for the letter", l.Field, text)
				f.Confidence = finding.Likely
				f.Hint = "name the values one by one"
				if instead, ok := template(text); ok && l.is("paths") {
					f.Hint = "write " + instead
				}
			}
		}
	}
}

// literalStar reports whether a star is in a value where Istio takes it for the
// letter: it looks for one at the beginning first, then for one at the end.
func literalStar(text string) bool {
	if rest, wild := strings.CutPrefix(text, "*"); wild {
		return strings.Contains(rest, "*")
	}
	return strings.Contains(strings.TrimSuffix(text, "*"), "*")
}

// template writes a path with stars for segments as a template.
func template(path string) (string, bool) {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		switch {
		case s == "*" && i == len(segments)-1:
			segments[i] = "{**}"
		case s == "*":
			segments[i] = "{*}"
		case strings.Contains(s, "*"):
			return "", false
		}
	}
	return strings.Join(segments, "/"), strings.HasPrefix(path, "/")
}

func repairStar(_ *rules.World, r rules.Result) []rules.Fix {
	text, _ := r.Text()
	at, _ := patch.Split(r.Pointer)
	_, field := patch.Split(at)
	instead, ok := template(text)
	if !ok || !strings.HasSuffix(strings.ToLower(field), "paths") {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "write the template "+instead, instead)}
}
