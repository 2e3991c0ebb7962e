// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package lint says which rules make up the union of what linters of manifests
// ask for, which of them stands for which check of which linter, and judges
// objects that are in no file yet.
//
// linters.txt is the claim that the union is whole: each check of each linter,
// with the rules that stand for it or the reason why none does.
package lint

import (
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/habits"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/hygiene"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

// Linters are the linters whose checks the rules know by name.
var Linters = []string{"kube-linter", "kube-score", "polaris", "kubescape"}

// Personal are the rules that ask for what a program cannot make up: the digest
// of an image, the address of a team, what SELinux is to do. They are part of the
// union, and run when they are named or when a linter that asks for them is.
var Personal = []string{"KM1508", "KM1542", "KM2515"}

// Chosen are the rules about what the author of an app file decides: how many pods
// there are, which ports, which values, and that the world outside may come in.
// Their findings are true of what is generated, and no fault of the generator.
var Chosen = []string{
	"KM1527", "KM1535", "KM1536", "KM2501", "KM2502", "KM2508", "KM2509", "KM2510", "KM2519", "KM3501", "KM3502", "KM5501", "KM6514", "KM6517",
}

// Relaxed are the rules that the profile dev leaves unmet: only memory is bounded.
var Relaxed = []string{"KM1519", "KM1520"}

// Rules are the rules to lint manifests with, sorted by ID: all that can judge
// files. Left out are those of hygiene that no linter has, but for our own, which
// are the business of the security audit, and the personal ones.
func Rules() []*rules.Rule {
	own := slices.Concat(hygiene.Rules(), habits.Rules())
	return slices.DeleteFunc(catalog.Rules(), func(r *rules.Rule) bool {
		return r.Live || slices.Contains(Personal, r.ID) ||
			r.Hygiene && !r.Texts && !slices.Contains(own, r) && len(AskedBy(r)) == 0
	})
}

// Of are the rules that some linters ask for, sorted by ID.
func Of(linters ...string) []*rules.Rule {
	return slices.DeleteFunc(catalog.Rules(), func(r *rules.Rule) bool {
		return !slices.ContainsFunc(AskedBy(r), func(alias string) bool {
			linter, _, _ := strings.Cut(alias, ":")
			return slices.Contains(linters, linter)
		})
	})
}

// AskedBy are the checks of linters that a rule stands for, as LINTER:CHECK.
func AskedBy(r *rules.Rule) []string {
	var out []string
	for _, a := range r.Aliases {
		if linter, _, found := strings.Cut(a, ":"); found && slices.Contains(Linters, linter) {
			out = append(out, a)
		}
	}
	return out
}

// IDs are the IDs of rules.
func IDs(list []*rules.Rule) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}

// Check judges objects that are in no file yet, as decoded JSON, by the rules of
// hygiene. What is suppressed, in any linter's annotation, is left out.
func Check(objects []map[string]any) []rules.Result {
	b := model.NewBuilder(model.Options{Offline: true, Partial: true, Duplicates: true})
	for _, o := range objects {
		b.Add(model.FromRaw(o, "").Planned())
	}
	s, _ := b.Build() // what fits no type is what other rules tell
	return Kept(&rules.World{Snapshot: s}, slices.DeleteFunc(Rules(), func(r *rules.Rule) bool { return !r.Hygiene || r.Texts }))
}

// Kept runs rules over a World and leaves out what is suppressed in it.
func Kept(w *rules.World, list []*rules.Rule) []rules.Result {
	kept, _ := judge(w, list)
	return kept
}

// Verify is Check without what the author of an app file decides, and without some
// more rules: what it finds in generated objects is a fault of the generator.
func Verify(objects []map[string]any, also ...string) []rules.Result {
	return slices.DeleteFunc(Check(objects), func(r rules.Result) bool {
		return slices.Contains(Chosen, r.ID) || slices.Contains(also, r.ID)
	})
}

// judge runs rules and parts what counts from what is suppressed.
func judge(w *rules.World, list []*rules.Rule) (kept, waived []rules.Result) {
	if w.Now.IsZero() {
		w.Now = time.Unix(0, 0) // no suppression has ended: generated ones have no end
	}
	set := suppress.New(w, nil, catalog.Rules(), catalog.Means)
	for _, r := range rules.Run(w, list) {
		if _, counts := set.Keep(r); counts {
			kept = append(kept, r)
		} else {
			waived = append(waived, r)
		}
	}
	return kept, waived
}
