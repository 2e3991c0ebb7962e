// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package policytest puts the policies that pkg/policy makes before the
// connectivity engine of pkg/reach. Neither package imports the other, so that
// what only the two together can show is tested here.
package policytest

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

// Apply is a world with a Set of policies written to it.
func Apply(t testing.TB, s *model.Snapshot, set policy.Set) *model.Snapshot {
	t.Helper()
	var objects []*model.Object
	add := func(raw map[string]any, namespace string) {
		o, err := model.Decode(raw, namespace)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	for _, o := range set.Objects {
		add(o.Value, o.Ref.Namespace)
	}
	for _, c := range set.Changes {
		add(c.After, c.Object.Namespace)
	}
	return s.With(objects...)
}
