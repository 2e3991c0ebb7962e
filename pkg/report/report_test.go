// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
	"github.com/kubectl-micro/kubectl-micro/pkg/report"
)

func TestFormats(t *testing.T) {
	want := []string{"text", "github", "json", "jsonl", "junit", "markdown", "name", "sarif", "wide", "yaml"}
	if diff := cmp.Diff(want, report.Formats()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	err := report.Render(io.Discard, "xml", diagnosis(), report.Options{})
	if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("an unknown format: %v", err)
	}
}

// TestCausesInEveryFormat holds for all formats but name, which names objects.
func TestCausesInEveryFormat(t *testing.T) {
	for name, d := range diagnoses() {
		for _, format := range report.Formats() {
			out := rendered(t, format, d, report.Options{All: true})
			for _, c := range d.Causes {
				want := c.ID
				if format == "name" {
					want = "/" + render.Sanitise(c.Subject.Name)
				}
				if !strings.Contains(out, want) {
					t.Errorf("%s: -o %s does not mention %s", name, format, want)
				}
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	cases := diagnoses()
	odd := article()
	odd.Message = "\x00\x1b\x7f\u0085\u009b\u2028\ufeff\ufffe\uffff<&>" // what YAML takes only escaped
	cases["odd"] = diagnosis(odd)
	for name, d := range cases {
		if name == "hostile" { // bytes that are no UTF-8 cannot come back
			continue
		}
		want := api.Diagnosis{}
		for _, format := range []string{"json", "yaml"} {
			var got api.Diagnosis
			decode := func(data []byte, into any) error { return yaml.UnmarshalStrict(data, into) }
			if format == "json" {
				decode = json.Unmarshal
			}
			if err := decode([]byte(rendered(t, format, d, report.Options{})), &got); err != nil {
				t.Fatalf("%s: -o %s: %v", name, format, err)
			}
			if format == "json" {
				want = got
			}
			// Patches are any: JSON decodes them into its own types.
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: yaml against json\n%s", name, diff)
			}
			again := rendered(t, "json", &got, report.Options{})
			if diff := cmp.Diff(rendered(t, "json", d, report.Options{}), again); diff != "" {
				t.Errorf("%s: -o %s does not come back as it was\n%s", name, format, diff)
			}
		}
	}
}

func TestAllFindingsInText(t *testing.T) {
	for name, d := range diagnoses() {
		out := rendered(t, "text", d, report.Options{All: true})
		check := func(f api.Finding) {
			if !strings.Contains(out, render.Sanitise(f.Message)) {
				t.Errorf("%s: %s of %s is not told", name, f.Message, f.Subject.Name)
			}
		}
		for _, c := range d.Causes {
			check(c.Finding)
			for _, f := range c.Explains {
				check(f)
			}
		}
	}
}

// maxScreen is how many lines of a terminal the cases may take; those with one
// cause half a screen, that with too many a large one.
var maxScreen = map[string]int{"full": 30, "article": 12, "many": 45, "notes": 1, "gone": 14, "hostile": 60}

var sequence = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestTextOnTerminals: no line is longer than the terminal but for a word that
// is, and a broken service fits a screen.
func TestTextOnTerminals(t *testing.T) {
	for name, d := range diagnoses() {
		for _, width := range []int{60, 80, 120} {
			out := rendered(t, "text", d, report.Options{Width: width, Palette: render.Colors(render.ColorAlways, nil)})
			for l := range strings.Lines(out) {
				l = strings.TrimSuffix(sequence.ReplaceAllString(l, ""), "\n")
				if utf8.RuneCountInString(l) > width && len(strings.Fields(l)) > 2 && name != "hostile" {
					t.Errorf("%s: %d columns of %d: %q", name, utf8.RuneCountInString(l), width, l)
				}
			}
			if n := strings.Count(out, "\n"); width >= 80 && n > maxScreen[name] {
				t.Errorf("%s: %d lines at width %d", name, n, width)
			}
		}
	}
}

// TestNotes: a note is told where it is what makes the command fail.
func TestNotes(t *testing.T) {
	d := diagnosis(notes()...)
	for _, told := range []bool{true, false} {
		out := rendered(t, "text", d, report.Options{Notes: told})
		if strings.Contains(out, d.Causes[0].ID) != told || strings.Contains(out, "not shown") == told {
			t.Errorf("Notes %t:\n%s", told, out)
		}
	}
}

// TestPipes: a pipe gets a line for each thing said, whatever its length.
func TestPipes(t *testing.T) {
	d := diagnosis(article())
	for _, format := range []string{"text", "wide"} {
		if out := rendered(t, format, d, report.Options{}); !strings.Contains(out, d.Causes[0].Message) {
			t.Errorf("-o %s breaks the message:\n%s", format, out)
		}
	}
	if out := rendered(t, "text", d, report.Options{Width: 80}); strings.Contains(out, d.Causes[0].Message) {
		t.Errorf("a terminal of 80 columns gets the message in one line:\n%s", out)
	}
}

// TestWideLetters: letters of two columns count twice, marks above others not.
func TestWideLetters(t *testing.T) {
	d := diagnosis(api.Cause{Finding: live("KM1", "error", "T", strings.Repeat("文字 ", 20)+strings.Repeat("e\u0301 ", 20), objectOf("Pod", "p"))})
	got := strings.Split(rendered(t, "text", d, report.Options{Width: 40}), "\n")
	want := []string{
		"error   KM1 Pod shop/p: 文字 文字 文字",
		strings.Repeat(" ", 15) + strings.TrimSpace(strings.Repeat("文字 ", 5)),
	}
	if diff := cmp.Diff(want, got[:2]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if want := strings.Repeat(" ", 15) + strings.TrimSpace(strings.Repeat("e\u0301 ", 12)); !slices.Contains(got, want) {
		t.Errorf("no line %q in %q", want, got)
	}
}

// TestTogether: one fault of many objects is told once, its message in the
// headline where it is the same; notes are counted.
func TestTogether(t *testing.T) {
	same := notes()
	for i := range same {
		same[i].Severity, same[i].Explains = "warning", nil
	}
	out := rendered(t, "text", diagnosis(append(same, notes()...)...), report.Options{})
	want := `warning KM2501 a drain may take all pods at once (3 objects)
        Deployment shop/a
        Deployment shop/b
        Deployment shop/c

3 notes not shown: --show all
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestOneSeverity: every format has the severity of each finding, whatever it
// explains.
func TestOneSeverity(t *testing.T) {
	d := diagnosis(article())
	for format, want := range map[string]string{
		"text": "warning KM8005", "markdown": "| warning (likely, latent) |", "github": "::warning file=mesh/a b.yaml",
		"wide": "warning    KM8005", "junit": `type="warning"`, "sarif": `"level": "warning"`, "json": `"severity": "warning"`,
	} {
		if out := rendered(t, format, d, report.Options{}); !strings.Contains(out, want) {
			t.Errorf("-o %s lacks %q:\n%s", format, want, out)
		}
	}
}

// TestLogs: of a long log the line that cries is shown, or else the end.
func TestLogs(t *testing.T) {
	for _, c := range []struct{ log, first, last string }{
		{"a\nb\nc\nd\ne\nf", "c", "f"},
		{"a\npanic: gone\nb\nc\nd\ne\nf", "panic: gone", "d"},
		{"a\n  at ErrorHandler error\nb\nc\nd\ne", "b", "e"},
		{"java.lang.Error: x\n\tat y\nCaused by: error z\n1\n2\n3\n4", "Caused by: error z", "3"},
	} {
		cause := api.Cause{Finding: live("KM1", "error", "T", "m", objectOf("Pod", "p"))}
		cause.Evidence = []api.Evidence{{Kind: "log", Value: c.log}}
		out := strings.Split(strings.TrimSpace(rendered(t, "text", diagnosis(cause), report.Options{})), "\n")
		bar := "          | "
		if len(out) != 6 || out[2] != bar+c.first || out[5] != bar+c.last {
			t.Errorf("%q: %q", c.log, out)
		}
	}
}

func TestLines(t *testing.T) {
	for l := range strings.Lines(rendered(t, "jsonl", diagnosis(many()...), report.Options{})) {
		var got struct {
			APIVersion, Kind, Role, ID string
			Cause                      *struct{ ID, Fingerprint string }
		}
		if err := json.Unmarshal([]byte(l), &got); err != nil {
			t.Fatal(err)
		}
		if got.Kind != "Finding" || got.APIVersion != api.Version || got.Cause == nil || got.Cause.Fingerprint == "" || got.Role == "cause" && got.Cause.ID != got.ID {
			t.Errorf("a line without its cause: %s", l)
		}
	}
}
