// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// blind is the error of a diagnosis that was let to see nothing at all: that
// nothing is found then means nothing. It is nil where any kind could be read.
func (w *world) blind(s *model.Snapshot, asked []*model.Kind) error {
	reason := ""
	for _, k := range asked {
		g, gap := s.Gap(k.GroupKind, scopeOf(k, w.namespace))
		if !gap {
			return nil
		}
		if reason == "" {
			reason = g.Reason
		}
	}
	if reason == "" {
		return nil
	}
	if w.namespace == "" {
		return fault.Failedf("nothing in the cluster could be looked at: %s", reason).
			Try("look at one namespace that you may read: kubectl micro diagnose -n NAMESPACE")
	}
	return fault.Failedf("nothing in namespace %s could be looked at: %s", w.namespace, reason).
		Try("see what you may do there: kubectl auth can-i --list -n %s", w.namespace)
}
