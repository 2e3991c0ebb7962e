// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
)

// noPriority is the rule that pods without the PriorityClass do not meet.
const noPriority = "KM1529"

// verify refuses objects that fail the lint of what is generated: they would be
// told off by the linters of whoever takes them.
func (o *outputFlags) verify(s api.System, objects []map[string]any) error {
	if o.noVerify {
		return nil
	}
	var but []string
	if s.Profile == "dev" {
		but = append(but, lint.Relaxed...)
	}
	if o.skipClusterScoped {
		but = append(but, noPriority)
	}
	var errs []error
	for _, r := range lint.Verify(objects, but...) {
		errs = append(errs, fault.Refusedf("%s: %s (%s): %s", r.Object, r.ID, r.Rule.Slug, r.Message).
			Try("kubectl micro scaffold explain %s; --no-verify prints it all the same", r.ID))
	}
	return errors.Join(errs...)
}
