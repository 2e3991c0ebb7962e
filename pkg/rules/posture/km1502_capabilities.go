// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1502", Slug: "capabilities", Severity: finding.Info, Hygiene: true,
	Short: "Container has capabilities of root",
	Why: `A container runtime leaves a dozen capabilities to a container that does not drop them: to write raw packets,
to change the owners of files, to bind low ports. Hardly any service needs one, and each is a way on for
somebody who has broken in.`,
	Fix:       "Drop ALL in every container, and add back what a test shows to be missing; NET_BIND_SERVICE is the only one that level restricted allows.",
	Reference: standards + "#restricted",
	Aliases: []string{
		"polaris:dangerousCapabilities", "polaris:insecureCapabilities", "kubescape:C-0046",
		"kube-linter:drop-net-raw-capability",
	},
	Needs:  model.WorkloadKinds,
	Check:  unmet(Capabilities),
	Repair: dropAll,
})

// dropAll drops all capabilities of a container that keeps some; to take away
// what one adds is more than a program should decide.
func dropAll(w *rules.World, r rules.Result) []rules.Fix {
	if strings.Contains(r.Pointer, "/capabilities/add") {
		return nil
	}
	return harden("drop all capabilities", "/capabilities/drop", []any{"ALL"})(w, r)
}
