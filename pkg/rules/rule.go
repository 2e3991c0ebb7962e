// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package rules is what the suite checks, and how a check is written: a Rule is
// data and a pure function over a World. The rules themselves are in the
// packages below this one, one file a rule, one package a family; package
// catalog lists the families.
//
// A family package declares
//
//	var family rules.Family
//
//	// Rules returns the rules of the family, sorted by ID.
//	func Rules() []*rules.Rule { return family.Rules() }
//
// and each rule is one file, named after its ID and slug:
//
//	// km8002_subset_missing.go
//	var _ = family.Add(rules.Rule{ID: "KM8002", Slug: "subset-missing", ...})
//
// with examples in testdata/KM8002, which package rulestest runs and which
// become the rule's page in the documentation.
package rules

import (
	"cmp"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Rule is one check.
type Rule struct {
	// ID is KM and four digits, never reused: the family digit first (0 engine,
	// 1 pods, 2 workloads, 3 service and DNS, 4 ingress and gateway, 5 node and
	// storage, 6 configuration, RBAC and APIs, 7 NetworkPolicy, 8 Istio traffic,
	// 9 Istio security and injection).
	ID string
	// Slug is the name of the rule in a URL: lower case with dashes.
	Slug string
	// Severity is that of its findings, unless the check says otherwise.
	Severity finding.Severity
	// Short is the fault in a few words, as a sentence without a full stop.
	Short string
	// Why says what happens because of it, Fix what to do. They are Markdown, one
	// or more paragraphs, and become the rule's page.
	Why, Fix string
	// Reference is the address of the upstream document that the rule rests on.
	Reference string
	// Aliases are the names of the same check elsewhere: "IST0101", "KIA1107",
	// "POP1100", "kube-linter:dangling-service", "kube-score:pod-probes",
	// "polaris:tagNotSpecified". Suppressions written for them count.
	Aliases []string
	// Needs are exactly the kinds the check looks at. A kind that could not be
	// read turns up in the report together with the rules that it cripples.
	// Empty for rules that look at every object, whatever its kind.
	Needs []*model.Kind
	// Live is true for checks of what only a cluster knows (status, events).
	// They are not run where nothing runs.
	Live bool
	// Texts is true for checks of Dockerfiles, pipelines and scripts: World.Texts is
	// filled in only where such a rule runs.
	Texts bool
	// Hygiene is true where nothing is broken but a linter asks. Such rules run
	// only when they are named.
	Hygiene bool
	// Explains are the rules whose findings this one may be the cause of, where
	// it is about the same or a related object.
	Explains []string
	// Check emits the findings in a World.
	Check func(w *World, emit Emit)
	// Repair returns the ways to mend a finding of this rule; nil when there is
	// none that a program could know.
	Repair func(w *World, r Result) []Fix
}

// Emit reports a finding about an object and one of its fields (a JSON Pointer,
// empty for the whole), with the rule's ID and severity. The message is a
// sentence without a full stop. The finding that is returned may be completed
// until the check returns.
type Emit func(on *model.Object, pointer, format string, args ...any) *finding.Finding

// Result is a finding with what it was found on and by.
type Result struct {
	*finding.Finding
	Rule *Rule
	On   *model.Object
}

// Family is a set of rules that grow up in one package.
type Family struct{ rules []*Rule }

// Add takes a rule in and returns it.
func (f *Family) Add(r Rule) *Rule {
	f.rules = append(f.rules, &r)
	return &r
}

// Rules returns the rules, sorted by ID.
func (f *Family) Rules() []*Rule {
	out := slices.Clone(f.rules)
	slices.SortFunc(out, func(a, b *Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
