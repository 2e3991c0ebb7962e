// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import "github.com/kubectl-micro/kubectl-micro/pkg/model"

// Version is a leg that a target has, or could have.
type Version struct {
	// Label is what --canary and --stable call it.
	Label string
	// Share is its part of the traffic, the mean of the routes that split it; 0 of a
	// version that no route knows yet.
	Share Percent
}

// Versions returns what a target's traffic can be split between, in the order of
// its routes.
func Versions(s *model.Snapshot, t Target) []Version {
	var out []Version
	for _, c := range t.backends(s) {
		v := Version{Label: Label(c.Backend)}
		if n := len(t.evidence()); n > 0 {
			v.Share = c.share / Percent(n)
		}
		out = append(out, v)
	}
	return out
}
