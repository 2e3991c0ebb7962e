// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package trial puts what the scaffold wrote before linters, and the linters to the
// test: they are wrong too when they let pass what was broken on purpose.
package trial

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
	"github.com/kubectl-micro/kubectl-micro/test/lint/sample"
)

// generated are the sets, which are made once. Every test is two folders deep in
// the repository.
var generated = sync.OnceValues(func() ([]sample.Set, error) { return sample.All(context.Background(), "../..") })

// Linters are linters by name.
type Linters map[string]finding.Linter

// Mutation breaks one thing in a set.
type Mutation struct {
	Name string
	// Set is the name of the set, in which all Old are replaced by New.
	Set, Old, New string
	// Linter must then report Check, and must not before.
	Linter, Check string
}

// Sets wants linters to find nothing in any set but what is exempt, and every
// exemption to be needed. Which linter judges which set, concerns tells.
func Sets(t *testing.T, linters Linters, concerns func(linter string, s sample.Set) bool, exemptions []finding.Exemption) {
	t.Helper()
	sets, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	ledger := finding.NewLedger(exemptions)
	for _, s := range sets {
		t.Run(s.Name, func(t *testing.T) {
			for name, judge := range linters {
				if !concerns(name, s) {
					continue
				}
				found, err := judge(s.Stream)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				open, err := ledger.Open(s.Name, found)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range open {
					t.Error(f)
				}
			}
		})
	}
	if t.Failed() { // then what is exempt is not all known
		return
	}
	for _, e := range ledger.Unused() {
		t.Errorf("an exemption is not needed any more: %+v", e)
	}
}

// Mutations wants linters to tell what each mutation broke.
func Mutations(t *testing.T, linters Linters, mutations []Mutation) {
	t.Helper()
	sets, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	streams := map[string]string{}
	for _, s := range sets {
		streams[s.Name] = string(s.Stream)
	}
	for _, m := range mutations {
		t.Run(m.Name, func(t *testing.T) {
			before := streams[m.Set]
			after := strings.ReplaceAll(before, m.Old, m.New)
			if after == before {
				t.Fatalf("found no %q in the set %s", m.Old, m.Set)
			}
			if checks := checksOf(t, linters[m.Linter], before); checks[m.Check] {
				t.Errorf("%s reports %s before the change", m.Linter, m.Check)
			}
			if checks := checksOf(t, linters[m.Linter], after); !checks[m.Check] {
				t.Errorf("expected %s to report %s, found %v", m.Linter, m.Check, checks)
			}
		})
	}
}

// checksOf are the checks that a linter fails a stream in.
func checksOf(t *testing.T, judge finding.Linter, stream string) map[string]bool {
	t.Helper()
	found, err := judge([]byte(stream))
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]bool{}
	for _, f := range found {
		checks[f.Check] = true
	}
	return checks
}
