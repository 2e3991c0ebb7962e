// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package policy turns intents (who is meant to call whom) into the smallest set
// of policies that cannot lock anyone out, and policies back into intents.
//
// A direction of a workload that no intent speaks of is never closed: a policy
// of ours is written for it only where others close it already, so that it can
// only add. What pods cannot do without (DNS, istiod, the API server for
// accounts with rights, webhooks, probes that are not rewritten) is let through
// unasked.
//
// The package decides about objects only. Whether a request gets through is a
// question to the connectivity engine, which comes in as an argument (Ask). The
// invariant INV-SEEN, that no edge seen in telemetry is lost, is not here: it
// needs telemetry.
package policy

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Layers says which kinds of policies to write.
type Layers uint8

// The layers. Zero stands for Network and Authorization.
const (
	// Network are NetworkPolicies.
	Network Layers = 1 << iota
	// Authorization are AuthorizationPolicies and ServiceEntries.
	Authorization
	// MTLS are PeerAuthentications that demand mutual TLS.
	MTLS
)

// has reports whether the layers hold one; the default is filled in.
func (l Layers) has(one Layers) bool {
	if l == 0 {
		l = Network | Authorization
	}
	return l&one != 0
}

// Dataplane is how traffic of a workload meets the mesh.
type Dataplane int

// The data planes. Detect stands for "see what pods and labels say".
const (
	Detect Dataplane = iota
	NoMesh
	Sidecar
	Ambient
)

// String returns "detect", "none", "sidecar" or "ambient".
func (d Dataplane) String() string {
	return [...]string{"detect", "none", "sidecar", "ambient"}[d&3]
}

// Options are what the intents do not say.
type Options struct {
	// Layers are what to write; zero for Network and Authorization.
	Layers Layers
	// TrustDomain overrides that of the mesh's configuration.
	TrustDomain string
	// Mesh is the data plane of all workloads, Detect to find out for each.
	Mesh Dataplane
	// Egress lets DenyByDefault close egress too.
	Egress bool
}

// Object is an object to be applied, wholly ours.
type Object struct {
	Ref   ref.Ref
	Value map[string]any
	// Comments say where the object comes from, one line each, without "# ".
	Comments []string
	// Closes is true when the object closes a direction that was open: it goes
	// after all that only add.
	Closes bool
}

// Set is what to write, in the order in which to write it.
type Set struct {
	// Objects are wholly ours: those that only add first, then those that close.
	Objects []Object
	// Changes are patches of objects of ours that exist.
	Changes []plan.Change
	// Offers are patches of policies of others that would do instead of the
	// Objects and Changes: none is part of the Set unless somebody picks it.
	Offers []plan.Change
	// Warnings say where the policies are wider or weaker than the intent.
	Warnings []Notice
	// Risks say who may be locked out.
	Risks []Notice
}

// Empty reports whether nothing is to be written.
func (s Set) Empty() bool { return len(s.Objects) == 0 && len(s.Changes) == 0 }
