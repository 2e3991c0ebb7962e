// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1570", Slug: "end-of-life", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Image is of a version that gets no fixes any more",
	Why: `The makers of the program, or of the distribution below it, no longer mend this version: holes that become
known stay open in every image that is built on it. The dates are those that the makers have announced. Versions that the
suite does not know are not judged.`,
	Fix:       "Take a version that is maintained, and let a bot (Renovate, Dependabot) propose the next ones.",
	Reference: "https://endoflife.date",
	Needs:     model.WorkloadKinds,
	Check: func(w *rules.World, emit rules.Emit) {
		eachDockerfile(oldBase)(w, emit)
		for _, of := range w.Judged("") {
			for at, c := range of.Containers() {
				if what, hint, found := outlived(w, parseImage(c.Image)); found {
					emit(of.Object, at+"/image", "container %s has image %s: %s", c.Name, c.Image, what).Hint = hint
				}
			}
		}
	},
})

func oldBase(w *rules.World, r *recipe, report reporter) {
	told := map[string]bool{}
	for _, s := range r.stages {
		base, known := r.base(s)
		if !known || told[base.String()] {
			continue
		}
		if what, hint, found := outlived(w, base); found {
			told[base.String()] = true
			line, column := s.Instructions[0].Place(s.Image)
			report(line, column, "base image %s: %s", base, what).Hint = hint
		}
	}
}

// outlived says what of an image is no longer maintained, and what to take.
func outlived(w *rules.World, i image) (what, hint string, found bool) {
	p, l, found := ended(i, w.Now)
	if !found {
		return "", "", false
	}
	what = "the end of life of " + p.name + " " + l.version + " was in " + l.end
	newest := p.newest(w.Now)
	switch {
	case p.instead != "":
		hint = "take " + p.instead
	case newest.end != "":
		hint = "take " + p.name + " " + newest.version + ", which is maintained until " + newest.end
	default:
		hint = "take a version that is maintained: https://endoflife.date/" + p.name
	}
	return what, hint, true
}
