// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"regexp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2515", Slug: "contact",
	Short:     "Workload does not say where its owners can be written to",
	Why:       "A label cannot hold an address. An annotation can, and alerts can be sent there.",
	Fix:       "Annotate the workload email: ADDRESS; scaffold does with --email, or metadata.email in micro.yaml.",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
	Aliases:   []string{"kube-linter:required-annotation-email"},
	Needs:     model.WorkloadKinds,
	Check: eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		if address.MatchString(of.Meta().GetAnnotations()["email"]) {
			return "", ""
		}
		return "/metadata/annotations/email", "it has no annotation email with an address of its owners"
	}),
})

// address is what looks like the address of a mailbox.
var address = regexp.MustCompile(`[\w.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+`)
