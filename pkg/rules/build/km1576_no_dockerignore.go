// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1576", Slug: "no-dockerignore", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "All that lies about is copied into the image",
	Why: `COPY . . takes the whole folder, and no .dockerignore leaves anything out: the history in .git, keys and
passwords in .env, node_modules of another platform, and every change of a README makes the layer anew.`,
	Fix:       "Write a .dockerignore next to the Dockerfile (.git, **/node_modules, .env*, **/target, k8s/), or copy only what is needed.",
	Reference: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
	Check:     eachDockerfile(copiesAll),
})

func copiesAll(w *rules.World, r *recipe, report reporter) {
	if r.Path == "-" || ignored(w, r.Path) {
		return
	}
	for _, s := range r.stages {
		for _, i := range s.Instructions {
			from, other := i.Flag("from")
			words := strings.Fields(i.Text)
			if i.Word != "COPY" && i.Word != "ADD" || other && from != "" || len(words) < 2 || !anyOf(words[:len(words)-1], []string{".", "./", "./*", "*"}) {
				continue
			}
			line, column := i.Place("")
			f := report(line, column, "%s %s takes all of the folder, and no .dockerignore leaves anything out: .git, .env and node_modules go along if they are there", i.Word, i.Text)
			f.Confidence = finding.Likely // the context may be another folder
			f.Hint = "write a .dockerignore beside it: .git, **/node_modules, .env*"
			return
		}
	}
}

// ignored reports whether something is left out of the context of a Dockerfile:
// for it alone, or for its folder or one above, which may be the context.
func ignored(w *rules.World, file string) bool {
	file = filepath.ToSlash(file)
	for _, t := range w.Texts {
		if t.Kind != model.IgnoreFile {
			continue
		}
		at := filepath.ToSlash(t.Path)
		dir := path.Dir(at)
		if at == file+".dockerignore" || path.Base(at) == ".dockerignore" && (dir == "." || dir == path.Dir(file) || strings.HasPrefix(file, dir+"/")) {
			return true
		}
	}
	return false
}
