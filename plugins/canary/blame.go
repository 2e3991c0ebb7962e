// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"context"
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// blame names who has written the routes of a decision that met somebody else's
// write. Only then are the managedFields worth a request; without an answer the
// conflict stands for itself.
func (o *options) blame(ctx context.Context, d canary.Decision, err error) {
	if fault.KindOf(err) != fault.Conflict || o.offline() {
		return
	}
	seen := map[ref.Ref]bool{}
	for _, r := range d.Target.Routes {
		if seen[r.Object.Ref] {
			continue
		}
		seen[r.Object.Ref] = true
		live, err := o.client.Get(ctx, r.Object.Ref)
		if err != nil {
			continue
		}
		for _, owner := range cluster.Owners(live, r.Pointer) {
			if owner.Manager != o.write.FieldManager {
				fmt.Fprintf(o.Streams.ErrOut, "note: %s: %s wrote %s last\n", r.Object.Ref, render.Sanitise(owner.String()), owner.Field)
				break
			}
		}
	}
}
