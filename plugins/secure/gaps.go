// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/world"
)

// policyKinds are the kinds without which nobody can tell what is closed.
var policyKinds = []*model.Kind{
	model.NetworkPolicies.Kind, model.AuthorizationPolicies.Kind, model.PeerAuthentications.Kind,
}

// unseen is why the policies of some namespaces (all, if there are none) are not
// known; empty where they are.
func unseen(s *model.Snapshot, namespaces []string) string {
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	for _, k := range policyKinds {
		for _, ns := range namespaces {
			if g, gap := s.Gap(k.GroupKind, ns); gap && !g.Unasked {
				return g.Reason
			}
		}
	}
	return ""
}

// sighted is an error where policies are to be written and those that there are
// cannot be read: what they close already would be missed.
func (l *look) sighted(seen *world.Seen) error {
	const needed = "the policies that there are have to be known to write others: %s"
	if reason := unseen(seen.Snapshot, l.namespaces()); reason != "" {
		return fault.Failedf(needed, reason).Try("ask for the right to list networkpolicies, authorizationpolicies and peerauthentications")
	}
	if reason := trace.Doubt(seen.Unread); reason != "" {
		return fault.Failedf(needed, reason).Try("mend it first: %s", l.mend())
	}
	return nil
}

// mend is the command that says what is wrong with what could not be read.
func (l *look) mend() string {
	switch f := l.world.Flags; {
	case f.Files.Given():
		return "kubectl micro diagnose" + f.Files.Words()
	case f.Snapshot != "":
		return "kubectl micro diagnose --snapshot " + cli.Quote(f.Snapshot)
	}
	return "kubectl micro diagnose -A"
}

// undecided is the exit code of an answer that what could not be read may change.
func undecided(unread []error) error {
	if len(unread) == 0 {
		return nil
	}
	return fault.Silently(fault.Undecided)
}
