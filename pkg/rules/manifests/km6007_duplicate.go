// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"path"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6007", Slug: "duplicate", Severity: finding.Warning,
	Short: "Object or key is there twice",
	Why: `Of two objects with the same kind, namespace and name, ` + "`kubectl apply`" + ` leaves the one that it
comes to last; with two clients, such as two GitOps applications, they overwrite each other for ever.
In files of different directories they are a note: overlays and alternatives are seldom applied together.

A key that is in a mapping twice is no YAML. kubectl takes the last one silently, and what was written
under the first is lost; other programs refuse the file.`,
	Fix:       `Remove one of the two, or merge them.`,
	Reference: "https://yaml.org/spec/1.2.2/#3213-node-comparison",
	Explains:  []string{"KM8005", "KM8002", "KM6006"},
	Check:     checkDuplicates,
})

// apart reports whether two definitions are in files of different directories:
// overlays and alternatives, most of them, which nobody applies together.
func apart(a, b *model.Object) bool {
	if a.Source == nil || b.Source == nil {
		return false
	}
	return path.Dir(a.Source.Doc.File) != path.Dir(b.Source.Doc.File)
}

func checkDuplicates(w *rules.World, emit rules.Emit) {
	for _, o := range w.Shadowed() {
		last, found := w.Object(o.Ref)
		if !found {
			continue
		}
		if patch.Equal(o.Raw(), last.Raw()) {
			f := emit(o, "", "%s is defined again, with the same content, at %s", o.Ref, last.Where(""))
			f.Reason = "defined again, with the same content"
			f.Severity, f.State = finding.Info, finding.Latent
			continue
		}
		f := emit(o, "", "%s is defined again at %s, which replaces this definition", o.Ref, last.Where(""))
		f.Reason = "defined again"
		if apart(o, last) {
			f.Severity, f.Confidence, f.State = finding.Info, finding.Possible, finding.Latent
		}
	}
	for _, o := range authored(w) {
		if o.Source == nil {
			continue
		}
		for _, r := range o.Source.Repeats {
			if r.Same {
				f := emit(o, r.Pointer, "key %s is there %d times, with the same value, first on line %d", r.Key, r.Count, r.First.Line)
				f.Reason = "key repeated, with the same value"
				f.State = finding.Latent
				continue
			}
			f := emit(o, r.Pointer, "key %s is there %d times: only what is on line %d counts, what is on line %d is lost",
				r.Key, r.Count, r.Last.Line, r.First.Line)
			f.Severity, f.Explains = finding.Error, []string{"KM6006"}
			f.Hint = "merge the values under one " + r.Key
		}
	}
}
