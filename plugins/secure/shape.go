// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
)

// api is the change in the shape that is printed.
func (c *change) api() api.PolicyPlan {
	out := api.PolicyPlan{
		TypeMeta: api.Type("PolicyPlan"), Objects: []map[string]any{},
		Warnings: notices(c.set.Warnings), Risks: notices(c.set.Risks), Violations: []api.PolicyViolation{}, Offers: patches(c.set.Offers),
	}
	var changed []plan.Change
	for _, one := range c.plan.Changes {
		if one.Verb == plan.Apply {
			out.Objects = append(out.Objects, one.After)
		} else {
			changed = append(changed, one)
		}
	}
	out.Patches = patches(changed)
	for _, v := range c.violations {
		out.Violations = append(out.Violations, api.PolicyViolation{
			ID: v.ID, Object: trace.Object(v.Object), Warning: v.Warning, Forced: c.forced(v), Reason: v.Reason, Fix: v.Fix,
		})
	}
	return out
}

func patches(changes []plan.Change) []api.FixPatch {
	var out []api.FixPatch
	for _, c := range changes {
		out = append(out, api.FixPatch{Object: *trace.Object(c.Object), Patch: c.Patch})
	}
	return out
}

func notices(all []policy.Notice) []api.PolicyNotice {
	out := []api.PolicyNotice{}
	for _, n := range all {
		one := api.PolicyNotice{Object: trace.Object(n.On), Where: n.Where, Text: n.Text, Fix: n.Fix}
		for _, also := range n.And {
			one.And = append(one.And, *trace.Object(also))
		}
		out = append(out, one)
	}
	return out
}
