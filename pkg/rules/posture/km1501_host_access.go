// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1501", Slug: "host-access", Severity: finding.Info, Hygiene: true,
	Short: "Pod reaches into its node",
	Why: `A container that is privileged, that shares a namespace, a path or a port with its node, or that is let out of
its confinement, is as good as a process of the node: who breaks into it has the node, with the credentials
of the kubelet and the files of every other pod. Level baseline of the Pod Security Standards forbids all of it.`,
	Fix: `Take what the pod needs in another way: a PersistentVolumeClaim for a path of the node, a Service for a
port, a single capability for privileged. What has to touch nodes belongs into a namespace of its own,
whose level is privileged, with few people who may write to it.`,
	Reference: standards + "#baseline",
	Aliases: []string{
		"kube-linter:privileged-container", "kube-linter:host-network", "kube-linter:host-pid", "kube-linter:host-ipc",
		"kube-linter:docker-sock", "kube-linter:sensitive-host-mounts", "kube-linter:writable-host-mount",
		"kube-linter:unsafe-sysctls", "kube-linter:unsafe-proc-mount",
		"kube-score:container-security-context-privileged",
		"polaris:hostNetworkSet", "polaris:hostPIDSet", "polaris:hostIPCSet", "polaris:hostPathSet", "polaris:hostPortSet",
		"polaris:runAsPrivileged", "polaris:hostProcess", "polaris:procMount",
		"kubescape:C-0038", "kubescape:C-0041", "kubescape:C-0044", "kubescape:C-0048", "kubescape:C-0057", "kubescape:C-0020",
		"kubescape:C-0045", "kubescape:C-0074",
	},
	Needs: model.WorkloadKinds,
	Check: unmet(HostProcess, HostNamespaces, PrivilegedContainer, HostPathVolumes, HostPorts, HostProbes, AppArmor, SELinux, ProcMount, Sysctls),
})
