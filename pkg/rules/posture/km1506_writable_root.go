// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1506", Slug: "writable-root", Severity: finding.Info, Hygiene: true,
	Short: "Container can write to its own image",
	Why: `Where the root filesystem can be written, somebody who gets in can replace the program, leave tools and hide
them; and what the service itself writes there is lost with the container and fills the disk of the node.`,
	Fix: `Set readOnlyRootFilesystem: true and mount an emptyDir where the program has to write, /tmp most often.
A program that writes elsewhere fails with "read-only file system" and the path: try it before production.`,
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
	Aliases: []string{
		"kube-linter:no-read-only-root-fs", "polaris:notReadOnlyRootFilesystem",
		"kube-score:container-security-context-readonlyrootfilesystem", "kubescape:C-0017",
	},
	Needs: model.WorkloadKinds,
	Check: eachContainer(writableRoot),
	Repair: harden("make the root filesystem read-only; what the program writes needs a volume",
		"/readOnlyRootFilesystem", true),
})

func writableRoot(_ *rules.World, of *model.Workload, c *corev1.Container) (field, text string) {
	if os := of.Spec().OS; os != nil && os.Name == corev1.Windows || yes(contextOf(c).ReadOnlyRootFilesystem) {
		return "", ""
	}
	return "/securityContext/readOnlyRootFilesystem", "can write to its root filesystem: readOnlyRootFilesystem is not true"
}
