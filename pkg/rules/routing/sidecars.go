// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"cmp"
	"slices"
	"strings"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

type sidecar = model.Item[istionetv1.Sidecar]

// sidecars are the Sidecars of each namespace in the order that Istio tries
// them: those with a selector first, the oldest first (push_context.go
// initSidecarScopes). The first that fits a workload is its only one.
type sidecars map[string][]sidecar

func newSidecars(w *rules.World) sidecars {
	out := sidecars{}
	for _, s := range model.Sidecars.In(w.Snapshot, "") {
		out[s.Ref.Namespace] = append(out[s.Ref.Namespace], s)
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b sidecar) int {
			return cmp.Or(cmp.Compare(order(a), order(b)), a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time))
		})
	}
	return out
}

// order puts Sidecars with a selector before those without.
func order(s sidecar) int {
	if s.Value.Spec.GetWorkloadSelector() != nil {
		return 0
	}
	return 1
}

// selects reports whether a Sidecar of the workload's namespace applies to it.
func selects(s sidecar, o *model.Workload) bool {
	return labels.SelectorFromSet(s.Value.Spec.GetWorkloadSelector().GetLabels()).Matches(labels.Set(o.Template.Labels))
}

// of returns the Sidecar of a workload.
func (x sidecars) of(o *model.Workload, root string) (sidecar, bool) {
	for _, s := range x[o.Ref.Namespace] {
		if selects(s, o) {
			return s, true
		}
	}
	for _, s := range x[root] {
		if order(s) == 1 {
			return s, true
		}
	}
	return sidecar{}, false
}

// strict reports whether a Sidecar refuses requests to hosts it does not
// import, and names what it imports. Without egress it imports everything.
func strict(s sidecar) bool {
	policy := s.Value.Spec.GetOutboundTrafficPolicy()
	return policy != nil && policy.GetMode().String() == "REGISTRY_ONLY" && len(s.Value.Spec.GetEgress()) > 0
}

// imports reports whether the egress hosts of a Sidecar let its workloads in a
// namespace see a host that belongs to another.
func imports(s sidecar, namespace, of, fqdn string) bool {
	for _, e := range s.Value.Spec.GetEgress() {
		for _, h := range e.GetHosts() {
			ns, pattern, ok := strings.Cut(h, "/")
			if !ok {
				return true // not valid: nobody knows what is meant
			}
			if ns == "." {
				ns = namespace
			}
			if (ns == "*" || ns == of) && model.Covers(pattern, fqdn) {
				return true
			}
		}
	}
	return false
}
