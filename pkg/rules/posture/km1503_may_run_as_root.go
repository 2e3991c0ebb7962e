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
	ID: "KM1503", Slug: "may-run-as-root", Severity: finding.Info, Hygiene: true,
	Short: "Container may run as root",
	Why: `User 0 of a container is user 0 of its node, but for the walls of the container; a hole in one of these
and it is root. runAsNonRoot: true has the kubelet refuse an image that would run as root, whatever a
later build of it does.`,
	Fix: `Set runAsNonRoot: true for the pod, and runAsUser where the image names its user by a name and not by a
number. An image that only runs as root needs a build that does not, or hostUsers: false.`,
	Reference: standards + "#restricted",
	Aliases:   []string{"kube-linter:run-as-non-root", "polaris:runAsRootAllowed", "kubescape:C-0013"},
	Needs:     model.WorkloadKinds,
	Check:     unmet(NonRoot),
	Repair:    demandNonRoot,
})

// demandNonRoot has the kubelet refuse root. Who names user 0 means it: that is
// not for a program to overrule.
func demandNonRoot(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || r.On.Live() && !of.Editable() || strings.HasSuffix(r.Pointer, "/runAsUser") || strings.HasSuffix(r.Pointer, "/runAsNonRoot") {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "have root refused in all containers of the pod", r.On, rules.Set(r.On, of.SpecAt()+"/securityContext/runAsNonRoot", true))}
}
