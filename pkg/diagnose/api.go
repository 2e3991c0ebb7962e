// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// docs is where the page of a rule is.
const docs = "https://github.com/kubectl-micro/kubectl-micro/blob/main/docs/rules/"

// API returns the report in the shape that is printed. Scope, time, skipped
// kinds and what the requests cost are left to the caller, who knows them.
func (r *Report) API(w *rules.World) api.Diagnosis {
	out := api.Diagnosis{TypeMeta: api.Type("Diagnosis"), Time: w.Now.UTC(), Causes: []api.Cause{}}
	out.Summary.Objects, out.Summary.Rules = len(w.Objects())+len(w.Shadowed()), r.Ran
	for _, c := range r.Causes {
		one := api.Cause{Finding: apiFinding(c.Result), Score: c.Score, Impact: c.Impact}
		for _, e := range c.Explains {
			one.Explains = append(one.Explains, apiFinding(e))
		}
		if c.Rollout != nil {
			one.Rollout = &api.Rollout{Revision: c.Rollout.Revision, Time: c.Rollout.Time.UTC(), Cause: c.Rollout.Cause}
			for _, f := range c.Rollout.Changes {
				one.Rollout.Changes = append(one.Rollout.Changes, api.FieldChange(f))
			}
		}
		for _, f := range c.Fixes {
			one.Fixes = append(one.Fixes, apiFix(f))
		}
		out.Causes = append(out.Causes, one)
	}
	for _, x := range r.Waived {
		out.Suppressed = append(out.Suppressed, api.Suppressed{Finding: apiFinding(x.Result), By: x.By, Reason: x.Reason})
	}
	for _, x := range r.Results() {
		switch x.Severity {
		case finding.Error:
			out.Summary.Errors++
		case finding.Warning:
			out.Summary.Warnings++
		default:
			out.Summary.Infos++
		}
	}
	return out
}

func apiFinding(r rules.Result) api.Finding {
	f := r.Finding
	out := api.Finding{
		ID: f.ID, Severity: f.Severity.String(), Confidence: f.Confidence.String(), State: f.State.String(),
		Title: r.Rule.Short, Message: f.Message, Subject: apiRef(f.Object), Field: field(f.Pointer), Where: f.Where,
		Hint: f.Hint, Pods: f.Pods, Of: f.Of, Since: moment(f.Since),
		Docs: docs + f.ID + ".md", Aliases: r.Rule.Aliases, Fingerprint: f.Fingerprint(),
	}
	if r.On.Source != nil || r.On.Ref.Kind == fileKind {
		out.Location = location(f.Where)
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, api.Evidence{Kind: e.Kind, Of: e.Of, Value: e.Value, Time: moment(e.Time)})
	}
	for _, o := range f.Related {
		out.Related = append(out.Related, apiRef(o))
	}
	return out
}

// fileKind is the kind of the stand-in for a file of which no object could be read.
const fileKind = "File"

// location splits "file:line:column"; a name alone is the file's first byte.
func location(where string) *api.Location {
	if m := place.FindStringSubmatch(where); m != nil {
		line, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		return &api.Location{File: m[1], Line: line, Column: max(column, 1)}
	}
	return &api.Location{File: where, Line: 1, Column: 1}
}

// place is a file with a line, and a column as a rule.
var place = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?$`)

func apiFix(f Fix) api.Fix {
	out := api.Fix{ID: f.of.ID, Finding: f.of.Fingerprint(), Title: f.Title, Risk: f.Risk.String(), Creates: f.Creates, Command: f.Command, Verified: f.Verified}
	for _, c := range f.Changes {
		out.Patches = append(out.Patches, api.FixPatch{Object: apiRef(c.Object), Patch: c.Patch})
	}
	return out
}

func apiRef(r ref.Ref) api.ObjectRef {
	return api.ObjectRef{APIVersion: r.APIVersion(), Kind: r.Kind, Namespace: r.Namespace, Name: r.Name}
}

// field writes a JSON Pointer as kubectl explain does: spec.http[0].route[1].
func field(pointer string) string {
	var b strings.Builder
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch {
		case token != "" && strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
		case strings.ContainsAny(token, "./"):
			b.WriteString("[" + token + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(token)
		}
	}
	return b.String()
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Findings returns results in the shape that is printed.
func Findings(results []rules.Result) []api.Finding {
	var out []api.Finding
	for _, r := range results {
		out = append(out, apiFinding(r))
	}
	return out
}
