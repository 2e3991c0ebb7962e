// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/report"
)

type sarifPlace struct {
	ID               int
	Message          struct{ Text string }
	PhysicalLocation *struct {
		ArtifactLocation struct{ URI, URIBaseID string }
		Region           struct{ StartLine, StartColumn int }
	}
	LogicalLocations []struct{ FullyQualifiedName, Name, Kind string }
}

type sarifLog struct {
	Schema  string `json:"$schema"`
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name, Version, InformationURI string
				Rules                         []struct {
					ID, HelpURI                       string
					ShortDescription, FullDescription struct{ Text string }
				}
			}
		}
		Invocations []struct {
			ExecutionSuccessful        *bool
			ToolExecutionNotifications []struct {
				Level   string
				Message struct{ Text string }
			}
		}
		Results *[]struct {
			RuleID, Level       string
			RuleIndex           int
			Message             struct{ Text string }
			Locations           []sarifPlace
			RelatedLocations    []sarifPlace
			PartialFingerprints map[string]string
			Suppressions        []struct{ Kind, Justification string }
			Properties          map[string]any
		}
	}
}

func sarifOf(t *testing.T, d *api.Diagnosis) sarifLog {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal([]byte(rendered(t, "sarif", d, report.Options{Version: "v1"})), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.HasSuffix(log.Schema, "sarif-schema-2.1.0.json") || len(log.Runs) != 1 || log.Runs[0].Results == nil {
		t.Fatalf("no run of SARIF 2.1.0: %+v", log)
	}
	return log
}

// TestSARIF asserts what the standard requires of the parts that are written.
func TestSARIF(t *testing.T) {
	for name, d := range diagnoses() {
		run := sarifOf(t, d).Runs[0]
		if driver := run.Tool.Driver; driver.Name == "" || driver.Version != "v1" || driver.InformationURI == "" {
			t.Errorf("%s: driver %+v", name, driver)
		}
		if len(run.Invocations) != 1 || run.Invocations[0].ExecutionSuccessful == nil {
			t.Errorf("%s: invocations %+v", name, run.Invocations)
		}
		if got := run.Invocations[0].ToolExecutionNotifications; len(got) != len(d.Skipped) {
			t.Errorf("%s: notifications %+v", name, got)
		}
		want := d.Summary.Errors + d.Summary.Warnings + d.Summary.Infos + len(d.Suppressed)
		if len(*run.Results) != want {
			t.Errorf("%s: %d results, want %d", name, len(*run.Results), want)
		}
		for _, r := range *run.Results {
			rule := run.Tool.Driver.Rules[r.RuleIndex]
			if rule.ID != r.RuleID || rule.HelpURI == "" || rule.ShortDescription.Text == "" || rule.FullDescription.Text == "" {
				t.Errorf("%s: rule of %s: %+v", name, r.RuleID, rule)
			}
			if r.Message.Text == "" || !strings.Contains("error warning note", r.Level) || r.PartialFingerprints["kubectlMicro/v1"] == "" || len(r.Locations) != 1 {
				t.Errorf("%s: result %+v", name, r)
			}
			for _, l := range append(r.RelatedLocations, r.Locations...) {
				if o := l.LogicalLocations; len(o) != 1 || o[0].Kind != "resource" || !strings.Contains(o[0].FullyQualifiedName, " shop/") {
					t.Errorf("%s: logical location %+v", name, o)
				}
				if p := l.PhysicalLocation; p != nil {
					if u, err := url.Parse(p.ArtifactLocation.URI); err != nil || u.IsAbs() || p.ArtifactLocation.URIBaseID == "" || p.Region.StartLine < 1 || p.Region.StartColumn < 1 {
						t.Errorf("%s: physical location %+v: %v", name, p, err)
					}
				}
			}
		}
	}
}

func TestSARIFSuppressions(t *testing.T) {
	want := []string{"inSource plain TCP", "inSource ", "external in the baseline"}
	for i, r := range *sarifOf(t, diagnoses()["suppressed"]).Runs[0].Results {
		if s := r.Suppressions; len(s) != 1 || s[0].Kind+" "+s[0].Justification != want[i] {
			t.Errorf("suppressions %+v, want %s", s, want[i])
		}
	}
}

func TestSARIFFiles(t *testing.T) {
	for file, want := range map[string]string{
		"a.yaml": "a.yaml", "./deploy/a b.yaml": "deploy/a%20b.yaml", "../x:y.yaml": "../x:y.yaml", "x:y.yaml": "./x:y.yaml",
		"/srv/a#1.yaml": "file:///srv/a%231.yaml", "https://example.org/a.yaml?x=1": "https://example.org/a.yaml?x=1", "<stdin>": "%3Cstdin%3E",
	} {
		f := filed(live("KM1", "error", "T", "m", objectOf("Service", "s")), file, 1, 1, "spec")
		results := *sarifOf(t, diagnosis(api.Cause{Finding: f})).Runs[0].Results
		if got := results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI; got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

type junitCase struct {
	Class   string `xml:"classname,attr"`
	Name    string `xml:"name,attr"`
	Failure *struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"failure"`
	Skipped *struct {
		Message string `xml:"message,attr"`
	} `xml:"skipped"`
}

// TestJUnit: what viewers count is there, test cases differ in classname and
// name, and a clean run has one that passes.
func TestJUnit(t *testing.T) {
	for name, d := range diagnoses() {
		var got struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Suites   []struct {
				Name  string      `xml:"name,attr"`
				Cases []junitCase `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(rendered(t, "junit", d, report.Options{})), &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seen := map[string]bool{}
		tests, failed, skipped := 0, 0, 0
		for _, s := range got.Suites {
			for _, c := range s.Cases {
				tests++
				if key := c.Class + "\n" + c.Name; seen[key] || c.Class == "" || c.Name == "" {
					t.Errorf("%s: test case %q is there twice or has no name", name, key)
				} else {
					seen[key] = true
				}
				if c.Failure != nil {
					failed++
				}
				if c.Skipped != nil {
					skipped++
				}
			}
		}
		if got.Tests != tests || got.Failures != failed || got.Skipped != skipped {
			t.Errorf("%s: counts %d, %d, %d; found %d, %d, %d", name, got.Tests, got.Failures, got.Skipped, tests, failed, skipped)
		}
		if want := d.Summary.Errors + d.Summary.Warnings; failed != want || skipped != len(d.Suppressed)+len(d.Skipped) {
			t.Errorf("%s: %d failures of %d, %d skipped", name, failed, want, skipped)
		}
		if len(d.Causes) == 0 && tests-failed-skipped < 1 {
			t.Errorf("%s: nothing passes", name)
		}
	}
}

var command = regexp.MustCompile(`^::(error|warning|notice) ((file|line|col|title)=[^,:]*)(,(file|line|col|title)=[^,:]*)*::.`)

// TestGitHub: each line is one command whose properties cannot be left early,
// or says something of the report's own.
func TestGitHub(t *testing.T) {
	own := regexp.MustCompile(`^(GitHub annotates the first 10 of each level; in this log only: .*|\d+ findings? (would go|suppressed))$`)
	for name, d := range diagnoses() {
		commands := 0
		for l := range strings.Lines(rendered(t, "github", d, report.Options{})) {
			l = strings.TrimSuffix(l, "\n")
			if command.MatchString(l) {
				commands++
			} else if !own.MatchString(l) {
				t.Errorf("%s: %q", name, l)
			}
		}
		if want := d.Summary.Errors + d.Summary.Warnings + d.Summary.Infos + len(d.Skipped); commands != want {
			t.Errorf("%s: %d commands, want %d", name, commands, want)
		}
	}
}

func TestGitHubShowsCausesFirst(t *testing.T) {
	out := rendered(t, "github", diagnosis(many()...), report.Options{})
	if !strings.HasPrefix(out, "GitHub annotates the first 10 of each level; in this log only: ") {
		t.Errorf("the cap is not told:\n%s", out)
	}
	if last, first := strings.LastIndex(out, "title=KM2111"), strings.Index(out, "title=KM3002"); last < 0 || first < last {
		t.Errorf("an explained finding comes before a cause:\n%s", out)
	}
}

// TestMarkdownLength: GitHub refuses longer comments; what is left out is counted.
func TestMarkdownLength(t *testing.T) {
	var causes []api.Cause
	for i := range 900 {
		c := full()
		c.Subject.Name, c.Message = fmt.Sprintf("d%d", i), strings.Repeat("文|", 300)
		causes = append(causes, c)
	}
	d := diagnosis(causes...)
	for range 5000 {
		d.Gone = append(d.Gone, causes[0].Finding)
	}
	out := rendered(t, "markdown", d, report.Options{})
	if n := utf8.RuneCountInString(out); n > 60_000 || n < 50_000 {
		t.Errorf("%d characters", n)
	}
	if !regexp.MustCompile(`\nand \d{3} more\n`).MatchString(out) || !regexp.MustCompile(`Details of \d{3} more causes are left out`).MatchString(out) {
		t.Errorf("what is left out is not counted: %s", out[len(out)-1000:])
	}
	if strings.Count(out, "<details>") != strings.Count(out, "</details>") {
		t.Error("a block is not closed")
	}
}

// TestMarkdownIsInert: nothing that others wrote has a meaning of its own.
func TestMarkdownIsInert(t *testing.T) {
	out := rendered(t, "markdown", nasty(), report.Options{})
	outside := regexp.MustCompile("(?s)\n(`{4,})[a-z]+\n.*?\n`{4,}\n").ReplaceAllString(out, "\n")
	for _, bad := range []string{"<script", "@everyone", " #1", "[a]", "*b*", "_c_", "```", "\x1b", "\u202e"} {
		if strings.Contains(outside, bad) {
			t.Errorf("%q is in\n%s", bad, outside)
		}
	}
	for l := range strings.Lines(outside) {
		if strings.HasPrefix(l, "|") && strings.Count(l, "|") != 6 {
			t.Errorf("a row of %d bars: %s", strings.Count(l, "|"), l)
		}
	}
}
