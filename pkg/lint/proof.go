// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
)

//go:embed linters.txt
var linters string

// checkOf is a check of a linter.
type checkOf struct {
	// name is LINTER:CHECK.
	name string
	// rules are the IDs of those that stand for it; none where reason says why.
	rules  []string
	reason string
}

// checks are those of all linters, in the order of the file.
var checks = sync.OnceValue(func() []checkOf {
	var out []checkOf
	for line := range strings.Lines(linters) {
		line = strings.TrimSpace(line)
		name, rest, found := strings.Cut(line, " ")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		c := checkOf{name: name}
		if reason, none := strings.CutPrefix(rest, "n/a: "); none {
			c.reason = reason
		} else {
			c.rules = strings.Fields(rest)
		}
		out = append(out, c)
	}
	return out
})

// Result is how a set of objects does by a check.
type Result string

// The results. NotApplicable is a check that no rule stands for, or that has
// nothing to judge in the set.
const (
	Pass          Result = "pass"
	Fail          Result = "fail"
	Exempt        Result = "exempt"
	NotApplicable Result = "n/a"
)

// Line is one check of a proof.
type Line struct {
	Linter, Check string
	Result        Result
	// Rules are the IDs of the rules that stand for the check.
	Rules []string
	// Detail is the reason for n/a, or the objects that fail or are exempt.
	Detail string
}

// Proof says of each check of some linters how a World does by it. A check fails
// where any rule finds something that stands for it: two checks that share a rule
// fail together.
func Proof(w *rules.World, of []string) []Line {
	var list []*rules.Rule
	for _, r := range Of(of...) {
		if r.Applies(w) {
			list = append(list, r)
		}
	}
	kept, waived := judge(w, list)
	var out []Line
	for _, c := range checks() {
		linter, name, _ := strings.Cut(c.name, ":")
		if !slices.Contains(of, linter) {
			continue
		}
		line := Line{Linter: linter, Check: name, Rules: c.rules, Result: Pass}
		failed, exempt := found(kept, c.rules), found(waived, c.rules)
		switch {
		case c.reason != "":
			line.Result, line.Detail = NotApplicable, c.reason
		case len(failed) > 0:
			line.Result, line.Detail = Fail, rules.Few(failed, 3)
		case len(exempt) > 0:
			line.Result, line.Detail = Exempt, rules.Few(exempt, 3)
		case !slices.ContainsFunc(c.rules, func(id string) bool { return looksAt(w, id) }):
			line.Result, line.Detail = NotApplicable, "nothing of its kind"
		}
		out = append(out, line)
	}
	return out
}

// found names the objects that some rules have found something in.
func found(results []rules.Result, ids []string) []string {
	var out []string
	for _, r := range results {
		if name := r.Object.String(); slices.Contains(ids, r.ID) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// looksAt reports whether a World has an object that a rule looks at. Services,
// workloads and the like that it needs besides do not count where it is about
// something that is less common.
func looksAt(w *rules.World, id string) bool {
	r, known := catalog.Rule(id)
	if !known || !r.Applies(w) {
		return false
	}
	return len(r.Needs) == 0 || slices.ContainsFunc(r.Needs, func(k *model.Kind) bool { return len(w.OfKind(k.GroupKind)) > 0 })
}
