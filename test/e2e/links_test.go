// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/test/console"
)

// TestLinks follows every link of the documents that leads to a file or a heading
// of the repository.
func TestLinks(t *testing.T) {
	files, err := documents(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"*.md", "examples/*.md", "examples/*/*.md"} {
		more, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range broken(file, string(text)) {
			t.Error(fault)
		}
	}
}

func TestLinkChecker(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.md": "# A b, c: `d`\n\n```sh\n# no heading\n[no](link.md)\n```\n",
		"b.md": "[1](a.md) [2](a.md#a-b-c-d) [3](#here) [4](https://example.com/x) ![5](pic.svg) `[no](code.md)` [6](.)\n\n## Here\n",
		"c.md": "[gone](gone.md) [heading](a.md#no-heading) [itself](#nowhere)\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]int{"a.md": 0, "b.md": 1, "c.md": 3} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := broken(filepath.Join(dir, name), string(text)); len(got) != want {
			t.Errorf("%s: got %v, want %d", name, got, want)
		}
	}
}

// TestTranslation compares the two READMEs: what is typed and printed is the same.
func TestTranslation(t *testing.T) {
	var steps [2][]string
	for i, name := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := console.Parse(string(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, b := range blocks {
			steps[i] = append(steps[i], "kind: "+b.Place)
			for _, s := range b.Steps {
				steps[i] = append(steps[i], "$ "+s.Command)
				steps[i] = append(steps[i], s.Want...)
			}
		}
	}
	if diff := cmp.Diff(steps[0], steps[1]); diff != "" {
		t.Errorf("the blocks of README.zh-CN.md are others (-README.md +README.zh-CN.md):\n%s", diff)
	}
}

var (
	// code is what is no link whatever it looks like.
	code = regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]*`")
	// link is [text](target) and ![text](target).
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// remote is a target with a scheme.
	remote  = regexp.MustCompile(`^[a-z]+:`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
)

// broken returns the links of a document that lead nowhere.
func broken(file, text string) []error {
	var faults []error
	for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
		if remote.MatchString(m[1]) {
			continue
		}
		path, anchor, _ := strings.Cut(m[1], "#")
		target := file
		if path != "" {
			target = filepath.Join(filepath.Dir(file), path)
		}
		if _, err := os.Stat(target); err != nil {
			faults = append(faults, fmt.Errorf("%s: the link to %s leads nowhere: %w", file, m[1], err))
			continue
		}
		if anchor == "" {
			continue
		}
		there, err := os.ReadFile(target)
		if err != nil || !slices.Contains(anchors(string(there)), anchor) {
			faults = append(faults, fmt.Errorf("%s: %s has no heading for the link to %s (%v)", file, target, m[1], err))
		}
	}
	return faults
}

// anchors are what GitHub calls the headings of a document: lower case, dashes for
// blanks, without punctuation.
func anchors(text string) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		out = append(out, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return out
}
