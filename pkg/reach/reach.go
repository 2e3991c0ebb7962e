// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package reach answers whether one end gets through to another, and why: over
// names, routes, NetworkPolicy and its cluster-wide kin, mutual TLS, tokens and
// authorization, hop by hop in the order in which a packet meets them.
//
// The engine is pure: a Snapshot goes in, verdicts with reasons come out, and a
// live cluster, files, or one overlaid with the other are all Snapshots. What
// cannot be told from the Snapshot is unknown, with the reason, never a guess.
package reach

import (
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
)

// Options are the facts about the world that are in no object.
type Options struct {
	// BlocksMatchPods is true where ipBlocks of NetworkPolicies match the
	// addresses of pods as well, which depends on the network plugin.
	BlocksMatchPods bool
	// TrustDomain overrides that of the mesh's configuration.
	TrustDomain string
}

// Engine answers questions about one Snapshot. It is safe for concurrent use.
type Engine struct {
	s    *model.Snapshot
	net  *network.Engine
	mesh *mesh.Engine
	// config is the configuration of the mesh.
	config model.MeshConfig
	// What is computed once, at the first need.
	dns       func() []resolver
	sidecars  func() sidecars
	addresses func() addresses
}

// New returns the engine of a Snapshot.
func New(s *model.Snapshot, o Options) *Engine {
	e := &Engine{
		s:    s,
		net:  network.New(s, network.Options{BlocksMatchPods: o.BlocksMatchPods}),
		mesh: mesh.New(s, mesh.Options{TrustDomain: o.TrustDomain}),
	}
	e.config = e.mesh.Config()
	e.dns = sync.OnceValue(e.findResolvers)
	e.sidecars = sync.OnceValue(e.findSidecars)
	e.addresses = sync.OnceValue(e.findAddresses)
	return e
}
