// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// rehearse lets the server check the changes of a plan before the first of them
// is written: one that is forbidden or invalid would otherwise leave the plan
// half done. A single change needs none of that, for it is written or not.
//
// A change that builds on an earlier one, because it is about the same object or
// about one in a namespace that the plan itself writes, cannot be checked alone.
func (s *Sink) rehearse(ctx context.Context, p plan.Plan) error {
	if s.DryRun || requests(p) < 2 {
		return nil
	}
	dry := *s
	dry.DryRun = true
	r := run{Sink: &dry, stored: map[ref.Ref]map[string]any{}}
	earlier := map[ref.Ref]bool{}
	for _, c := range p.Changes {
		object := unversioned(c.Object)
		if earlier[object] || earlier[ref.Ref{Kind: "Namespace", Name: object.Namespace}] {
			continue
		}
		earlier[object] = true
		if _, err := r.carryOut(ctx, c); err != nil && !isDryRunRefused(err) {
			return err
		}
	}
	return nil
}

// requests is how many changes of a plan ask the server for anything.
func requests(p plan.Plan) int {
	n := 0
	for _, c := range p.Changes {
		if c.Verb != plan.Patch || !c.Noop() {
			n++
		}
	}
	return n
}

func unversioned(object ref.Ref) ref.Ref {
	object.Version = ""
	return object
}

// isDryRunRefused reports an admission webhook that has side effects and is
// therefore never asked about a dry run (apiserver, admission/plugin/webhook/
// errors, NewDryRunUnsupportedErr). The write itself may well be fine.
func isDryRunRefused(err error) bool {
	return apierrors.IsBadRequest(err) && strings.Contains(err.Error(), "does not support dry run")
}
