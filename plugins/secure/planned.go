// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// planned turns a set into changes, in the order of the set: what only adds goes
// before what closes.
func planned(s *model.Snapshot, set policy.Set) plan.Plan {
	changes := slices.Clone(set.Changes)
	for _, o := range set.Objects {
		c := plan.Change{Object: o.Ref, Verb: plan.Apply, After: o.Value, Reason: strings.Join(o.Comments, "; ")}
		if old, found := s.Object(o.Ref); found {
			c.Before = old.Raw()
			if holds(old.Raw(), o.Value) {
				continue
			}
		}
		changes = append(changes, c)
	}
	return plan.Plan{Changes: changes}
}

// holds reports whether a value has all that another has: what is applied is a
// part of the object that the API server keeps.
func holds(has, wants any) bool {
	switch wants := wants.(type) {
	case map[string]any:
		object, is := has.(map[string]any)
		for key, value := range wants {
			if !is || !holds(object[key], value) {
				return false
			}
		}
		return is
	case []any:
		items, is := has.([]any)
		if !is || len(items) != len(wants) {
			return false
		}
		for i := range wants {
			if !holds(items[i], wants[i]) {
				return false
			}
		}
		return true
	}
	return patch.Equal(has, wants)
}

// asStored is the plan with whole objects behind it: what is applied is a part of
// the object that the API server keeps.
func asStored(p plan.Plan) plan.Plan {
	out := plan.Plan{Changes: slices.Clone(p.Changes)}
	for i, c := range out.Changes {
		if c.Verb == plan.Apply && c.Before != nil {
			out.Changes[i].After = merged(c.Before, c.After)
		}
	}
	return out
}

// merged is an object with the fields of another over it; lists are taken whole.
func merged(object, over map[string]any) map[string]any {
	out := maps.Clone(object)
	for key, value := range over {
		below, nested := value.(map[string]any)
		if has, is := out[key].(map[string]any); is && nested {
			out[key] = merged(has, below)
			continue
		}
		out[key] = value
	}
	return out
}

// laidOver is the world as the plan would leave it.
func laidOver(s *model.Snapshot, p plan.Plan) (*model.Snapshot, error) {
	var objects []*model.Object
	for _, c := range p.Changes {
		o, err := model.Decode(c.After, c.Object.Namespace)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return s.With(objects...), nil
}
