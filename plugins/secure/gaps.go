// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
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
func sighted(s *model.Snapshot, namespaces []string) error {
	reason := unseen(s, namespaces)
	if reason == "" {
		return nil
	}
	return fault.Failedf("the policies that there are have to be known to write others: %s", reason).
		Try("ask for the right to list networkpolicies, authorizationpolicies and peerauthentications")
}
