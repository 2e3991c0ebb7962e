// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1579", Slug: "index-apart", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "apt-get update is a layer of its own",
	Why: `The layer is kept, so that a later "apt-get install" in another one looks packages up in an index of long ago:
it installs what is outdated, or fails with 404.`,
	Fix:       "Do both in one RUN: `RUN apt-get update && apt-get install -y --no-install-recommends ... && rm -rf /var/lib/apt/lists/*`.",
	Reference: "https://docs.docker.com/build/building/best-practices/#apt-get",
	Check: eachDockerfile(func(_ *rules.World, r *recipe, report reporter) {
		for _, s := range r.stages {
			for _, i := range s.Instructions {
				all := []command(nil)
				if i.Word == "RUN" {
					all = ran(i)
				}
				alone := len(all) == 1 && len(i.Heredocs) == 0
				for _, program := range []string{"apt-get", "apt"} {
					if alone && updates(all[0], program) {
						report(all[0].line, all[0].column, "%s update stands alone: what is installed later goes by an index of long ago", program).Hint =
							"do it in the RUN that installs: " + program + " update && " + program + " install"
					}
				}
			}
		}
	}),
})

func updates(c command, program string) bool {
	given, is := c.program(program)
	return is && anyOf(given, []string{"update"})
}
