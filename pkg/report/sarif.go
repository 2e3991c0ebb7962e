// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

var _ = register("sarif", sarif)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	// sourceRoot is the base that GitHub takes for the top of the repository.
	sourceRoot  = "%SRCROOT%"
	information = "https://github.com/kubectl-micro/kubectl-micro"
)

// sarif is SARIF 2.1.0: a result for each finding, with a place in a file for
// what came from one and the object as a logical location for all. What an
// overlay mends is no result, since viewers that know no baselines would show it
// as a fault; it is a property of the run.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func sarif(w io.Writer, d *api.Diagnosis, o Options) error {
	s := &sarifRules{at: map[string]int{}, list: []sarifRule{}}
	run := sarifRun{
		Invocations: []sarifInvocation{{ExecutionSuccessful: true, Notifications: notifications(d.Skipped)}},
		Bases:       map[string]sarifBase{sourceRoot: {Description: sarifText{"The directory that the command ran in."}}},
		Results:     []sarifResult{},
		Properties:  properties{"scope": d.Scope, "time": d.Time, "summary": d.Summary},
	}
	if len(d.Gone) > 0 {
		run.Properties["gone"] = d.Gone
	}
	for i := range d.Causes {
		c := &d.Causes[i]
		run.Results = append(run.Results, s.cause(c))
		for j := range c.Explains {
			run.Results = append(run.Results, s.explained(&c.Explains[j], c))
		}
	}
	for i := range d.Suppressed {
		run.Results = append(run.Results, s.suppressed(&d.Suppressed[i]))
	}
	run.Tool.Driver = sarifDriver{Name: "kubectl-micro", Version: o.Version, InformationURI: information, Rules: s.list}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifRules are the rules of the results, in the order of their first one.
type sarifRules struct {
	at   map[string]int
	list []sarifRule
}

func (s *sarifRules) index(f *api.Finding) int {
	if i, known := s.at[f.ID]; known {
		return i
	}
	r := sarifRule{ID: f.ID, Short: sarifText{f.Title}, Full: sarifText{f.Title + "."}}
	if len(f.Aliases) > 0 {
		r.Properties = properties{"aliases": f.Aliases}
	}
	if u, err := url.Parse(f.Docs); err == nil && u.IsAbs() {
		r.HelpURI = u.String()
		r.Full.Text = f.Title + ". Why it matters and how to mend it: " + r.HelpURI
		r.Help = &sarifHelp{Text: r.HelpURI, Markdown: "[" + inline(f.ID) + "](" + strings.ReplaceAll(r.HelpURI, ")", "%29") + ")"}
	}
	s.at[f.ID] = len(s.list)
	s.list = append(s.list, r)
	return s.at[f.ID]
}

func (s *sarifRules) result(f *api.Finding) sarifResult {
	// A bracket before a parenthesis would be a link.
	text := strings.Join(lines(sentence(f)), " ")
	if f.Hint != "" {
		text += "\n" + strings.Join(lines("hint: "+f.Hint), "\n")
	}
	out := sarifResult{
		RuleID: f.ID, RuleIndex: s.index(f), Level: level(f.Severity, "note"),
		Message:      sarifText{strings.ReplaceAll(text, "](", "] (")},
		Locations:    []sarifLocation{location(f)},
		Fingerprints: map[string]string{"kubectlMicro/v1": f.Fingerprint},
		Properties:   properties{"confidence": f.Confidence, "state": f.State},
	}
	p := out.Properties
	p.set("evidence", f.Evidence, len(f.Evidence) > 0)
	p.set("pods", f.Pods, len(f.Pods) > 0)
	p.set("of", f.Of, f.Of > 0)
	p.set("since", f.Since, f.Since != nil)
	for _, r := range f.Related {
		out.Related = append(out.Related, sarifLocation{ID: len(out.Related) + 1, Message: &sarifText{object(r)}, Logical: logical(r)})
	}
	return out
}

func (s *sarifRules) cause(c *api.Cause) sarifResult {
	out := s.result(&c.Finding)
	var fingerprints []string
	for i := range c.Explains {
		e := &c.Explains[i]
		fingerprints = append(fingerprints, e.Fingerprint)
		out.relate("explains "+e.ID+" "+sentence(e), e)
	}
	p := out.Properties
	p["score"] = c.Score
	p.set("impact", c.Impact, len(c.Impact) > 0)
	p.set("explains", fingerprints, len(fingerprints) > 0)
	p.set("rollout", c.Rollout, c.Rollout != nil)
	// Fixes of SARIF replace regions of files; these change objects.
	p.set("repairs", c.Fixes, len(c.Fixes) > 0)
	return out
}

func (s *sarifRules) explained(f *api.Finding, by *api.Cause) sarifResult {
	out := s.result(f)
	out.relate("explained by "+by.ID+" "+sentence(&by.Finding), &by.Finding)
	out.Properties["explainedBy"] = by.Fingerprint
	return out
}

// suppressed is a result that somebody waived: in the source when that stands
// in the object or its file, otherwise outside of it.
func (s *sarifRules) suppressed(x *api.Suppressed) sarifResult {
	out := s.result(&x.Finding)
	one := sarifSuppression{Kind: "external", Justification: x.Reason, Properties: properties{"by": x.By}}
	inFile := x.Location != nil && x.Location.File != "" && strings.HasPrefix(x.By, x.Location.File+":")
	if inFile || strings.HasPrefix(x.By, "annotation") {
		one.Kind = "inSource"
	}
	out.Suppressions = []sarifSuppression{one}
	return out
}

// relate adds the place of another finding.
func (r *sarifResult) relate(why string, f *api.Finding) {
	l := location(f)
	l.ID, l.Message = len(r.Related)+1, &sarifText{strings.ReplaceAll(strings.Join(lines(why), " "), "](", "] (")}
	r.Related = append(r.Related, l)
}

func location(f *api.Finding) sarifLocation {
	out := sarifLocation{Logical: logical(f.Subject)}
	if f.Field != "" {
		out.Properties = properties{"field": f.Field}
	}
	if l := f.Location; l != nil && l.File != "" {
		out.Physical = &sarifPhysical{Artifact: artifact(l.File)}
		if l.Line > 0 {
			out.Physical.Region = &sarifRegion{StartLine: l.Line, StartColumn: max(l.Column, 0)}
		}
	}
	return out
}

func logical(r api.ObjectRef) []sarifLogical {
	return []sarifLogical{{Name: r.Name, FullName: object(r), Kind: "resource"}}
}

// artifact is a file as an address: relative ones to the source root.
func artifact(file string) sarifArtifact {
	if u, err := url.Parse(file); err == nil && u.Scheme != "" && u.Host != "" {
		return sarifArtifact{URI: u.String()}
	}
	if filepath.IsAbs(file) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: path.Join("/", filepath.ToSlash(file))}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: path.Clean(filepath.ToSlash(file))}).String(), Base: sourceRoot}
}

// notifications tell what could not be looked at.
func notifications(all []api.Skipped) []sarifNotification {
	var out []sarifNotification
	for i := range all {
		text := strings.Join(lines(strings.Join(missed(&all[i]), "\n")), "\n")
		out = append(out, sarifNotification{Level: "warning", Message: sarifText{text}, Properties: properties{"rules": slices.Clone(all[i].Rules)}})
	}
	return out
}
