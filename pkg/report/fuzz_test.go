// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/report"
)

// FuzzFormats puts text of others into every part of a diagnosis. Whatever it
// is, a format for programs stays well formed and one for people shows no
// control character.
func FuzzFormats(f *testing.F) {
	f.Add(hostile, "KM1001", "error", "https://docs.example/KM1001.md", 3, 80, true, true)
	f.Add("", "", "", "", 0, 0, false, false)
	f.Add("a\n\n\nb", "KM8002", "info", "javascript:alert(1)", -1, 41, false, true)
	f.Add(strings.Repeat("文字 ", 9), "K\nM", "warning", "://", 1<<31, 1, false, false)
	f.Fuzz(func(t *testing.T, text, id, severity, docs string, n, width int, file, all bool) {
		d := fuzzed(text, id, severity, docs, n, file)
		for _, format := range report.Formats() {
			wellFormed(t, format, rendered(t, format, d, report.Options{Width: width, All: all, Version: text, Again: "again"}))
		}
	})
}

func fuzzed(text, id, severity, docs string, n int, file bool) *api.Diagnosis {
	on := api.ObjectRef{APIVersion: text, Kind: text, Namespace: text, Name: text}
	at := time.Unix(int64(n), 0).UTC()
	one := api.Finding{
		ID: id, Severity: severity, Confidence: text, State: text, Title: text, Message: text, Subject: on, Field: text, Where: text, Hint: text,
		Evidence: []api.Evidence{{Kind: text, Of: text, Value: text, Time: &at}, {Kind: "log", Value: text}}, Related: []api.ObjectRef{on},
		Pods: []string{text, text, text, text, text}, Of: n, Since: &at, Docs: docs, Aliases: []string{text}, Fingerprint: text,
	}
	if file {
		one.Location = &api.Location{File: text, Line: n, Column: n}
	}
	other := one
	other.ID, other.Subject = id+"2", api.ObjectRef{Kind: "Pod", Name: text}
	c := api.Cause{
		Finding: one, Score: float64(n), Impact: []string{text}, Explains: []api.Finding{one, other, other},
		Rollout: &api.Rollout{Revision: n, Time: at, Cause: text, Changes: []api.FieldChange{{Field: text, Before: text, After: text}}},
		Fixes: []api.Fix{{Title: text, Risk: text, Command: text, Creates: []map[string]any{{text: text}}, Patches: []api.FixPatch{{Object: on, Patch: text}}},
			{Title: text, Risk: "safe"}},
	}
	d := &api.Diagnosis{TypeMeta: api.Type("Diagnosis"), Time: at, Causes: []api.Cause{c, {Finding: other}, {Finding: other}, {Finding: other}}}
	d.Scope = api.DiagnosisScope{Source: text, Namespace: text, Target: text}
	d.Suppressed = []api.Suppressed{{Finding: one, By: text, Reason: text}}
	d.Gone = []api.Finding{one}
	d.Skipped = []api.Skipped{{Kind: text, Namespace: text, Reason: text, Needs: text, Rules: []string{text}}}
	return d
}

func wellFormed(t *testing.T, format, out string) {
	t.Helper()
	switch format {
	case "json", "sarif":
		if !json.Valid([]byte(out)) {
			t.Errorf("-o %s is no JSON:\n%s", format, out)
		}
	case "jsonl":
		for l := range strings.Lines(out) {
			if !json.Valid([]byte(l)) {
				t.Errorf("a line is no JSON: %s", l)
			}
		}
	case "junit":
		for decoder := xml.NewDecoder(strings.NewReader(out)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, out)
			}
		}
	case "github":
		for l := range strings.Lines(out) {
			if l = strings.TrimSuffix(l, "\n"); strings.HasPrefix(l, "::") && !command.MatchString(l) {
				t.Errorf("no command: %q", l)
			}
		}
	}
	if format == "json" || format == "jsonl" || format == "sarif" || format == "yaml" {
		return
	}
	for _, r := range out {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Fatalf("-o %s shows %U:\n%q", format, r, out)
		}
	}
}
