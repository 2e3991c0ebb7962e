// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1577", Slug: "base-image-moves", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Base image is named by the tag latest, or by none",
	Why: `latest is whatever was pushed last: the next build may be on another major version, and nobody can tell what
the last one was on.`,
	Fix:       "Name a version, such as `node:24-trixie-slim`, or better its digest, and let a bot propose the next one.",
	Reference: "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
	Aliases:   []string{"hadolint:DL3006", "hadolint:DL3007", "trivy:DS001"},
	Check: eachDockerfile(func(_ *rules.World, r *recipe, report reporter) {
		for _, s := range r.stages {
			base, known := r.base(s)
			if _, tag, _ := strings.Cut(s.Image, ":"); !known || strings.Contains(tag, "$") {
				continue // the build may say otherwise
			}
			if how, moving := base.moves(); moving {
				line, column := s.Instructions[0].Place(s.Image)
				report(line, column, "base image %s %s", base, how).Hint = "name a version: FROM " + base.name + ":VERSION"
			}
		}
	}),
})
