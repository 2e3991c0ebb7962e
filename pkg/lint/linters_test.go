// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
)

// linters.txt says what the rules say of themselves: each check of each linter is
// there once, with exactly the rules that name it, or with a reason.
func TestEveryCheckIsCovered(t *testing.T) {
	data, err := os.ReadFile("linters.txt")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string][]string{}
	for _, r := range catalog.Rules() {
		for _, a := range lint.AskedBy(r) {
			named[a] = append(named[a], r.ID)
		}
	}
	counts := map[string]int{}
	listed := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		check, rest, _ := strings.Cut(line, " ")
		if listed[check] {
			t.Errorf("%s is there twice", check)
		}
		listed[check] = true
		linter, _, _ := strings.Cut(check, ":")
		counts[linter]++
		if reason, none := strings.CutPrefix(rest, "n/a: "); none {
			if reason == "" || len(named[check]) > 0 {
				t.Errorf("%s has reason %q, and the rules %v", check, reason, named[check])
			}
			continue
		}
		if diff := cmp.Diff(named[check], strings.Fields(rest)); diff != "" || len(named[check]) == 0 {
			t.Errorf("%s (-rules that name it +linters.txt):\n%s", check, diff)
		}
	}
	for check := range named {
		if !listed[check] {
			t.Errorf("%s is named by %v, but not in linters.txt", check, named[check])
		}
	}
	want := map[string]int{"kube-linter": 63, "kube-score": 39, "polaris": 44, "kubescape": 87}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
}

// A rule of the lint that nobody asks for is our own, or tells what is broken.
func TestRules(t *testing.T) {
	ids := lint.IDs(lint.Rules())
	for _, c := range []struct {
		id string
		in bool
	}{
		{"KM1513", true}, {"KM1544", true}, {"KM1501", true}, {"KM3001", true}, {"KM8002", true},
		{"KM1508", false}, {"KM2515", false}, {"KM7503", false}, {"KM7501", false}, {"KM1001", false},
	} {
		if slices.Contains(ids, c.id) != c.in {
			t.Errorf("%s is a rule of the lint: %t, expected %t", c.id, !c.in, c.in)
		}
	}
	if ids := lint.IDs(lint.Of("kube-score")); !slices.Contains(ids, "KM1515") || slices.Contains(ids, "KM2502") {
		t.Errorf("kube-score asks for %v", ids)
	}
	for _, id := range slices.Concat(lint.Personal, lint.Chosen, lint.Relaxed) {
		if _, known := catalog.Rule(id); !known {
			t.Errorf("%s is no rule", id)
		}
	}
}

// The proof of gold has one open check, which only the profile hardened meets.
func TestProof(t *testing.T) {
	results := map[string]map[lint.Result]int{}
	open := []string{}
	for _, l := range lint.Proof(world(t, gold(t)), lint.Linters) {
		if results[l.Linter] == nil {
			results[l.Linter] = map[lint.Result]int{}
		}
		results[l.Linter][l.Result]++
		if l.Result == lint.Fail {
			open = append(open, l.Check)
		}
	}
	if diff := cmp.Diff([]string{"C-0211"}, open); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	if results["polaris"][lint.Pass] < 34 || results["kube-linter"][lint.Pass] < 55 || results["kube-score"][lint.Pass] < 36 {
		t.Errorf("fewer pass than before: %v", results)
	}
}

// What an annotation exempts is neither passed nor failed.
func TestProofTellsExemptions(t *testing.T) {
	text := strings.Replace(gold(t), "      priorityClassName: shop-standard\n", "", 1)
	text = strings.Replace(text, "    email: team-shop@example.com\n", "    email: team-shop@example.com\n    polaris.fairwinds.com/priorityClassNotSet-exempt: 'true'\n", 1)
	for _, l := range lint.Proof(world(t, text), []string{"polaris"}) {
		if l.Linter != "polaris" {
			t.Errorf("asked for polaris, found %s", l.Linter)
		}
		if l.Check == "priorityClassNotSet" && (l.Result != lint.Exempt || l.Detail != "Deployment shop/catalog") {
			t.Errorf("found %+v", l)
		}
		if l.Check == "hpaMaxAvailability" && l.Result != lint.NotApplicable {
			t.Errorf("found %+v", l)
		}
	}
}
