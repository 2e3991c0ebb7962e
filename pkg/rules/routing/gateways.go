// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// gateways knows in which namespaces the pods of Gateways run: their view is
// the one that counts for what is bound to a Gateway.
type gateways struct {
	w    *rules.World
	runs map[ref.Ref][]string
}

func newGateways(w *rules.World) gateways { return gateways{w, map[ref.Ref][]string{}} }

// namespaces returns where a Gateway's pods run, none if that is not known.
func (g gateways) namespaces(of ref.Ref) []string {
	out, known := g.runs[of]
	if known {
		return out
	}
	gateway, found := model.IstioGateways.Get(g.w.Snapshot, of.Namespace, of.Name)
	if found && len(gateway.Value.Spec.GetSelector()) > 0 {
		want := labels.SelectorFromSet(gateway.Value.Spec.GetSelector())
		for _, o := range g.w.Workloads("") {
			if want.Matches(labels.Set(o.Template.Labels)) && !slices.Contains(out, o.Ref.Namespace) {
				out = append(out, o.Ref.Namespace)
			}
		}
	}
	g.runs[of] = out
	return out
}

// callers are the namespaces from which a VirtualService is certainly used: its
// own, if it is for the mesh, and those where the pods of its Gateways run.
func (g gateways) callers(vs virtualService) []string {
	b := bound(vs)
	var out []string
	if b.mesh {
		out = append(out, vs.Ref.Namespace)
	}
	for _, of := range b.gateways {
		out = append(out, g.namespaces(of)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
