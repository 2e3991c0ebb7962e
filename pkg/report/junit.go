// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

var _ = register("junit", junit)

// suiteName is the name of the whole, and of the suite of what has no namespace.
const suiteName = "kubectl micro diagnose"

type (
	testSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Suites   []*testSuite
	}
	testSuite struct {
		XMLName   xml.Name `xml:"testsuite"`
		Name      string   `xml:"name,attr"`
		Timestamp string   `xml:"timestamp,attr"`
		Time      int      `xml:"time,attr"`
		Tests     int      `xml:"tests,attr"`
		Failures  int      `xml:"failures,attr"`
		Errors    int      `xml:"errors,attr"`
		Skipped   int      `xml:"skipped,attr"`
		Cases     []testCase
	}
	testCase struct {
		XMLName xml.Name  `xml:"testcase"`
		Class   string    `xml:"classname,attr"`
		Name    string    `xml:"name,attr"`
		Time    int       `xml:"time,attr"`
		File    string    `xml:"file,attr,omitempty"`
		Line    int       `xml:"line,attr,omitempty"`
		Skipped *skipped  `xml:"skipped"`
		Failure *failure  `xml:"failure"`
		Out     *chardata `xml:"system-out"`
	}
	failure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	skipped struct {
		Message string `xml:"message,attr"`
	}
	chardata struct {
		Text string `xml:",chardata"`
	}
)

// junit is for the test reports of GitLab, Jenkins and their like.
//
// There is a suite for each namespace. GitLab and Jenkins both group by
// classname, the object here, and look at the suite's name hardly or not at
// all; viewers that do show suites then sort by who owns the objects. Suites by
// rule would come and go with the findings, and with them the history.
//
// GitLab tells test cases apart by classname and name and drops the second of
// two, so that names carry the field and, if they must, a number. It shows the
// text of a failure and not its attribute: the text repeats the message.
func junit(w io.Writer, d *api.Diagnosis, _ Options) error {
	j := &cases{d: d, suites: map[string]*testSuite{}, names: map[string]int{}}
	for i := range d.Causes {
		c := &d.Causes[i]
		j.finding(c, "")
		for k := range c.Explains {
			j.finding(&api.Cause{Finding: c.Explains[k]}, "explained by "+c.ID+" "+sentence(&c.Finding))
		}
	}
	if len(d.Causes) == 0 {
		j.add("", testCase{Class: scope(d), Name: "no findings", Out: &chardata{
			fmt.Sprintf("%s on %s", count(d.Summary.Rules, "rule"), count(d.Summary.Objects, "object"))}})
	}
	for i := range d.Gone {
		f := &d.Gone[i]
		c := j.testCase(f)
		c.Out = &chardata{clear("would go: " + f.Message)}
		j.add(f.Subject.Namespace, c)
	}
	for i := range d.Suppressed {
		s := &d.Suppressed[i]
		c := j.testCase(&s.Finding)
		c.Skipped = &skipped{clear(fmt.Sprintf("suppressed by %s: %s", s.By, cmp.Or(s.Reason, "no reason given")))}
		j.add(s.Subject.Namespace, c)
	}
	for i := range d.Skipped {
		s := &d.Skipped[i]
		j.add(s.Namespace, testCase{Class: "not looked at", Name: clear(s.Kind), Skipped: &skipped{clear(strings.Join(missed(s), "; "))}})
	}
	return j.write(w)
}

// cases collects test cases.
type cases struct {
	d      *api.Diagnosis
	suites map[string]*testSuite
	// names counts those with one classname and name.
	names map[string]int
}

func (j *cases) finding(c *api.Cause, because string) {
	t := j.testCase(&c.Finding)
	body := body(j.d, c)
	if because != "" {
		body += clear(because) + "\n"
	}
	if c.Severity == "info" {
		t.Out = &chardata{clear(c.Message) + "\n" + body}
	} else {
		t.Failure = &failure{Message: clear(c.Message), Type: clear(c.Severity), Text: clear(sentence(&c.Finding)) + "\n" + body}
	}
	j.add(c.Subject.Namespace, t)
}

// body is what text would say with room for everything, and the page of the rule.
func body(d *api.Diagnosis, c *api.Cause) string {
	p := page{now: d.Time, o: Options{All: true}}
	p.body(c)
	if c.Docs != "" {
		p.line("docs: ", c.Docs)
	}
	return p.String()
}

func (j *cases) testCase(f *api.Finding) testCase {
	c := testCase{Class: clear(object(f.Subject)), Name: clear(f.ID + " " + f.Title)}
	if f.Field != "" {
		c.Name += clear(" (" + f.Field + ")")
	}
	if f.Location != nil {
		c.File, c.Line = clear(f.Location.File), max(0, f.Location.Line)
	}
	return c
}

func (j *cases) add(namespace string, c testCase) {
	key := c.Class + "\n" + c.Name
	if j.names[key]++; j.names[key] > 1 {
		c.Name += fmt.Sprintf(" #%d", j.names[key])
	}
	s := j.suites[namespace]
	if s == nil {
		s = &testSuite{Name: suiteName, Timestamp: j.d.Time.UTC().Format("2006-01-02T15:04:05")}
		if namespace != "" {
			s.Name = clear(namespace)
		}
		j.suites[namespace] = s
	}
	s.Cases = append(s.Cases, c)
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
}

// write writes the suites, sorted. The encoder escapes, and puts U+FFFD where
// XML 1.0 has no place for a character. It escapes line breaks too: only those
// of text are left, where they may stand as they are.
func (j *cases) write(w io.Writer) error {
	all := testSuites{Name: suiteName}
	for _, s := range j.suites {
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Skipped += s.Skipped
	}
	slices.SortFunc(all.Suites, func(a, b *testSuite) int { return cmp.Compare(a.Name, b.Name) })
	out, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, bytes.ReplaceAll(out, []byte("&#xA;"), []byte("\n")))
	return err
}

// clear is one line that can be shown.
func clear(s string) string { return render.Sanitise(s) }

// scope is what was looked at, in words.
func scope(d *api.Diagnosis) string {
	switch {
	case d.Scope.Target != "":
		return clear(d.Scope.Target)
	case d.Scope.Namespace != "":
		return clear("namespace " + d.Scope.Namespace)
	}
	return clear(cmp.Or(d.Scope.Source, "everything"))
}
