// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Seen is the evidence that an event about an object gives.
func Seen(of ref.Ref, e *corev1.Event) finding.Evidence {
	return finding.Evidence{Kind: "event", Of: of.String(), Value: OneLine(e.Reason + ": " + e.Message), Time: model.EventTime(e)}
}

// OneLine makes evidence of what some component wrote: it folds white space and
// cuts what is too long to read (300 bytes).
func OneLine(s string) string {
	const limit = 300
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
