// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Quota is one resource of one ResourceQuota.
type Quota struct {
	Ref ref.Ref
	// Resource is as the quota spells it: "requests.cpu", "pods".
	Resource string
	// Used and Hard are in the unit of the resource: cores, bytes, or a number.
	Used, Hard float64
	// Ratio is the share that is used; nil where nothing at all is allowed.
	Ratio *float64
}

// OfPods reports whether the resource is one that pods use up: their number, or what
// they ask for (https://kubernetes.io/docs/concepts/policy/resource-quotas/).
func (q Quota) OfPods() bool {
	switch name := strings.TrimPrefix(strings.TrimPrefix(q.Resource, "requests."), "limits."); name {
	case "pods", "count/pods", "cpu", "memory", "ephemeral-storage":
		return true
	default: // GPUs and the like, which only requests have
		return strings.HasPrefix(name, "hugepages-") || strings.HasPrefix(q.Resource, "requests.") && strings.Contains(name, "/")
	}
}

// Quotas returns what is used of the quotas of a namespace (all if empty), as
// their status says, sorted by quota and resource. A quota that the cluster has
// not counted yet is left out.
func Quotas(s *model.Snapshot, namespace string) []Quota {
	var out []Quota
	for _, q := range model.ResourceQuotas.In(s, namespace) {
		first := len(out)
		for name, hard := range q.Value.Status.Hard {
			used, counted := q.Value.Status.Used[name]
			if !counted {
				continue
			}
			one := Quota{Ref: q.Ref, Resource: string(name), Used: used.AsApproximateFloat64(), Hard: hard.AsApproximateFloat64()}
			one.Ratio = ratio(&one.Used, &one.Hard)
			out = append(out, one)
		}
		slices.SortFunc(out[first:], func(a, b Quota) int { return cmp.Compare(a.Resource, b.Resource) })
	}
	return out
}
