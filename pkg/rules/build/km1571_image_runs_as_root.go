// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1571", Slug: "image-runs-as-root", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Image runs as root, or as a user whose number nobody can see",
	Why: `Without USER most images run as root: who breaks out of the program owns all that is in the container, and
Pod Security at the level restricted refuses it. A user by name is no help there: the kubelet cannot tell that the name is not
that of root, and runAsNonRoot fails with "image has non-numeric user".`,
	Fix:       "End the last stage with a user by number that is not 0, `USER 65532:65532`, and let it own nothing but what it writes to.",
	Reference: "https://docs.docker.com/reference/dockerfile/#user",
	Aliases:   []string{"hadolint:DL3002", "checkov:CKV_DOCKER_3", "trivy:DS002"},
	Check:     eachDockerfile(rootUser),
})

// rootless are bases whose own user is not root, by what their names say.
var rootless = regexp.MustCompile(`(?i)nonroot|non-root|rootless|unprivileged|chiseled|cgr\.dev/chainguard|/chainguard/|/ubi\d+/|/ubi\d+-|bitnami/`)

func rootUser(_ *rules.World, r *recipe, report reporter) {
	lineage := r.final()
	user, given := r.last("USER")
	if !given {
		of := lineage[len(lineage)-1]
		base, known := r.base(of)
		if known && rootless.MatchString(base.String()) || !known && of.Image != "scratch" {
			return
		}
		line, column := lineage[0].Instructions[0].Place("")
		f := report(line, column, "no USER is given: what is built from %s runs as root", of.Image)
		f.Hint = "add a last line USER 65532:65532"
		if known {
			f.Confidence = finding.Likely // the base may name a user of its own
			f.Message = "no USER is given: what is built from " + of.Image + " runs as root, unless that says otherwise"
		}
		return
	}
	name, known := expand(user.Text, r.values(user))
	if !known {
		return
	}
	name, _, _ = strings.Cut(strings.Trim(name, `"'`), ":")
	line, column := user.Place(user.Text)
	switch {
	case name == "root" || strings.Trim(name, "0") == "" && name != "":
		report(line, column, "the image runs as root").Hint = "end it with USER 65532:65532"
	case strings.Trim(name, "0123456789") != "":
		report(line, column, "the image runs as user %s, a name: runAsNonRoot needs a number", name).Hint = "write its number: USER 65532:65532"
	}
}
