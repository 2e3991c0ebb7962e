// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1536", Slug: "ssh",
	Short: "Container can be reached by SSH",
	Why: `A shell that answers on the network is a way in that no RBAC governs and no audit log sees; it has keys and
passwords of its own, and what is changed through it is gone with the pod.`,
	Fix:       "Leave SSH out of the image; kubectl exec and kubectl debug do the same with the rights of the cluster.",
	Reference: "https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/",
	Aliases:   []string{"kube-linter:ssh-port", "kubescape:C-0042"},
	Needs:     append([]*model.Kind{model.Services.Kind}, model.WorkloadKinds...),
	Check:     checkSSH,
})

func checkSSH(w *rules.World, emit rules.Emit) {
	for _, of := range w.Judged("") {
		for at, c := range of.Containers() {
			for i, p := range c.Ports {
				if p.ContainerPort == 22 && (p.Protocol == "" || p.Protocol == corev1.ProtocolTCP) {
					emit(of.Object, at+patch.Pointer("ports", i, "containerPort"), "container %s listens on port 22, that of SSH", c.Name)
				}
			}
		}
	}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if rules.System(svc.Ref.Namespace) || len(svc.Value.Spec.Selector) == 0 {
			continue
		}
		for i, p := range svc.Value.Spec.Ports {
			if p.Port == 22 || p.Port == 2222 || p.TargetPort.IntVal == 22 || p.TargetPort.IntVal == 2222 {
				emit(svc.Object, patch.Pointer("spec", "ports", i), "it leads to a port of SSH, %d", p.Port)
			}
		}
	}
}
