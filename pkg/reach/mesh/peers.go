// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// peerName names a peer the way people type it.
func peerName(p model.Peer) string {
	switch {
	case p.Workload != nil:
		return kubectlName(p.Workload.Ref.Kind, p.Workload.Ref.Name)
	case p.Pod.Object != nil:
		return "pod/" + p.Pod.Ref.Name
	case p.Node:
		return "the kubelet"
	case p.Block.IsValid() && p.Block.Bits() == 0:
		return "the internet"
	case p.Block.IsValid():
		return p.Block.String()
	}
	return "the caller"
}

// kubectlName is kind/name with kubectl's short names.
func kubectlName(kind, name string) string {
	short := strings.ToLower(kind)
	switch kind {
	case "Deployment":
		short = "deploy"
	case "StatefulSet":
		short = "sts"
	case "DaemonSet":
		short = "ds"
	}
	return short + "/" + name
}

// accountNote explains an identity that comes from a default.
func accountNote(p model.Peer) string {
	if p.Workload != nil && p.Workload.Template != nil && p.Workload.Spec().ServiceAccountName == "" && p.Account() == "default" {
		return peerName(p) + " sets no serviceAccountName"
	}
	return ""
}
