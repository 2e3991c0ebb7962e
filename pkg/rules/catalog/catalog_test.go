// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

// An ID that was published keeps its meaning for ever, so that baselines and
// suppressions do. Lines are added to ids.golden; none is changed or taken out.
func TestPublishedIDsStay(t *testing.T) {
	var have []string
	for _, r := range catalog.Rules() {
		have = append(have, r.ID+" "+r.Slug)
	}
	golden := filepath.Join("testdata", "ids.golden")
	if rulestest.Update() {
		if err := os.WriteFile(golden, []byte(strings.Join(have, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields(string(data)), strings.Fields(strings.Join(have, "\n"))); diff != "" {
		t.Errorf("the published rules are others (-published +present); -update publishes new ones:\n%s", diff)
	}
}

func TestRulesFitTogether(t *testing.T) {
	id := regexp.MustCompile(`^KM\d{4}$`)
	seen, slugs := map[string]bool{}, map[string]string{}
	for _, r := range catalog.Rules() {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%s is no ID, or there twice", r.ID)
		}
		seen[r.ID] = true
		if other := slugs[r.Slug]; other != "" {
			t.Errorf("%s and %s are both called %s", other, r.ID, r.Slug)
		}
		slugs[r.Slug] = r.ID
		if hygiene := r.ID[3] == '5' && r.ID[2] != '5'; hygiene != r.Hygiene && r.ID[2] != '5' {
			t.Errorf("%s: hygiene is %t, its number says %t", r.ID, r.Hygiene, hygiene)
		}
	}
	for _, r := range catalog.Rules() {
		for _, e := range r.Explains {
			if !seen[e] {
				t.Errorf("%s explains %s, which is no rule", r.ID, e)
			}
			if e == r.ID {
				t.Errorf("%s explains itself", r.ID)
			}
		}
	}
}

// The examples of the pages have the one fault that they are about, and those of
// the healthy none: no rule finds an error or a warning in them, however unsure.
func TestExamplesOfPages(t *testing.T) {
	for _, r := range catalog.Rules() {
		for _, word := range []string{"bad", "good"} {
			path := example(t, r.ID, word)
			found := false
			for _, x := range rules.Run(rulestest.World(t, path), catalog.Rules()) {
				switch {
				case x.ID == r.ID:
					found = true
				case x.Severity < finding.Warning || x.Rule.Hygiene || word == "bad" && tied(r, x.Rule):
				default:
					t.Errorf("%s: has another fault as well: %s at %s: %s", path, x.ID, x.Where, x.Message)
				}
			}
			if found != (word == "bad") {
				t.Errorf("%s: %s is found: %t", path, r.ID, found)
			}
		}
	}
}

// tied reports whether the findings of one rule lead to those of the other, so
// that no example can have only one of the two.
func tied(a, b *rules.Rule) bool {
	return slices.Contains(a.Explains, b.ID) || slices.Contains(b.Explains, a.ID)
}

func example(t *testing.T, id, word string) string {
	t.Helper()
	for _, pattern := range []string{word + ".yaml", word + ".live.yaml", word + ".complete.yaml", word + ".txtar", word + "-*.yaml"} {
		found, err := filepath.Glob(filepath.Join("..", "*", "testdata", id, pattern))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			return found[0]
		}
	}
	t.Fatalf("%s has no %s example", id, word)
	return ""
}

// A world that is good for a rule on its own is good for it among all others.
func TestGoodWorldsStayGood(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"good*.yaml", "good*.txtar"} {
		found, err := filepath.Glob(filepath.Join("..", "*", "testdata", "KM*", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no worlds: %v", err)
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		id := filepath.Base(filepath.Dir(path))
		for _, x := range rules.Run(rulestest.World(t, path), catalog.Rules()) {
			if x.ID == id {
				t.Errorf("%s: %s at %s: %s", path, x.ID, x.Where, x.Message)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	for _, c := range []struct {
		only, skip []string
		want       string
		not        string
	}{
		{only: []string{"KM8002"}, want: "KM8002", not: "KM8001"},
		{only: []string{"km8"}, want: "KM8002", not: "KM0002"},
		{only: []string{"KM80*"}, want: "KM8002", not: "KM0002"},
		{only: []string{"subset-missing"}, want: "KM8002", not: "KM8001"},
		{only: []string{"KIA1107"}, want: "KM8002", not: "KM0002"},
		{skip: []string{"KM8"}, want: "KM0002", not: "KM8002"},
		{only: []string{"KM8"}, skip: []string{"KM8002"}, want: "KM8001", not: "KM8002"},
	} {
		chosen, err := catalog.Select(c.only, c.skip)
		if err != nil {
			t.Errorf("%v %v: %v", c.only, c.skip, err)
			continue
		}
		has := func(id string) bool {
			return slices.ContainsFunc(chosen, func(r *rules.Rule) bool { return r.ID == id })
		}
		if !has(c.want) || has(c.not) {
			t.Errorf("--only %v --skip %v: %s is chosen: %t, %s: %t", c.only, c.skip, c.want, has(c.want), c.not, has(c.not))
		}
	}
	for _, c := range []struct {
		only, skip []string
		want       string
	}{
		{[]string{"KM8803"}, nil, `no rule is called "KM8803", expected an ID (KM8002), a family (KM8), a glob (KM80*), a name (subset-missing) or another tool's code (IST0101)`},
		{[]string{"KM8002"}, []string{"KM8"}, "--only KM8002 and --skip KM8 leave no rule to run"},
	} {
		_, err := catalog.Select(c.only, c.skip)
		if err == nil || err.Error() != c.want || fault.KindOf(err) != fault.Usage {
			t.Errorf("--only %v --skip %v: found %v, expected %s", c.only, c.skip, err, c.want)
		}
	}
}
