// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// meshed are the workloads with a proxy, or taken in by ztunnel, of each
// namespace that has any, the namespaces in their order.
func meshed(w *rules.World) (namespaces []string, in map[string][]*model.Workload) {
	in = map[string][]*model.Workload{}
	for _, of := range w.Judged("") {
		if plane, _ := w.Dataplane(of.Peers()[0]); plane != model.SidecarProxy && plane != model.AmbientProxy {
			continue
		}
		ns := of.Ref.Namespace
		if in[ns] == nil {
			namespaces = append(namespaces, ns)
		}
		in[ns] = append(in[ns], of)
	}
	return namespaces, in
}

// namespaceOr is the object of a namespace, or one that stands in for it.
func namespaceOr(w *rules.World, ns string, other *model.Object) *model.Object {
	if found, ok := w.Object(model.Namespaces.Ref("", ns)); ok {
		return found
	}
	return other
}
