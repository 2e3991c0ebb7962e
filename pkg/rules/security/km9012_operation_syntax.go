// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9012", Slug: "operation-syntax", Severity: finding.Warning,
	Short: "AuthorizationPolicy has a method or path that no request matches",
	Why: `Methods are compared letter by letter, so that get is not GET. Paths begin with a slash and have lost
their query before they are compared. A star counts at the beginning or the end only, regular
expressions do not exist, and a template knows {*} for one segment and {**} for the rest, once, at the
end.`,
	Fix:       `Write methods in capitals, and paths from the first slash on, without a query: /api/* or /api/{*}/items.`,
	Reference: "https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation",
	Aliases:   []string{"KIA0102"},
	Needs:     []*model.Kind{model.AuthorizationPolicies.Kind},
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkOperations,
	Repair:    repairOperation,
})

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}

func checkOperations(w *rules.World, emit rules.Emit) {
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		look := func(at, field string, list []string, wrong func(string) (why, instead string)) {
			for i, text := range list {
				why, instead := wrong(text)
				if why == "" {
					continue
				}
				f := emit(ap.Object, at+patch.Pointer(field, i), "%s %q matches no request: %s", field, text, why)
				if instead != "" {
					f.Hint = "write " + instead
				}
				if strings.Contains(text, ".*") {
					f.Confidence = finding.Likely
				}
			}
		}
		for i, rule := range ap.Value.Spec.GetRules() {
			for j, to := range rule.GetTo() {
				o, at := to.GetOperation(), patch.Pointer("spec", "rules", i, "to", j, "operation")
				look(at, "methods", o.GetMethods(), wrongMethod)
				look(at, "notMethods", o.GetNotMethods(), wrongMethod)
				look(at, "paths", o.GetPaths(), wrongPath)
				look(at, "notPaths", o.GetNotPaths(), wrongPath)
			}
		}
	}
}

// wrongMethod says why a method matches nothing, and what to write.
func wrongMethod(text string) (why, instead string) {
	upper := strings.ToUpper(text)
	if text != upper && slices.Contains(methods, upper) {
		return "methods are written in capitals", upper
	}
	return "", ""
}

// wrongPath says why a path matches nothing, and what to write.
func wrongPath(text string) (why, instead string) {
	path, _, query := strings.Cut(text, "?")
	switch {
	case strings.Contains(text, "{"):
		return wrongTemplate(text), ""
	case strings.HasPrefix(text, "^") || strings.HasSuffix(text, "$") || strings.HasSuffix(text, ".*"):
		instead = strings.TrimSuffix(strings.TrimPrefix(text, "^"), "$")
		return "regular expressions do not exist", strings.TrimSuffix(instead, ".*") + strings.Repeat("*", strings.Count(text, ".*"))
	case text == "" || strings.HasPrefix(text, "*"):
		return "", ""
	case strings.Contains(text, "://"):
		_, rest, _ := strings.Cut(text, "://")
		_, rest, _ = strings.Cut(rest, "/")
		return "hosts are not part of the path", "/" + rest
	case !strings.HasPrefix(text, "/"):
		return "paths begin with a slash", "/" + text
	case query && path != "":
		return "the query is not part of the path", path
	}
	return "", ""
}

// wrongTemplate says what is wrong with a path template
// (pkg/config/security/security.go CheckValidPathTemplate).
func wrongTemplate(text string) string {
	segments := strings.Split(strings.TrimPrefix(text, "/"), "/")
	rest := false
	for _, s := range segments {
		switch {
		case rest && (s == "{*}" || s == "{**}"):
			return "{**} has to be the last template"
		case s == "{**}":
			rest = true
		case s == "{*}":
		case strings.ContainsAny(s, "{}*"):
			return fmt.Sprintf("%q is no template: a segment is {*}, {**} or has neither braces nor stars", s)
		}
	}
	if !strings.HasPrefix(text, "/") {
		return "paths begin with a slash"
	}
	return ""
}

func repairOperation(_ *rules.World, r rules.Result) []rules.Fix {
	text, isText := r.Text()
	if !isText {
		return nil
	}
	_, instead := wrongPath(text)
	if list, _ := patch.Split(r.Pointer); strings.HasSuffix(strings.ToLower(list), "methods") {
		_, instead = wrongMethod(text)
	}
	if instead == "" {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "write "+instead, instead)}
}
