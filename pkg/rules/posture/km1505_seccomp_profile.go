// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1505", Slug: "seccomp-profile", Severity: finding.Info, Hygiene: true,
	Short: "Container may make every system call",
	Why: `Without a seccomp profile a container has all system calls of the kernel, a few hundred of them that no service
uses; most ways out of a container have begun with one of these. The runtime's own profile leaves
those out, and hardly any program notices.`,
	Fix:       "Set seccompProfile.type: RuntimeDefault in the security context of the pod.",
	Reference: "https://kubernetes.io/docs/tutorials/security/seccomp/",
	Aliases: []string{
		"kube-score:container-seccomp-profile", "kubescape:C-0210",
		"polaris:linuxHardening", "kubescape:C-0055",
	},
	Needs:  model.WorkloadKinds,
	Check:  unmet(Seccomp),
	Repair: confine,
})

// confine sets the profile of the whole pod, where no container has one of its
// own that is worse.
func confine(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.On.Ref)
	if !found || r.On.Live() && !of.Editable() {
		return nil
	}
	at := of.SpecAt() + "/securityContext/seccompProfile"
	if text, ok := r.Text(); ok && text != "" { // it is Unconfined
		at = r.Pointer[:len(r.Pointer)-len("/type")]
	}
	return []rules.Fix{rules.Change(rules.Review, "confine the containers to the system calls of the runtime's profile", r.On, rules.Set(r.On, at, map[string]any{"type": "RuntimeDefault"}))}
}
