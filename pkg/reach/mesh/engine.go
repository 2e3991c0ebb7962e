// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package mesh decides what Istio does with a request: the TLS that client and
// server agree on, the token, and the AuthorizationPolicies at each point that
// enforces them: gateways, sidecars, and ztunnel and waypoints in ambient mode.
//
// A Request may leave things open. An answer then says what it depends on, and
// is unknown where nobody can tell; it is never guessed. Policies are compiled
// once, found once for each class of labels that policies tell apart, and the
// answers about all requests between two peers (Admits) are remembered by
// classes of identities, so that all pairs of a large mesh are cheap.
package mesh

import (
	"fmt"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Options are what an Engine is told besides the world.
type Options struct {
	// TrustDomain overrides the one of the mesh configuration.
	TrustDomain string
}

// Engine answers questions about one Snapshot. It is safe for concurrent use.
type Engine struct {
	s      *model.Snapshot
	config model.MeshConfig
	// domainWhy says why the trust domain may be another one; empty if it is known.
	domainWhy string

	authz   func() *index[*policy]
	tokens  func() *index[*requestAuthn]
	peers   func() *index[*peerAuthn]
	filters func() *index[*filter]

	doorways func() map[*model.Workload]bool
	accounts func() map[string]bool
	traits   func() traits

	planes    memo[planeKey, plane]
	hosts     memo[*model.Workload, []string]
	clients   memo[clientKey, clientChoice]
	classOf   memo[planeKey, classes]
	namings   memo[int, *naming]
	gaps      memo[gapKey, string]
	summaries memo[summaryKey, Summary]

	mu      sync.Mutex
	numbers map[string]int // of classes
}

// New returns an engine over a Snapshot.
func New(s *model.Snapshot, o Options) *Engine {
	e := &Engine{s: s, config: s.MeshConfig(), numbers: map[string]int{}}
	if o.TrustDomain != "" {
		e.config.TrustDomain = o.TrustDomain
	} else {
		e.domainWhy = e.config.Unknown
	}
	e.authz = sync.OnceValue(e.readPolicies)
	e.tokens = sync.OnceValue(e.readRequestAuthns)
	e.accounts = sync.OnceValue(e.readAccounts)
	e.traits = sync.OnceValue(e.readTraits)
	e.peers = sync.OnceValue(e.readPeerAuthns)
	e.doorways = sync.OnceValue(e.readDoorways)
	e.filters = sync.OnceValue(e.readFilters)
	return e
}

// Config is the mesh configuration that the engine goes by.
func (e *Engine) Config() model.MeshConfig { return e.config }

// plane is what stands between a peer and the network, and why.
type plane struct {
	model.Dataplane
	why string
}

// planeKey tells apart the peers whose dataplane may differ: live pods, and the
// template of a workload.
type planeKey struct {
	workload *model.Workload
	pod      *model.Object
}

// Dataplane tells what stands between a peer and the network, and why in a few
// words.
func (e *Engine) Dataplane(p model.Peer) (model.Dataplane, string) {
	if p.Workload == nil && p.Pod.Object == nil {
		return e.s.Dataplane(p)
	}
	found := e.planes.get(planeKey{p.Workload, p.Pod.Object}, func() plane {
		d, why := e.s.Dataplane(p)
		return plane{d, why}
	})
	return found.Dataplane, found.why
}

// Identity is the principal of a pod, without "spiffe://", that its proxy would
// prove if it has one; empty for addresses and nodes.
func (e *Engine) Identity(p model.Peer) string {
	if !p.IsPod() {
		return ""
	}
	return e.principal(p).text
}

// principal is the identity of a pod.
func (e *Engine) principal(p model.Peer) principal {
	return principalOf(e.config.TrustDomain, p.Namespace, p.Account())
}

// hidden says why objects of a kind that count in a namespace may be missing, or
// which of them nobody can read; empty when all are in view.
func (e *Engine) hidden(k *model.Kind, namespace string) string {
	return e.gaps.get(gapKey{k, namespace}, func() string {
		for _, ns := range []string{e.config.RootNamespace, namespace} {
			if gap, hidden := e.s.Gap(k.GroupKind, ns); hidden {
				if gap.Reason != "" {
					return gap.Reason
				}
				return fmt.Sprintf("cannot read %s of namespace %s", k.Resource, ns)
			}
			for _, o := range e.s.InNamespace(k.GroupKind, ns) {
				if !readable(o) {
					return fmt.Sprintf("%s does not fit its schema (%s)", o.Ref, o.Where(""))
				}
			}
		}
		return ""
	})
}

// readable reports whether an object has its typed view.
func readable(o *model.Object) bool {
	_, ap := model.AuthorizationPolicies.Of(o)
	_, pa := model.PeerAuthentications.Of(o)
	_, ra := model.RequestAuthentications.Of(o)
	return ap || pa || ra
}

// gapKey names the objects of a kind in a namespace.
type gapKey struct {
	kind      *model.Kind
	namespace string
}

// memo remembers answers. It is safe for concurrent use; two callers may work
// out the same answer.
type memo[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

func (m *memo[K, V]) get(key K, find func() V) V {
	m.mu.RLock()
	v, ok := m.known[key]
	m.mu.RUnlock()
	if ok {
		return v
	}
	v = find()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[K]V{}
	}
	m.known[key] = v
	return v
}
